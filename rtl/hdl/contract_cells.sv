// The output's exponents (numerics 8.2): a cell's is that of the plan, plus those of the blocks
// that stand outside the sum; -512 where one of these is a zero block, or where there are no sums.
module contract_cells #(
  parameter int Lanes = 16
) (
  input  logic        clk_i,
  input  logic        rst_ni,
  input  logic        start_i,
  input  logic [31:0] base_i,      // of the exponents in memory; all stable while busy
  input  logic [31:0] count_i,     // cells,
  input  logic [31:0] columns_i,   // and of these in a row of cells
  input  logic        inside_a_i,  // the operand's blocks vary along k: the plan has them
  input  logic        inside_b_i,
  input  logic        each_a_i,    // a row of cells has a block of its own
  input  logic        each_b_i,    // a column of cells does
  input  logic        none_i,      // no sums
  input  logic [31:0] exponent_i,  // the plan's, less the steps of the formats
  input  logic [7:0]  bits_i,
  output logic [31:0] index_a_o,   // the entries asked for,
  output logic [31:0] index_b_o,
  input  logic [15:0] entry_a_i,   // in the same cycle
  input  logic [15:0] entry_b_i,
  output logic        busy_o,
  // Memory: writes only.
  output logic                req_valid_o,
  input  logic                req_ready_i,
  output logic [31:0]         req_addr_o,
  output logic [Lanes*32-1:0] req_data_o,
  output logic [Lanes*4-1:0]  req_strb_o
);
  localparam logic [15:0] ZERO_BLOCK    = 16'h8000;
  localparam logic [15:0] ZERO_EXPONENT = 16'hfe00;  // -512

  logic        cells_q, valid, ready, writing, finish, zero;
  logic [31:0] left_q, row_q, column_q, sum;
  assign index_a_o = each_a_i ? row_q : '0;
  assign index_b_o = each_b_i ? column_q : '0;
  assign zero = none_i || (!inside_a_i && entry_a_i == ZERO_BLOCK)
             || (!inside_b_i && entry_b_i == ZERO_BLOCK);
  assign sum  = exponent_i + (inside_a_i ? 32'd0 : {{16{entry_a_i[15]}}, entry_a_i})
              + (inside_b_i ? 32'd0 : {{16{entry_b_i[15]}}, entry_b_i});
  assign valid  = cells_q && left_q != '0;
  assign finish = cells_q && left_q == '0 && ready;
  assign busy_o = cells_q || writing;

  logic unused_sum;
  assign unused_sum = ^sum[31:16];

  exponent_writer #(.Lanes(Lanes)) u_writer (
    .clk_i, .rst_ni, .start_i(start_i && !busy_o), .base_i, .valid_i(valid), .ready_o(ready),
    .entry_i(zero ? ZERO_EXPONENT : sum[15:0]), .finish_i(finish), .header_i({120'd0, bits_i}),
    .busy_o(writing), .req_valid_o, .req_ready_i, .req_addr_o, .req_data_o, .req_strb_o
  );

  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) begin
      cells_q  <= 1'b0;
      left_q   <= '0;
      row_q    <= '0;
      column_q <= '0;
    end else if (!cells_q) begin
      cells_q  <= start_i && !writing;
      left_q   <= count_i;
      row_q    <= '0;
      column_q <= '0;
    end else begin
      cells_q <= !finish;
      if (valid && ready) begin
        left_q   <= left_q - 32'd1;
        column_q <= (column_q + 32'd1 == columns_i) ? '0 : column_q + 32'd1;
        row_q    <= (column_q + 32'd1 == columns_i) ? row_q + 32'd1 : row_q;
      end
    end
  end
endmodule
