// One lane of the average (numerics 16): a sum and a mantissa, one of them shifted to the left, are
// added; what reaches 2^62 in magnitude is told. Three stages.
module average_lane (
  input  logic               clk_i,
  input  logic               en_i,       // all registers hold without
  // Stage 0.
  input  logic               element_i,  // registers of a lane without an element hold
  input  logic signed [15:0] mantissa_i,
  input  logic signed [63:0] sum_i,
  // Stage 1.
  input  logic               sums_i,     // the sum is shifted, not the mantissa
  input  logic [5:0]         shift_i,
  // Stage 3.
  output logic               over_o,     // of an element
  output logic signed [63:0] sum_o
);
  logic               element1_q, element2_q;
  logic signed [15:0] mantissa_q;
  logic signed [63:0] sum_q;

  // The operand that is shifted; its magnitude must stay below 2^62.
  logic signed [63:0] moved, stays, shifted_q, stays_q;
  logic [63:0]        magnitude, kept;
  logic [5:0]         room;
  logic               lost, lost_q;
  assign moved     = sums_i ? sum_q : 64'(mantissa_q);
  assign stays     = sums_i ? 64'(mantissa_q) : sum_q;
  assign magnitude = moved[63] ? 64'(-moved) : 64'(moved);
  assign room      = (shift_i > 6'd62) ? 6'd0 : 6'd62 - shift_i;
  assign kept      = magnitude >> room;
  assign lost      = shift_i != '0 && kept != '0;

  logic signed [63:0] total;
  logic               over;
  assign total = shifted_q + stays_q;
  assign over  = lost_q || total[63] != total[62] || (total[63] && total[61:0] == '0);

  always_ff @(posedge clk_i) begin
    if (en_i) begin
      element1_q <= element_i;
      element2_q <= element1_q;
      over_o     <= element2_q && over;
      if (element_i) begin
        mantissa_q <= mantissa_i;
        sum_q      <= sum_i;
      end
      if (element1_q) begin
        shifted_q <= moved <<< shift_i;
        stays_q   <= stays;
        lost_q    <= lost;
      end
      if (element2_q) sum_o <= total;
    end
  end
endmodule
