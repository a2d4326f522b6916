// The draw of one element after another (numerics 4.3): element i is in lane i mod Lanes, which
// starts floor((2^32 - 1) / Lanes) steps after the lane before it, and has draw floor(i / Lanes)
// of it. So from an element to the next is a jump of so many steps, and from the last lane a jump
// back to lane 0 and on by a draw.
module draw_walker #(
  parameter int Lanes      = 16,  // a power of two, 1..64
  parameter int RandomBits = 16   // 1..24
) (
  input  logic                  clk_i,
  input  logic                  rst_ni,
  input  logic                  load_i,   // wins over step_i
  input  logic [5:0]            lane_i,   // i mod Lanes
  input  logic [31:0]           state_i,  // of that lane before draw floor(i / Lanes)
  input  logic                  step_i,   // on to the next element
  output logic [RandomBits-1:0] draw_o,
  output logic [5:0]            lane_o,
  output logic [31:0]           state_o
);
  localparam logic [31:0] PERIOD = 32'hFFFF_FFFF;
  localparam logic [31:0] APART  = PERIOD / Lanes;
  localparam logic [31:0] DRAW   = RandomBits;
  // For one lane a jump back by nothing.
  localparam logic [31:0] BACK   = (Lanes == 1) ? DRAW : PERIOD - APART * (Lanes - 1) + DRAW;

  logic [5:0]  lane_d, lane_q;
  logic [31:0] state_d, state_q, next_power, back_power, next, back;
  logic        last_lane;

  lfsr_power #(.Steps(APART)) u_next (.power_o(next_power));
  lfsr_power #(.Steps(BACK)) u_back (.power_o(back_power));

  assign last_lane = lane_q == 6'(Lanes - 1);

  lfsr_times u_times_next (.power_i(next_power), .state_i(state_q), .state_o(next));
  lfsr_times u_times_back (.power_i(back_power), .state_i(state_q), .state_o(back));

  always_comb begin
    lane_d  = lane_q;
    state_d = state_q;
    if (load_i) begin
      lane_d  = lane_i;
      state_d = state_i;
    end else if (step_i) begin
      lane_d  = last_lane ? '0 : lane_q + 6'd1;
      state_d = last_lane ? back : next;
    end
  end

  assign draw_o  = state_q[RandomBits-1:0];
  assign lane_o  = lane_q;
  assign state_o = state_q;

  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) begin
      lane_q  <= '0;
      state_q <= 32'd1;
    end else begin
      lane_q  <= lane_d;
      state_q <= state_d;
    end
  end
endmodule
