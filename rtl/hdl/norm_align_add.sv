// sum * 2^sum_exp + value * 2^value_exp at the lower of the two exponents, exactly (numerics 19.1).
// Combinational. The result, and what is shifted, must be below 2^126.
module norm_align_add (
  input  logic signed [127:0] sum_i,
  input  logic signed [17:0]  sum_exp_i,
  input  logic signed [127:0] value_i,
  input  logic signed [17:0]  value_exp_i,
  output logic signed [127:0] sum_o,
  output logic                overflow_o
);
  // The term of the higher exponent is moved left.
  logic signed [18:0]  distance;
  logic                move_sum, too_far;
  logic [17:0]         places;
  logic signed [127:0] moved, stays, placed, total;
  logic [127:0]        size, total_size;

  assign distance = 19'(sum_exp_i) - 19'(value_exp_i);
  assign move_sum = distance > 0;
  assign places   = move_sum ? distance[17:0] : 18'(-distance);
  assign moved    = move_sum ? sum_i : value_i;
  assign stays    = move_sum ? value_i : sum_i;
  assign size     = moved[127] ? -moved : moved;
  assign too_far  = places > 18'd126 ? size != '0 : (size >> (7'd126 - places[6:0])) != '0;

  assign placed     = $signed((moved[127] ? -(size << places[6:0]) : size << places[6:0]));
  assign total      = placed + stays;
  assign total_size = total[127] ? -total : total;
  assign sum_o      = total;
  assign overflow_o = too_far || total_size[127:126] != '0;

  logic unused_low;
  assign unused_low = ^total_size[125:0];
endmodule
