// The block of the element in each lane, beat by beat (block_shape's form), with the element's
// quotient and remainder by the column's modulus. Lanes + 1 cycles set it up.
module block_walker #(
  parameter int Lanes     = 16,
  parameter int BlockBits = 10  // of a block's number
) (
  input  logic                       clk_i,
  input  logic                       rst_ni,
  input  logic                       start_i,
  input  logic [31:0]                row_modulus_i,     // these three are taken with start_i
  input  logic [31:0]                column_modulus_i,
  input  logic [4:0]                 column_shift_i,
  input  logic [31:0]                columns_i,         // below 2^BlockBits, or 2^BlockBits
  output logic                       ready_o,
  input  logic                       next_i,            // to the next beat; while ready_o
  output logic [Lanes*BlockBits-1:0] block_o,
  output logic [Lanes*32-1:0]        quotient_o,        // by the column's modulus
  output logic [Lanes*32-1:0]        remainder_o
);
  logic                row_ready, column_ready;
  logic [Lanes*32-1:0] row, unused_place;
  assign ready_o = row_ready && column_ready;

  lane_walker #(.Lanes(Lanes)) u_rows (
    .clk_i, .rst_ni, .start_i, .modulus_i(row_modulus_i), .ready_o(row_ready), .next_i,
    .quotient_o(row), .remainder_o(unused_place)
  );
  lane_walker #(.Lanes(Lanes)) u_columns (
    .clk_i, .rst_ni, .start_i, .modulus_i(column_modulus_i), .ready_o(column_ready), .next_i,
    .quotient_o, .remainder_o
  );

  logic [4:0]           shift_q;
  logic [BlockBits-1:0] columns_q;
  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) begin
      shift_q   <= '0;
      columns_q <= '0;
    end else if (start_i) begin
      shift_q   <= column_shift_i;
      columns_q <= columns_i[BlockBits-1:0];
    end
  end

  for (genvar l = 0; l < Lanes; l++) begin : gen_lane
    // With 2^BlockBits columns there is one row, of number 0.
    assign block_o[l*BlockBits +: BlockBits] = row[l*32 +: BlockBits] * columns_q
                                             + BlockBits'(remainder_o[l*32 +: 32] >> shift_q);
    logic unused_row;
    assign unused_row = ^row[l*32 + BlockBits +: 32 - BlockBits];
  end
  logic unused_columns;
  assign unused_columns = ^columns_i[31:BlockBits];
endmodule
