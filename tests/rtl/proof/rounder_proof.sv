// For yosys: a small rounder equals numerics 3 written without cutting any shift, in all modes,
// for every mantissa, shift, draw, width and clip.
module rounder_proof (
  input logic signed [6:0] mant_i,
  input logic signed [5:0] shift_i,
  input logic [2:0]        draw_i,
  input logic [1:0]        mode_i,
  input logic [1:0]        wl_i,  // 2..5
  input logic              asymmetric_i
);
  localparam int W = 48;

  logic signed [4:0]   got;
  logic                clipped;
  logic [4:0]          wl;
  logic signed [W-1:0] m, r, unit, low, rest, exact, top, bottom, result;

  assign wl = 5'd2 + {3'b0, wl_i};

  rounder #(.MantBits(7), .ShiftBits(6), .RandomBits(3), .OutBits(5)) u_rounder (
    .mant_i(mant_i), .shift_i(shift_i), .draw_i(draw_i), .mode_i(mode_i), .wl_i(wl),
    .asymmetric_i(asymmetric_i), .mant_o(got), .clipped_o(clipped)
  );

  always_comb begin
    m     = {{(W-7){mant_i[6]}}, mant_i};
    r     = {{(W-3){1'b0}}, draw_i};
    unit  = {{(W-1){1'b0}}, 1'b1};
    low   = m;
    exact = m;
    rest  = '0;
    if (shift_i > 6'sd0) begin
      unit  = unit <<< shift_i[4:0];
      low   = m >>> shift_i[4:0];
      rest  = m - (low <<< shift_i[4:0]);
      exact = low;
      if (mode_i == 2'd0) exact = ((m <<< 3) + (r <<< shift_i[4:0])) >>> ({1'b0, shift_i[4:0]} + 6'd3);
      if (mode_i == 2'd1 && ((rest <<< 1) > unit || ((rest <<< 1) == unit && low[0]))) exact = low + 1;
      if (mode_i == 2'd2 && ((rest <<< 1) > unit || ((rest <<< 1) == unit && !mant_i[6]))) exact = low + 1;
    end else begin
      exact = m <<< $unsigned(-shift_i);
    end
    top    = ($signed({{(W-1){1'b0}}, 1'b1}) <<< (wl - 5'd1)) - 1;
    bottom = asymmetric_i ? -top - 1 : -top;
    result = exact > top ? top : (exact < bottom ? bottom : exact);
  end

  always_comb begin
    assert (got == result[4:0]);
    assert (clipped == (exact != result));
  end
endmodule
