// log2 of a scalar above 0 in units of 2^-16 (numerics 12.3): 16 squarings on the scalar unit's
// multiplier, one a cycle, the first in the cycle of start_i.
module scalar_log2 #(
  parameter int ExpBits = 20
) (
  input  logic                      clk_i,
  input  logic                      rst_ni,
  input  logic                      start_i,
  input  logic [31:0]               mant_i,    // both: in the cycle of start_i
  input  logic signed [ExpBits-1:0] exp_i,
  output logic                      run_o,     // the multiplier is wanted, to square factor_o
  output logic [31:0]               factor_o,
  input  logic [63:0]               square_i,
  output logic signed [ExpBits+16:0] log_o     // holds from 16 cycles after start_i
);
  logic [3:0]                left_d, left_q;
  logic [31:0]               mant_d, mant_q;
  logic signed [ExpBits:0]   whole_d, whole_q;
  logic [15:0]               fraction_d, fraction_q;

  assign run_o    = start_i || (left_q != '0);
  assign factor_o = start_i ? mant_i : mant_q;
  assign log_o    = {whole_q, fraction_q};

  always_comb begin
    left_d     = left_q;
    mant_d     = mant_q;
    whole_d    = whole_q;
    fraction_d = fraction_q;
    if (run_o) begin
      left_d     = start_i ? 4'd15 : left_q - 4'd1;
      mant_d     = square_i[63] ? square_i[63:32] : square_i[62:31];
      fraction_d = {fraction_q[14:0], square_i[63]};
    end
    if (start_i) whole_d = (ExpBits+1)'(exp_i) + (ExpBits+1)'(31);
  end

  logic unused_low;
  assign unused_low = ^square_i[30:0];

  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) begin
      left_q     <= '0;
      mant_q     <= '0;
      whole_q    <= '0;
      fraction_q <= '0;
    end else begin
      left_q     <= left_d;
      mant_q     <= mant_d;
      whole_q    <= whole_d;
      fraction_q <= fraction_d;
    end
  end
endmodule
