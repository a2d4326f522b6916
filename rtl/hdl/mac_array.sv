// An output-stationary array of Rows x Cols processing elements.
//
// A pass multiplies len_i columns of A by as many rows of B: in each cycle with ready_o the
// source gives one column of A (a byte a row) and one row of B (a byte a column). The array
// skews them itself, runs Rows + Cols - 2 cycles more until the far corner has its last
// product, then drains its accumulators downwards, the last row first, and is clear again.
// A pass takes len + 2 * Rows + Cols - 2 cycles: cycles_o counts them. The next one may be
// started in the last cycle of a drain.
module mac_array #(
  parameter int Rows     = 16,
  parameter int Cols     = 16,
  parameter int AccBits  = 32,
  parameter int Saturate = 1,
  parameter int FaultBit = -1,  // for tests: flips a bit of the PE at FaultRow, FaultCol
  parameter int FaultRow = 0,
  parameter int FaultCol = 0
) (
  input  logic                    clk_i,
  input  logic                    rst_ni,
  input  logic                    start_i,  // taken when not busy_o or done_o
  input  logic [31:0]             len_i,    // at least 1
  output logic                    busy_o,
  output logic                    ready_o,
  input  logic [Rows*8-1:0]       a_i,
  input  logic [Cols*8-1:0]       b_i,
  output logic                    drain_o,  // acc_o holds the accumulators of row_o
  output logic [7:0]              row_o,
  output logic [Cols*AccBits-1:0] acc_o,
  output logic                    done_o,   // the last cycle of the drain
  output logic [31:0]             cycles_o  // cycles with busy_o since reset, mod 2^32
);
  localparam int Skew = Rows + Cols - 2;

  typedef enum logic [1:0] {IDLE, FEED, FLUSH, DRAIN} state_e;
  state_e state_d, state_q;

  logic [31:0] left_d, left_q, cycles_q;  // cycles left in this state after the present one
  logic        compute, last;

  assign busy_o   = state_q != IDLE;
  assign ready_o  = state_q == FEED;
  assign drain_o  = state_q == DRAIN;
  assign done_o   = drain_o && (left_q == '0);
  assign row_o    = left_q[7:0];
  assign cycles_o = cycles_q;
  assign compute  = (state_q == FEED) || (state_q == FLUSH);
  assign last     = compute && (state_d == DRAIN);

  always_comb begin
    state_d = state_q;
    left_d  = left_q - 32'd1;
    case (state_q)
      FEED: begin
        if (left_q == '0) begin
          state_d = (Skew > 0) ? FLUSH : DRAIN;
          left_d  = (Skew > 0) ? Skew - 1 : Rows - 1;
        end
      end
      FLUSH: begin
        if (left_q == '0) begin
          state_d = DRAIN;
          left_d  = Rows - 1;
        end
      end
      DRAIN: begin
        if (left_q == '0) state_d = IDLE;
      end
      default: left_d = '0;
    endcase
    if (start_i && (state_q == IDLE || done_o)) begin
      state_d = FEED;
      left_d  = len_i - 32'd1;
    end
  end

  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) begin
      state_q  <= IDLE;
      left_q   <= '0;
      cycles_q <= '0;
    end else begin
      state_q  <= state_d;
      left_q   <= left_d;
      cycles_q <= cycles_q + {31'b0, busy_o};
    end
  end

  // Operands into the edges: column Cols and row Rows are what falls off the far edges.
  logic [Rows*(Cols+1)*8-1:0]       a;
  logic [(Rows+1)*Cols*8-1:0]       b;
  logic [(Rows+1)*Cols*AccBits-1:0] acc;

  for (genvar r = 0; r < Rows; r++) begin : gen_a
    delay_line #(.Depth(r)) u_skew (
      .clk_i, .rst_ni, .en_i(compute),
      .data_i(ready_o ? a_i[r*8 +: 8] : 8'd0), .data_o(a[r*(Cols+1)*8 +: 8])
    );
    logic unused_a;
    assign unused_a = ^a[(r*(Cols+1)+Cols)*8 +: 8];
  end

  for (genvar c = 0; c < Cols; c++) begin : gen_b
    delay_line #(.Depth(c)) u_skew (
      .clk_i, .rst_ni, .en_i(compute),
      .data_i(ready_o ? b_i[c*8 +: 8] : 8'd0), .data_o(b[c*8 +: 8])
    );
    logic unused_b;
    assign unused_b = ^b[(Rows*Cols+c)*8 +: 8];
  end

  assign acc[0 +: Cols*AccBits] = '0;
  assign acc_o = acc[Rows*Cols*AccBits +: Cols*AccBits];

  for (genvar r = 0; r < Rows; r++) begin : gen_row
    for (genvar c = 0; c < Cols; c++) begin : gen_col
      mac_pe #(
        .AccBits(AccBits), .Saturate(Saturate),
        .FaultBit((r == FaultRow && c == FaultCol) ? FaultBit : -1)
      ) u_pe (
        .clk_i, .rst_ni, .compute_i(compute), .last_i(last), .drain_i(drain_o),
        .a_i(a[(r*(Cols+1)+c)*8 +: 8]), .b_i(b[(r*Cols+c)*8 +: 8]),
        .acc_i(acc[(r*Cols+c)*AccBits +: AccBits]),
        .a_o(a[(r*(Cols+1)+c+1)*8 +: 8]), .b_o(b[((r+1)*Cols+c)*8 +: 8]),
        .acc_o(acc[((r+1)*Cols+c)*AccBits +: AccBits])
      );
    end
  end
endmodule
