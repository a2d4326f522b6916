// For yosys: what enters an accumulator is rounded as numerics 3 says, written with a remainder:
// to the nearest even, and by a draw of fewer bits than are dropped.
module mac_round_proof (
  input logic signed [15:0] entry_i,
  input logic               nearest_i,
  input logic [2:0]         draw_i
);
  logic signed [12:0] nearest, random;
  logic signed [31:0] entry, low, rest, half_even, stochastic;

  mac_round #(.EntryBits(16), .Shift(5), .Rounding(1), .RandomBits(3), .TermBits(13)) u_nearest (
    .entry_i(entry_i), .nearest_i(nearest_i), .draw_i(draw_i), .term_o(nearest)
  );
  mac_round #(.EntryBits(16), .Shift(5), .Rounding(0), .RandomBits(3), .TermBits(13)) u_random (
    .entry_i(entry_i), .nearest_i(nearest_i), .draw_i(draw_i), .term_o(random)
  );

  always_comb begin
    entry      = {{16{entry_i[15]}}, entry_i};
    low        = {{5{entry[31]}}, entry[31:5]};
    rest       = entry - {low[26:0], 5'd0};
    half_even  = (rest > 32'sd16 || (rest == 32'sd16 && low[0])) ? low + 32'sd1 : low;
    stochastic = (rest + {27'd0, draw_i, 2'd0} >= 32'sd32) ? low + 32'sd1 : low;
    if (nearest_i) stochastic = half_even;
  end

  always_comb begin
    assert ({{19{nearest[12]}}, nearest} == half_even);
    assert ({{19{random[12]}}, random} == stochastic);
  end
endmodule
