// The quantizer (numerics 7): one block of wide values after another to block floating point.
//
// A block is a run of `beats` beats of Lanes elements. After start_i the source gives all its
// beats once (the amax pass), then, after one cycle for the exponent, all of them again (the
// round pass): one beat in each cycle with ready_o. A result is registered; it stands on mant_o
// in the cycle after its beat. A block takes 2 * beats + 2 cycles: cycles_o counts them. The
// next block may be started in the last of them.
//
// A beat is aligned to the lanes: element i of the tensor is in lane i mod Lanes (numerics 4.3).
// A block may so begin and end within a beat: valid_i says which lanes hold its elements.
// In the round pass lanes with step_i spend a draw when the mode is stochastic.
module bfp_quantizer #(
  parameter int Lanes      = 16,
  parameter int RandomBits = 16,
  parameter int FaultBit   = -1,  // for tests: flips this bit of the mantissas of FaultLane
  parameter int FaultLane  = 0
) (
  input  logic                clk_i,
  input  logic                rst_ni,
  // The lanes' generators: set them all, read them all.
  input  logic                load_i,
  input  logic [Lanes*32-1:0] state_i,
  output logic [Lanes*32-1:0] state_o,
  // How to quantize; stable while busy_o.
  input  logic [4:0]          wl_i,          // 2..16
  input  logic [1:0]          mode_i,        // bittrue_pkg::ROUND_*
  input  logic                asymmetric_i,
  // A block.
  input  logic                start_i,       // taken when not busy_o or done_o
  input  logic [31:0]         beats_i,       // at least 1
  output logic                busy_o,
  output logic                ready_o,
  output logic                done_o,        // the last cycle of a block
  input  logic [Lanes-1:0]    valid_i,
  input  logic [Lanes-1:0]    step_i,
  input  logic [Lanes*32-1:0] mant_i,
  input  logic [Lanes*16-1:0] exp_i,         // step exponents
  // Its result. The block's fields hold from its first result until the next block's.
  output logic [Lanes-1:0]    valid_o,
  output logic [Lanes*16-1:0] mant_o,
  output logic [Lanes-1:0]    clipped_o,
  output logic [7:0]          shared_exp_o,  // E, two's complement
  output logic                overflow_o,    // E was above 127
  output logic                flushed_o,     // E was below -128
  output logic [31:0]         cycles_o       // cycles with busy_o since reset, mod 2^32
);
  typedef enum logic [2:0] {IDLE, AMAX, EXPONENT, ROUND, DONE} state_e;
  state_e state_d, state_q;

  logic [31:0] beats_d, beats_q, left_d, left_q, cycles_q;
  logic        last_beat, begin_block;

  assign last_beat = left_q == 32'd1;
  assign busy_o    = state_q != IDLE;
  assign ready_o   = (state_q == AMAX) || (state_q == ROUND);
  assign done_o    = state_q == DONE;
  assign cycles_o  = cycles_q;

  assign begin_block = start_i && (state_q == IDLE || done_o);

  always_comb begin
    state_d = state_q;
    beats_d = beats_q;
    left_d  = left_q;
    case (state_q)
      AMAX: begin
        left_d = left_q - 32'd1;
        if (last_beat) state_d = EXPONENT;
      end
      EXPONENT: begin
        left_d  = beats_q;
        state_d = ROUND;
      end
      ROUND: begin
        left_d = left_q - 32'd1;
        if (last_beat) state_d = DONE;
      end
      default: state_d = IDLE;
    endcase
    if (begin_block) begin
      state_d = AMAX;
      beats_d = beats_i;
      left_d  = beats_i;
    end
  end

  // The lanes.
  logic [Lanes-1:0]    nonzero, clipped, step;
  logic [Lanes*18-1:0] log;
  logic [Lanes*16-1:0] mant;
  logic [7:0]          shared_exp_d, shared_exp_q;
  logic                zero_d, zero_q;

  assign step = ((state_q == ROUND) && (mode_i == bittrue_pkg::ROUND_STOCHASTIC)) ? step_i : '0;

  for (genvar l = 0; l < Lanes; l++) begin : gen_lane
    logic signed [15:0] lane_mant;
    bfp_lane #(.RandomBits(RandomBits)) u_lane (
      .clk_i, .rst_ni, .load_i,
      .state_i(state_i[l*32 +: 32]), .state_o(state_o[l*32 +: 32]), .step_i(step[l]),
      .mant_i(mant_i[l*32 +: 32]), .exp_i(exp_i[l*16 +: 16]),
      .nonzero_o(nonzero[l]), .log_o(log[l*18 +: 18]),
      .shared_exp_i(shared_exp_q), .zero_block_i(zero_q),
      .mode_i, .wl_i, .asymmetric_i, .mant_o(lane_mant), .clipped_o(clipped[l])
    );
    if (FaultBit >= 0 && l == FaultLane) begin : gen_fault
      assign mant[l*16 +: 16] = lane_mant ^ (16'd1 << FaultBit);
    end else begin : gen_sound
      assign mant[l*16 +: 16] = lane_mant;
    end
  end

  // The largest floor(log2 |x|) of the block so far; none until any_q.
  logic               any_d, any_q;
  logic signed [17:0] amax_d, amax_q;
  logic [7:0]         amax_low;

  assign amax_low = amax_q[7:0];

  always_comb begin
    any_d  = any_q;
    amax_d = amax_q;
    if (begin_block) begin
      any_d = 1'b0;
    end else if (state_q == AMAX) begin
      for (int l = 0; l < Lanes; l++) begin
        if (valid_i[l] && nonzero[l] && (!any_d || $signed(log[l*18 +: 18]) > amax_d)) begin
          any_d  = 1'b1;
          amax_d = $signed(log[l*18 +: 18]);
        end
      end
    end
  end

  // The shared exponent (numerics 7.2).
  logic overflow_d, overflow_q, flushed_d, flushed_q;

  always_comb begin
    shared_exp_d = shared_exp_q;
    zero_d       = zero_q;
    overflow_d   = overflow_q;
    flushed_d    = flushed_q;
    if (state_q == EXPONENT) begin
      overflow_d   = any_q && (amax_q > 18'sd127);
      flushed_d    = any_q && (amax_q < -18'sd128);
      zero_d       = !any_q || flushed_d;
      shared_exp_d = zero_d ? 8'h80 : (overflow_d ? 8'h7f : amax_low);
    end
  end

  assign shared_exp_o = shared_exp_q;
  assign overflow_o   = overflow_q;
  assign flushed_o    = flushed_q;

  // Results.
  logic [Lanes-1:0]    valid_d, valid_q, clipped_d, clipped_q;
  logic [Lanes*16-1:0] mant_d, mant_q;

  always_comb begin
    valid_d   = '0;
    mant_d    = mant_q;
    clipped_d = clipped_q;
    if (state_q == ROUND) begin
      valid_d   = valid_i;
      mant_d    = mant;
      clipped_d = clipped & valid_i;
    end
  end

  assign valid_o   = valid_q;
  assign mant_o    = mant_q;
  assign clipped_o = clipped_q;

  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) begin
      state_q      <= IDLE;
      beats_q      <= '0;
      left_q       <= '0;
      cycles_q     <= '0;
      any_q        <= 1'b0;
      amax_q       <= '0;
      shared_exp_q <= 8'h80;
      zero_q       <= 1'b1;
      overflow_q   <= 1'b0;
      flushed_q    <= 1'b0;
      valid_q      <= '0;
      mant_q       <= '0;
      clipped_q    <= '0;
    end else begin
      state_q      <= state_d;
      beats_q      <= beats_d;
      left_q       <= left_d;
      cycles_q     <= cycles_q + {31'b0, busy_o};
      any_q        <= any_d;
      amax_q       <= amax_d;
      shared_exp_q <= shared_exp_d;
      zero_q       <= zero_d;
      overflow_q   <= overflow_d;
      flushed_q    <= flushed_d;
      valid_q      <= valid_d;
      mant_q       <= mant_d;
      clipped_q    <= clipped_d;
    end
  end
endmodule
