// over(sum + term) of numerics 8.1: one addition that saturates, or wraps, at Bits bits.
module over_add #(
  parameter int Bits     = 32,
  parameter int TermBits = 16,
  parameter int Saturate = 1   // 0: wrap
) (
  input  logic signed [Bits-1:0]     sum_i,
  input  logic signed [TermBits-1:0] term_i,
  output logic signed [Bits-1:0]     sum_o
);
  localparam int SumBits = ((Bits > TermBits) ? Bits : TermBits) + 1;

  localparam logic signed [Bits-1:0] TOP    = {1'b0, {(Bits-1){1'b1}}};
  localparam logic signed [Bits-1:0] BOTTOM = {1'b1, {(Bits-1){1'b0}}};

  logic signed [SumBits-1:0] sum;

  assign sum = SumBits'(sum_i) + SumBits'(term_i);

  if (Saturate != 0) begin : gen_saturate
    always_comb begin
      sum_o = Bits'(sum);
      if (sum > SumBits'(TOP)) sum_o = TOP;
      else if (sum < SumBits'(BOTTOM)) sum_o = BOTTOM;
    end
  end else begin : gen_wrap
    logic unused_sum;
    assign unused_sum = ^sum[SumBits-1:Bits];
    assign sum_o = Bits'(sum);
  end
endmodule
