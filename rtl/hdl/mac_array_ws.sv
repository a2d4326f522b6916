// A weight-stationary array: Rows of k by Cols columns of B stay, rows of A stream by.
//
// A fold takes 2 * Rows + Cols + len - 2 cycles (docs/cost.md 2), which cycles_o counts. In its
// first Rows cycles, those with load_o, the source gives B's rows, the last k first. Then in
// len_i cycles, those with stream_o, it gives rows of A, a byte for each k of the array.
// The array skews them itself. Sums come in at the top and leave at the bottom, changed by Rows
// products in ascending k: those of the row given in cycle t enter column c in cycle t + c and
// stand on sum_o in cycle t + c + Rows, be it behind the fold's last one.
// The next fold may be started in the last cycle of one. In a cycle with stall_i nothing moves,
// starts or counts.
module mac_array_ws #(
  parameter int Rows        = 16,
  parameter int Cols        = 16,
  parameter int AccBits     = 32,  // these: see mac_accumulator
  parameter int Saturate    = 1,
  parameter int AccShift    = 0,
  parameter int AccRounding = 3,   // not stochastic
  parameter int Chunk       = 0,
  parameter int PsumBits    = 32,
  parameter int SumBits     = (Chunk > 0) ? AccBits + PsumBits : AccBits
) (
  input  logic                    clk_i,
  input  logic                    rst_ni,
  input  logic                    stall_i,
  input  logic                    start_i,   // taken when not busy_o or done_o
  input  logic [31:0]             len_i,     // rows of A, at least 1
  output logic                    busy_o,
  output logic                    done_o,    // the last cycle of a fold
  output logic                    load_o,
  input  logic [Cols*8-1:0]       b_i,
  input  logic                    enter_i,   // with chunks: this row's k is the last of one
  output logic                    stream_o,
  input  logic [Rows*8-1:0]       a_i,
  input  logic [Cols*SumBits-1:0] sum_i,
  output logic [Cols*SumBits-1:0] sum_o,
  output logic [31:0]             cycles_o   // cycles with busy_o and not stall_i, mod 2^32
);
  typedef enum logic [1:0] {IDLE, LOAD, STREAM, FLUSH} state_e;
  state_e state_d, state_q;

  localparam int Skew = Rows + Cols - 2;

  logic [31:0] left_d, left_q, len_d, len_q, cycles_q;
  logic        load, move;

  assign busy_o   = state_q != IDLE;
  assign load_o   = state_q == LOAD;
  assign stream_o = state_q == STREAM;
  assign done_o   = state_q == ((Skew > 0) ? FLUSH : STREAM) && left_q == '0 && !stall_i;
  assign cycles_o = cycles_q;
  assign load     = load_o && !stall_i;
  assign move     = (stream_o || state_q == FLUSH) && !stall_i;

  always_comb begin
    state_d = state_q;
    left_d  = left_q - 32'd1;
    len_d   = len_q;
    case (state_q)
      LOAD: begin
        if (left_q == '0) begin
          state_d = STREAM;
          left_d  = len_q - 32'd1;
        end
      end
      STREAM: begin
        if (left_q == '0) begin
          state_d = (Skew > 0) ? FLUSH : IDLE;
          left_d  = Skew - 1;
        end
      end
      FLUSH: if (left_q == '0) state_d = IDLE;
      default: left_d = '0;
    endcase
    if (start_i && (state_q == IDLE || done_o)) begin
      state_d = LOAD;
      left_d  = Rows - 1;
      len_d   = len_i;
    end
    if (stall_i) begin
      state_d = state_q;
      left_d  = left_q;
      len_d   = len_q;
    end
  end

  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) begin
      state_q  <= IDLE;
      left_q   <= '0;
      len_q    <= '0;
      cycles_q <= '0;
    end else begin
      state_q  <= state_d;
      left_q   <= left_d;
      len_q    <= len_d;
      cycles_q <= cycles_q + {31'b0, busy_o && !stall_i};
    end
  end

  // Column Cols of a, and row Rows of the others, are what falls off the far edges.
  logic [Rows*(Cols+1)*8-1:0]       a;
  logic [(Rows+1)*Cols*8-1:0]       b;
  logic [(Rows+1)*Cols-1:0]         enter;
  logic [(Rows+1)*Cols*SumBits-1:0] sum;
  logic                             unused_edges;

  for (genvar r = 0; r < Rows; r++) begin : gen_a
    delay_line #(.Depth(r)) u_skew (
      .clk_i, .rst_ni, .en_i(move),
      .data_i(stream_o ? a_i[r*8 +: 8] : 8'd0), .data_o(a[r*(Cols+1)*8 +: 8])
    );
    logic unused_a;
    assign unused_a = ^a[(r*(Cols+1)+Cols)*8 +: 8];
  end

  assign b[0 +: Cols*8]                     = b_i;
  assign enter[0 +: Cols]                   = {Cols{enter_i}};
  assign sum[0 +: Cols*SumBits]             = sum_i;
  assign sum_o                              = sum[Rows*Cols*SumBits +: Cols*SumBits];
  assign unused_edges = ^{b[Rows*Cols*8 +: Cols*8], enter[Rows*Cols +: Cols]};

  for (genvar r = 0; r < Rows; r++) begin : gen_row
    for (genvar c = 0; c < Cols; c++) begin : gen_col
      mac_pe_ws #(
        .AccBits(AccBits), .Saturate(Saturate), .AccShift(AccShift), .AccRounding(AccRounding),
        .Chunk(Chunk), .PsumBits(PsumBits)
      ) u_pe (
        .clk_i, .rst_ni, .load_i(load), .move_i(move),
        .b_i(b[(r*Cols+c)*8 +: 8]), .enter_i(enter[r*Cols+c]),
        .a_i(a[(r*(Cols+1)+c)*8 +: 8]), .sum_i(sum[(r*Cols+c)*SumBits +: SumBits]),
        .b_o(b[((r+1)*Cols+c)*8 +: 8]), .enter_o(enter[(r+1)*Cols+c]),
        .a_o(a[(r*(Cols+1)+c+1)*8 +: 8]), .sum_o(sum[((r+1)*Cols+c)*SumBits +: SumBits])
      );
    end
  end
endmodule
