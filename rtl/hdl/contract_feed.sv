// Starts the array's passes, one for each group of each tile, and gives them their k out of the
// operand buffers: those of the group's outer indices in order (contract_plan's list), as far as
// they lie in the chunk of the present visit. The k after the one that the array takes stands on
// the buffers' outputs; where it is not there yet, the array is stalled.
module contract_feed #(
  parameter int Rows  = 16,
  parameter int Cols  = 16,
  parameter int Depth = 2048
) (
  input  logic        clk_i,
  input  logic        rst_ni,
  input  logic        start_i,
  input  logic [31:0] rows_i,      // stable while busy
  input  logic [31:0] cols_i,
  input  logic [31:0] inner_i,     // k of an outer index
  input  logic [4:0]  groups_i,    // at least 1
  output logic        busy_o,      // passes are still to come
  // The plan.
  output logic [4:0]  pass_group_o,
  output logic [4:0]  list_group_o,
  input  logic [31:0] list_end_i,
  output logic [31:0] list_index_o,
  input  logic [31:0] list_i,
  // Visits.
  input  logic        visit_i,
  input  logic [31:0] visit_chunk_i,
  input  logic        visit_last_i,
  output logic        ended_o,
  // Buffers.
  output logic        read_o,
  output logic [$clog2(Depth)-1:0] read_k_o,
  // The array.
  output logic        pass_o,
  output logic        first_o,
  output logic        last_o,
  input  logic        array_busy_i,
  input  logic        array_ready_i,
  input  logic        array_done_i,
  input  logic        room_i,      // for the rows that come out of it
  output logic        stall_o
);
  localparam int KBits = $clog2(Depth);

  // k by k.
  logic [31:0] index_q, inner_q, k;
  logic [4:0]  group_q;
  logic        valid_q, there, take, consume;
  assign list_group_o = group_q;
  assign list_index_o = index_q;
  assign k            = list_i + inner_q;
  assign there        = visit_i && index_q < list_end_i && (k >> KBits) == visit_chunk_i;
  assign consume      = array_ready_i && valid_q;
  assign take         = there && (!valid_q || consume);
  assign read_o       = take;
  assign read_k_o     = k[KBits-1:0];
  assign ended_o      = visit_i && !there;
  assign stall_o      = array_busy_i && (array_ready_i ? !valid_q : !room_i);

  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) begin
      index_q <= '0;
      inner_q <= '0;
      group_q <= '0;
      valid_q <= 1'b0;
    end else begin
      valid_q <= take || (valid_q && !consume);
      if (take) begin
        inner_q <= (inner_q + 32'd1 == inner_i) ? '0 : inner_q + 32'd1;
        index_q <= (inner_q + 32'd1 == inner_i) ? index_q + 32'd1 : index_q;
      end else if (ended_o && visit_last_i) begin
        group_q <= (group_q + 5'd1 == groups_i) ? '0 : group_q + 5'd1;
        if (group_q + 5'd1 == groups_i) index_q <= '0;
      end
    end
  end

  // Pass by pass.
  logic        busy_q;
  logic [31:0] row_q, col_q;
  logic [4:0]  pass_group_q;
  logic        row_last, col_last, begun;
  assign busy_o       = busy_q;
  assign pass_group_o = pass_group_q;
  assign pass_o       = busy_q;
  assign first_o      = pass_group_q == '0;
  assign last_o       = pass_group_q + 5'd1 == groups_i;
  assign begun        = busy_q && (!array_busy_i || array_done_i);
  assign row_last     = rows_i - row_q <= 32'(Rows);
  assign col_last     = cols_i - col_q <= 32'(Cols);

  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) begin
      busy_q       <= 1'b0;
      row_q        <= '0;
      col_q        <= '0;
      pass_group_q <= '0;
    end else if (!busy_q) begin
      busy_q       <= start_i;
      row_q        <= '0;
      col_q        <= '0;
      pass_group_q <= '0;
    end else if (begun) begin
      pass_group_q <= last_o ? '0 : pass_group_q + 5'd1;
      if (last_o) begin
        row_q <= row_last ? '0 : row_q + 32'(Rows);
        if (row_last) begin
          col_q <= col_q + 32'(Cols);
          if (col_last) busy_q <= 1'b0;
        end
      end
    end
  end
endmodule
