// Alignment (numerics 8.2): sums of groups of one tile, 48 bits each, saturating.
//
// Each cycle with valid_i brings one row of partial sums of the present group, which is shifted
// left and added to that row's sums. Groups come in ascending order of exponent. With last_i the
// new sums leave as well: shifted right with floor and saturated to 32 bits, in the cycle after.
module aligner #(
  parameter int Rows    = 16,
  parameter int Cols    = 16,
  parameter int AccBits = 32
) (
  input  logic                    clk_i,
  input  logic                    rst_ni,
  input  logic                    valid_i,
  input  logic [7:0]              row_i,
  input  logic                    first_i,   // the first group of a tile: sums start from 0
  input  logic                    last_i,    // the last group of a tile
  input  logic                    drop_i,    // a group below gref: counts as zero
  input  logic [4:0]              lshift_i,  // 0..16
  input  logic [5:0]              rshift_i,  // t
  input  logic [Cols*AccBits-1:0] psum_i,
  output logic                    valid_o,
  output logic [7:0]              row_o,
  output logic [Cols*32-1:0]      sum_o
);
  logic       valid_q;
  logic [7:0] row_q;

  assign valid_o = valid_q;
  assign row_o   = row_q;

  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) begin
      valid_q <= 1'b0;
      row_q   <= '0;
    end else begin
      valid_q <= valid_i && last_i;
      row_q   <= row_i;
    end
  end

  for (genvar c = 0; c < Cols; c++) begin : gen_col
    aligner_column #(.Rows(Rows), .AccBits(AccBits)) u_column (
      .clk_i, .rst_ni, .valid_i, .row_i, .first_i, .drop_i, .lshift_i, .rshift_i,
      .psum_i(psum_i[c*AccBits +: AccBits]), .sum_o(sum_o[c*32 +: 32])
    );
  end
endmodule
