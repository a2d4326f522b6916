// The generator at any element (numerics 4.3), by powers: a bit of the element's index a cycle,
// the lowest first, up to the highest that is set. The low bits are the lane, lanes lie equally
// far apart; the others count draws.
module draw_jump #(
  parameter int Lanes      = 16,  // a power of two, 1..64
  parameter int RandomBits = 16,  // 1..24
  parameter int IndexBits  = 48
) (
  input  logic                 clk_i,
  input  logic                 rst_ni,
  input  logic                 start_i,  // taken when not busy_o
  input  logic [IndexBits-1:0] index_i,
  input  logic [31:0]          state_i,  // of lane 0 at element 0
  output logic                 busy_o,
  output logic                 done_o,   // the last cycle of busy_o: the results, which stay
  output logic [5:0]           lane_o,
  output logic [31:0]          state_o   // of that lane, before the element's draw
);
  localparam int LaneBits = $clog2(Lanes);

  localparam logic [31:0] PERIOD = 32'hFFFF_FFFF;
  localparam logic [31:0] APART  = PERIOD / Lanes;
  localparam logic [31:0] DRAW   = RandomBits;

  logic                 busy_d, busy_q;
  logic [2:0]           lane_left_d, lane_left_q;  // bits of the lane that are still to come
  logic [5:0]           lane_d, lane_q;
  logic [IndexBits-1:0] rest_d, rest_q;
  logic [31:0]          state_d, state_q, power_d, power_q;
  logic [31:0]          apart_power, draw_power, jumped, square;

  lfsr_power #(.Steps(APART)) u_apart (.power_o(apart_power));
  lfsr_power #(.Steps(DRAW)) u_draw (.power_o(draw_power));
  lfsr_times u_times (.power_i(power_q), .state_i(state_q), .state_o(jumped));
  lfsr_square u_square (.power_i(power_q), .power_o(square));

  assign busy_o  = busy_q;
  assign done_o  = busy_q && rest_q == '0;
  assign lane_o  = lane_q;
  assign state_o = state_q;

  always_comb begin
    busy_d      = busy_q;
    lane_left_d = lane_left_q;
    lane_d      = lane_q;
    rest_d      = rest_q;
    state_d     = state_q;
    power_d     = power_q;
    if (done_o) begin
      busy_d = 1'b0;
    end else if (busy_q) begin
      rest_d  = rest_q >> 1;
      state_d = rest_q[0] ? jumped : state_q;
      power_d = (lane_left_q == 3'd1) ? draw_power : square;
      if (lane_left_q != '0) lane_left_d = lane_left_q - 3'd1;
    end else if (start_i) begin
      busy_d      = 1'b1;
      lane_left_d = 3'(LaneBits);
      lane_d      = index_i[5:0] & 6'(Lanes - 1);
      rest_d      = index_i;
      state_d     = state_i;
      power_d     = (LaneBits == 0) ? draw_power : apart_power;
    end
  end

  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) begin
      busy_q      <= 1'b0;
      lane_left_q <= '0;
      lane_q      <= '0;
      rest_q      <= '0;
      state_q     <= 32'd1;
      power_q     <= '0;
    end else begin
      busy_q      <= busy_d;
      lane_left_q <= lane_left_d;
      lane_q      <= lane_d;
      rest_q      <= rest_d;
      state_q     <= state_d;
      power_q     <= power_d;
    end
  end
endmodule
