// Quotient and remainder of 32-bit integers, a bit a cycle: 33 cycles from start_i.
module affine_divide (
  input  logic        clk_i,
  input  logic        rst_ni,
  input  logic        start_i,      // while not busy_o
  input  logic [31:0] dividend_i,   // stable until not busy_o, as the divisor
  input  logic [31:0] divisor_i,    // at least 1
  output logic        busy_o,
  output logic [31:0] quotient_o,   // these stand until the next start
  output logic [31:0] remainder_o
);
  logic [5:0]  left_q;
  logic [31:0] quotient_q, remainder_q;
  logic [32:0] shifted;
  logic        fits;

  assign busy_o      = left_q != '0;
  assign quotient_o  = quotient_q;
  assign remainder_o = remainder_q;
  assign shifted     = {remainder_q, quotient_q[31]};
  assign fits        = shifted >= {1'b0, divisor_i};

  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) begin
      left_q      <= '0;
      quotient_q  <= '0;
      remainder_q <= '0;
    end else if (busy_o) begin
      left_q      <= left_q - 6'd1;
      quotient_q  <= {quotient_q[30:0], fits};
      remainder_q <= fits ? shifted[31:0] - divisor_i : shifted[31:0];
    end else if (start_i) begin
      left_q      <= 6'd32;
      quotient_q  <= dividend_i;
      remainder_q <= '0;
    end
  end
endmodule
