// Dropout's decisions (numerics 5.5), Lanes elements a cycle: of the stream (seed, 4, epoch) the
// values from number first_i on, kept where their upper 16 bits reach the threshold. The stream's
// keys (5.2) are made in lane 0 on the way, 82 cycles before the first beat: epoch and first index
// times SplitMix64's increment bit by bit, then three mixes, one on another.
module dropout_unit #(
  parameter int Lanes = 16
) (
  input  logic             clk_i,
  input  logic             rst_ni,
  input  logic             start_i,      // taken when not busy_o
  input  logic [63:0]      seed_i,       // stable until not busy_o, as all below
  input  logic [63:0]      epoch_i,
  input  logic [63:0]      first_i,
  input  logic [16:0]      threshold_i,  // 0..65536
  input  logic [31:0]      elements_i,   // at least 1
  output logic             busy_o,       // beats have not left
  output logic             work_o,
  output logic             valid_o,
  input  logic             ready_i,
  output logic [31:0]      beat_o,
  output logic [Lanes-1:0] mask_o,       // lanes that have an element
  output logic [Lanes-1:0] keep_o
);
  localparam logic [63:0] Gamma   = 64'h9E3779B97F4A7C15;
  localparam logic [63:0] Purpose = 64'd5 * Gamma;  // dropout's, 4, and 1
  localparam logic [63:0] Beat    = 64'(Lanes) * Gamma;

  typedef enum logic [2:0] {IDLE, MULTIPLY, KEY, RUN} state_e;
  state_e state_d, state_q;

  // Products by the increment: multiples of it, doubled bit by bit.
  logic [5:0]  bit_d, bit_q;
  logic [63:0] multiple_d, multiple_q, epoch_d, epoch_q, first_d, first_q;

  // What lane 0 mixes; the other lanes are multiples of the increment further.
  logic [63:0] base_d, base_q, mixed0;
  logic [1:0]  key_d, key_q, wait_d, wait_q;

  logic [31:0] left_d, left_q, leaving_d, leaving_q, beat_d, beat_q;
  logic [2:0]  stage_d, stage_q;  // of the lanes, that have a beat
  logic        advance, issue, leave;

  assign issue   = state_q == RUN && left_q != '0 && advance;
  assign leave   = valid_o && ready_i;
  assign valid_o = stage_q[2];
  assign advance = state_q == KEY || (state_q == RUN && (!stage_q[2] || ready_i));
  assign busy_o  = state_q != IDLE;
  assign work_o  = issue;
  assign beat_o  = beat_q;

  for (genvar l = 0; l < Lanes; l++) begin : gen_lane
    localparam logic [63:0] Offset = 64'(l) * Gamma;
    logic [63:0] mixed;
    splitmix u_mix (
      .clk_i(clk_i), .advance_i(advance), .value_i(base_q + Offset), .mixed_o(mixed)
    );
    assign keep_o[l] = 17'(mixed[63:48]) >= threshold_i;
    assign mask_o[l] = leaving_q > 32'(l);
    if (l == 0) begin : gen_key
      assign mixed0 = mixed;
    end else begin : gen_no_key
      logic unused_mixed;
      assign unused_mixed = ^mixed[47:0];
    end
  end

  always_comb begin
    state_d    = state_q;
    bit_d      = bit_q;
    multiple_d = multiple_q;
    epoch_d    = epoch_q;
    first_d    = first_q;
    base_d     = base_q;
    key_d      = key_q;
    wait_d     = wait_q;
    left_d     = left_q;
    leaving_d  = leaving_q;
    beat_d     = beat_q;
    stage_d    = stage_q;
    case (state_q)
      IDLE: begin
        if (start_i) begin
          state_d    = MULTIPLY;
          bit_d      = '0;
          multiple_d = Gamma;
          epoch_d    = Gamma;
          first_d    = Gamma;
          base_d     = seed_i + Gamma;
          key_d      = '0;
          wait_d     = '0;
          left_d     = elements_i;
          leaving_d  = elements_i;
          beat_d     = '0;
        end
      end
      MULTIPLY: begin
        multiple_d = multiple_q << 1;
        if (epoch_i[bit_q]) epoch_d = epoch_q + multiple_q;
        if (first_i[bit_q]) first_d = first_q + multiple_q;
        bit_d = bit_q + 6'd1;
        if (bit_q == 6'd63) state_d = KEY;
      end
      KEY: begin
        wait_d = wait_q + 2'd1;
        if (wait_q == 2'd3) begin
          key_d = key_q + 2'd1;
          case (key_q)
            2'd0:    base_d = mixed0 + Purpose;
            2'd1:    base_d = mixed0 + epoch_q;
            default: base_d = mixed0 + first_q;
          endcase
          if (key_q == 2'd2) state_d = RUN;
        end
      end
      RUN: begin
        if (issue) begin
          base_d = base_q + Beat;
          left_d = (left_q > 32'(Lanes)) ? left_q - 32'(Lanes) : '0;
        end
        if (advance) stage_d = {stage_q[1:0], issue};
        if (leave) begin
          beat_d    = beat_q + 32'd1;
          leaving_d = (leaving_q > 32'(Lanes)) ? leaving_q - 32'(Lanes) : '0;
          if (leaving_q <= 32'(Lanes)) state_d = IDLE;
        end
      end
      default: state_d = IDLE;
    endcase
  end

  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) begin
      state_q    <= IDLE;
      bit_q      <= '0;
      multiple_q <= '0;
      epoch_q    <= '0;
      first_q    <= '0;
      base_q     <= '0;
      key_q      <= '0;
      wait_q     <= '0;
      left_q     <= '0;
      leaving_q  <= '0;
      beat_q     <= '0;
      stage_q    <= '0;
    end else begin
      state_q    <= state_d;
      bit_q      <= bit_d;
      multiple_q <= multiple_d;
      epoch_q    <= epoch_d;
      first_q    <= first_d;
      base_q     <= base_d;
      key_q      <= key_d;
      wait_q     <= wait_d;
      left_q     <= left_d;
      leaving_q  <= leaving_d;
      beat_q     <= beat_d;
      stage_q    <= stage_d;
    end
  end
endmodule
