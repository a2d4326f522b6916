// An output-stationary array of Rows x Cols processing elements.
//
// A pass multiplies len_i columns of A by as many rows of B: in each cycle with ready_o the
// source gives one column of A (a byte a row) and one row of B (a byte a column). The array
// skews them itself, runs Rows + Cols - 2 cycles more until the far corner has its last
// product, then drains its accumulators downwards, the last row first, and is clear again.
// A pass takes len + 2 * Rows + Cols - 2 cycles: cycles_o counts them. The next one may be
// started in the last cycle of a drain. In a cycle with stall_i nothing moves, starts or counts.
//
// Where products or chunks enter with a draw, each PE has a walker of its own (draw_walker), which
// is loaded before a pass with the draw of the PE's first k. A cycle with ready_o and skip_i brings
// no product, but takes all draws past a k that is not in the pass; such cycles are not counted.
module mac_array #(
  parameter int Rows        = 16,
  parameter int Cols        = 16,
  parameter int AccBits     = 32,
  parameter int Saturate    = 1,
  parameter int AccShift    = 0,   // these: see mac_accumulator
  parameter int AccRounding = 3,
  parameter int RandomBits  = 16,
  parameter int Chunk       = 0,
  parameter int PsumBits    = 32,
  parameter int Lanes       = 16,  // of the draws
  parameter int FaultBit    = -1,  // for tests: flips a bit of the PE at FaultRow, FaultCol
  parameter int FaultRow    = 0,
  parameter int FaultCol    = 0
) (
  input  logic                    clk_i,
  input  logic                    rst_ni,
  input  logic                    stall_i,
  input  logic                    start_i,  // taken when not busy_o or done_o
  input  logic [31:0]             len_i,    // at least 1
  output logic                    busy_o,
  output logic                    ready_o,
  input  logic                    skip_i,
  input  logic                    nearest_i,     // nearest_even in place of stochastic
  // The walkers, one by one, between passes; without draws these are not looked at.
  input  logic                    load_i,
  input  logic [7:0]              load_row_i,
  input  logic [7:0]              load_col_i,
  input  logic [5:0]              load_lane_i,
  input  logic [31:0]             load_state_i,
  input  logic [Rows*8-1:0]       a_i,
  input  logic [Cols*8-1:0]       b_i,
  output logic                    drain_o,  // acc_o holds the accumulators of row_o
  output logic [7:0]              row_o,
  output logic [Cols*AccBits-1:0] acc_o,
  output logic                    done_o,   // the last cycle of the drain
  output logic [31:0]             cycles_o  // busy_o without stall_i, since reset
);
  localparam int Skew   = Rows + Cols - 2;
  localparam bit Draws  = AccShift > 0 && AccRounding == 0;
  localparam bit Flags  = Draws || Chunk > 0;
  localparam int Places = Rows * (Cols + 1);

  typedef enum logic [1:0] {IDLE, FEED, FLUSH, DRAIN} state_e;
  state_e state_d, state_q;

  logic [31:0] left_d, left_q, cycles_q;  // cycles left in this state after the present one
  logic        compute, last, product;

  assign busy_o   = state_q != IDLE;
  assign ready_o  = state_q == FEED;
  assign drain_o  = (state_q == DRAIN) && !stall_i;
  assign done_o   = drain_o && (left_q == '0);
  assign row_o    = left_q[7:0];
  assign cycles_o = cycles_q;
  assign compute  = ((state_q == FEED) || (state_q == FLUSH)) && !stall_i;
  assign last     = compute && (state_d == DRAIN);
  assign product  = ready_o && !skip_i;

  always_comb begin
    state_d = state_q;
    left_d  = left_q - 32'd1;
    case (state_q)
      FEED: begin
        if (skip_i) begin
          left_d  = left_q;
        end else if (left_q == '0) begin
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
    if (stall_i) begin
      state_d = state_q;
      left_d  = left_q;
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
      cycles_q <= cycles_q + {31'b0, busy_o && !stall_i && !(ready_o && skip_i)};
    end
  end

  // Operands into the edges: column Cols and row Rows are what falls off the far edges.
  logic [Rows*(Cols+1)*8-1:0]       a;
  logic [(Rows+1)*Cols*8-1:0]       b;
  logic [(Rows+1)*Cols*AccBits-1:0] acc;

  for (genvar r = 0; r < Rows; r++) begin : gen_a
    delay_line #(.Depth(r)) u_skew (
      .clk_i, .rst_ni, .en_i(compute),
      .data_i(product ? a_i[r*8 +: 8] : 8'd0), .data_o(a[r*(Cols+1)*8 +: 8])
    );
    logic unused_a;
    assign unused_a = ^a[(r*(Cols+1)+Cols)*8 +: 8];
  end

  for (genvar c = 0; c < Cols; c++) begin : gen_b
    delay_line #(.Depth(c)) u_skew (
      .clk_i, .rst_ni, .en_i(compute),
      .data_i(product ? b_i[c*8 +: 8] : 8'd0), .data_o(b[c*8 +: 8])
    );
    logic unused_b;
    assign unused_b = ^b[(Rows*Cols+c)*8 +: 8];
  end

  // What a pair of operands is goes along with those of A: three flags of mac_pe.
  logic [Places-1:0] step, take, enter;

  if (Flags) begin : gen_flags
    logic [31:0] place_d, place_q;  // in the chunk
    logic        chunk_end;

    assign chunk_end = (Chunk <= 1) || (place_q == Chunk - 1) || (left_q == '0);

    always_comb begin
      place_d = place_q;
      if (product && !stall_i) place_d = chunk_end ? '0 : place_q + 32'd1;
    end

    always_ff @(posedge clk_i or negedge rst_ni) begin
      if (!rst_ni) place_q <= '0;
      else         place_q <= place_d;
    end

    for (genvar r = 0; r < Rows; r++) begin : gen_row
      delay_line #(.Depth(r), .Width(3)) u_skew (
        .clk_i, .rst_ni, .en_i(compute), .data_i({ready_o, product, product && chunk_end}),
        .data_o({step[r*(Cols+1)], take[r*(Cols+1)], enter[r*(Cols+1)]})
      );
    end
  end else begin : gen_no_flags
    for (genvar r = 0; r < Rows; r++) begin : gen_row
      assign {step[r*(Cols+1)], take[r*(Cols+1)], enter[r*(Cols+1)]} = '0;
    end
  end
  logic unused_flags;
  assign unused_flags = ^{step, take, enter};

  // A draw for each PE.
  logic [Rows*Cols*RandomBits-1:0] draw;

  if (Draws) begin : gen_draws
    for (genvar r = 0; r < Rows; r++) begin : gen_row
      for (genvar c = 0; c < Cols; c++) begin : gen_col
        logic [5:0]  unused_lane;
        logic [31:0] unused_state;
        draw_walker #(.Lanes(Lanes), .RandomBits(RandomBits)) u_walker (
          .clk_i, .rst_ni,
          .load_i(load_i && load_row_i == 8'(r) && load_col_i == 8'(c)),
          .lane_i(load_lane_i), .state_i(load_state_i),
          .step_i(compute && step[r*(Cols+1)+c]),
          .draw_o(draw[(r*Cols+c)*RandomBits +: RandomBits]),
          .lane_o(unused_lane), .state_o(unused_state)
        );
      end
    end
  end else begin : gen_no_draws
    logic unused_load;
    assign unused_load = ^{load_i, load_row_i, load_col_i, load_lane_i, load_state_i};
    assign draw = '0;
  end

  assign acc[0 +: Cols*AccBits] = '0;
  assign acc_o = acc[Rows*Cols*AccBits +: Cols*AccBits];

  for (genvar r = 0; r < Rows; r++) begin : gen_row
    for (genvar c = 0; c < Cols; c++) begin : gen_col
      mac_pe #(
        .AccBits(AccBits), .Saturate(Saturate), .AccShift(AccShift), .AccRounding(AccRounding),
        .RandomBits(RandomBits), .Chunk(Chunk), .PsumBits(PsumBits),
        .FaultBit((r == FaultRow && c == FaultCol) ? FaultBit : -1)
      ) u_pe (
        .clk_i, .rst_ni, .compute_i(compute), .last_i(last), .drain_i(drain_o),
        .nearest_i, .draw_i(draw[(r*Cols+c)*RandomBits +: RandomBits]),
        .step_i(step[r*(Cols+1)+c]), .product_i(take[r*(Cols+1)+c]), .enter_i(enter[r*(Cols+1)+c]),
        .step_o(step[r*(Cols+1)+c+1]), .product_o(take[r*(Cols+1)+c+1]),
        .enter_o(enter[r*(Cols+1)+c+1]),
        .a_i(a[(r*(Cols+1)+c)*8 +: 8]), .b_i(b[(r*Cols+c)*8 +: 8]),
        .acc_i(acc[(r*Cols+c)*AccBits +: AccBits]),
        .a_o(a[(r*(Cols+1)+c+1)*8 +: 8]), .b_o(b[((r+1)*Cols+c)*8 +: 8]),
        .acc_o(acc[((r+1)*Cols+c)*AccBits +: AccBits])
      );
    end
  end
endmodule
