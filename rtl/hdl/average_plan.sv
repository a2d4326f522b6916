// What numerics 16 decides for a block before its elements: whether its sums or its mantissas are
// shifted to the left, how far, and its new Emin. Combinational.
module average_plan (
  input  logic [15:0] entry_i,  // E, as in memory (docs/rtl.md)
  input  logic [15:0] emin_i,   // 32767: none yet
  output logic        sums_o,   // the sums are shifted, not the mantissas
  output logic [5:0]  shift_o,  // at most 63, which nothing but 0 survives
  output logic [15:0] emin_o
);
  localparam logic [15:0] ZERO_BLOCK = 16'h8000;
  localparam logic [15:0] NONE       = 16'h7FFF;

  logic              zero, lower;
  logic signed [8:0] above;
  logic [8:0]        distance;
  assign zero     = entry_i == ZERO_BLOCK;
  assign above    = $signed(entry_i[8:0]) - $signed(emin_i[8:0]);
  assign lower    = $signed(entry_i) < $signed(emin_i);
  assign distance = lower ? 9'(-above) : 9'(above);

  assign sums_o  = lower;
  assign shift_o = (zero || emin_i == NONE) ? 6'd0 : (distance > 9'd63) ? 6'd63 : distance[5:0];
  assign emin_o  = (!zero && lower) ? entry_i : emin_i;
endmodule
