// One column of the aligner: a 48-bit sum for each row, and its way out.
module aligner_column #(
  parameter int Rows     = 16,
  parameter int AccBits  = 32,
  parameter int RowWidth = 8   // of row_i
) (
  input  logic                      clk_i,
  input  logic                      rst_ni,
  input  logic                      valid_i,
  input  logic [RowWidth-1:0]       row_i,
  input  logic                      first_i,
  input  logic                      drop_i,
  input  logic [4:0]                lshift_i,
  input  logic [5:0]                rshift_i,
  input  logic signed [AccBits-1:0] psum_i,
  output logic signed [31:0]        sum_o
);
  localparam int RowBits = (Rows > 1) ? $clog2(Rows) : 1;

  logic signed [47:0] sums_q [Rows];  // not reset: first_i starts them

  logic [RowBits-1:0] row;
  logic               unused_row;
  logic signed [47:0] old_sum, new_sum;
  logic signed [31:0] out_d, out_q;

  assign row        = row_i[RowBits-1:0];
  assign unused_row = ^row_i;
  assign old_sum    = sums_q[row];

  aligner_sum #(.AccBits(AccBits)) u_sum (
    .old_i(old_sum), .first_i, .drop_i, .lshift_i, .rshift_i, .psum_i,
    .new_o(new_sum), .mant_o(out_d)
  );

  assign sum_o = out_q;

  always_ff @(posedge clk_i) begin
    if (valid_i) sums_q[row] <= new_sum;
  end

  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) out_q <= '0;
    else         out_q <= out_d;
  end
endmodule
