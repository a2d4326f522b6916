// A contraction from memory to memory (numerics 8, 8.1 with acc_shift 0 and no chunks, 8.2, 8.3)
// on the array with its aligner: docs/rtl.md, "Contractions".
module contract_sequencer #(
  parameter int Lanes    = 16,
  parameter int Rows     = 16,    // 2..Lanes, as Cols
  parameter int Cols     = 16,
  parameter int AccBits  = 32,
  parameter int Saturate = 1,
  parameter int FaultBit = -1,
  parameter int FaultRow = 0,
  parameter int FaultCol = 0,
  parameter int Depth    = 2048,  // k of half an operand buffer, a power of two
  parameter int Blocks   = 1024   // most exponents of an operand, a power of two, >= 2 Lanes
) (
  input  logic                clk_i,
  input  logic                rst_ni,
  input  logic                start_i,
  input  logic [4095:0]       desc_i,
  output logic                busy_o,
  output logic                done_o,
  output logic [7:0]          status_o,
  output logic                work_o,
  output logic                req_valid_o,
  input  logic                req_ready_i,
  output logic                req_write_o,
  output logic [31:0]         req_addr_o,
  output logic [Lanes*32-1:0] req_data_o,
  output logic [Lanes*4-1:0]  req_strb_o,
  input  logic                rsp_valid_i,
  input  logic [Lanes*32-1:0] rsp_data_i
);
  localparam int KBits      = $clog2(Depth);
  localparam int OffsetBits = $clog2(Lanes * 4);
  localparam int BanksA     = 2 ** $clog2(Rows);
  localparam int BanksB     = 2 ** $clog2(Cols);
  localparam int BanksRows  = 2 ** ($clog2(Rows) + 1);

  localparam logic [7:0] STATUS_DONE       = 8'd0;
  localparam logic [7:0] STATUS_OPTION     = 8'd2;
  localparam logic [7:0] STATUS_ZERO_SIZE  = 8'd3;
  localparam logic [7:0] STATUS_MISALIGNED = 8'd4;
  localparam logic [7:0] STATUS_FORMAT     = 8'd7;
  localparam logic [7:0] STATUS_SIZE       = 8'd8;

  // The descriptor (docs/rtl.md).
  localparam int A   = 32;  // word 0 of the slots
  localparam int B   = 40;
  localparam int Out = 112;

  logic [7:0]  direction;
  logic [31:0] rows, cols, k, outers, count_a, count_b;
  logic [15:0] format_a, format_b, format_out;
  logic        unused_formats;
  assign direction  = desc_i[15:8];
  assign rows       = desc_i[12*32 +: 32];
  assign cols       = desc_i[13*32 +: 32];
  assign k          = desc_i[14*32 +: 32];
  assign outers     = (direction == 8'd1) ? desc_i[5*32 +: 32] : desc_i[1*32 +: 32];
  assign format_a   = desc_i[(A+2)*32 +: 16];
  assign format_b   = desc_i[(B+2)*32 +: 16];
  assign format_out = desc_i[(Out+2)*32 +: 16];
  assign unused_formats = ^{format_a, format_b, format_out};
  assign count_a    = desc_i[(A+5)*32 +: 32];
  assign count_b    = desc_i[(B+5)*32 +: 32];

  logic cut_a, cut_b, inside_a, inside_b, each_a, each_b, two_pass;
  assign cut_a    = format_a[12:10] == 3'd1;
  assign cut_b    = format_b[12:10] == 3'd1;
  assign inside_a = cut_a && direction == 8'd2;
  assign inside_b = cut_b && direction != 8'd0;
  assign each_a   = cut_a && !inside_a && count_a > 32'd1;
  assign each_b   = cut_b && !inside_b && count_b > 32'd1;
  assign two_pass = format_b[2:0] == 3'd2;

  logic [7:0] status;
  logic       zero_size, misaligned, formats;
  always_comb begin
    zero_size = 1'b0;
    for (int i = 1; i < 15; i++) begin
      if (i != 9 && desc_i[i*32 +: 32] == '0) zero_size = 1'b1;  // there may be no padding
    end
    misaligned = 1'b0;
    for (int i = 0; i < 2; i++) begin
      if (desc_i[(A+i)*32 +: OffsetBits] != '0 || desc_i[(B+i)*32 +: OffsetBits] != '0
          || desc_i[(Out+i)*32 +: OffsetBits] != '0) misaligned = 1'b1;
    end
  end
  assign formats = format_a[2:0] == 3'd1 && format_a[7:3] <= 5'd8 && format_a[12:10] <= 3'd1
                && (two_pass ? direction == 8'd0 && format_b[7:3] <= 5'd15
                             : format_b[2:0] == 3'd1 && format_b[7:3] <= 5'd8)
                && format_b[12:10] <= 3'd1 && format_out[2:0] == 3'd3
                && (!each_a || format_out[15:14] == 2'd1) && (!each_b || format_out[13]);
  always_comb begin
    status = STATUS_DONE;
    if (direction > 8'd2) status = STATUS_OPTION;
    else if (zero_size)   status = STATUS_ZERO_SIZE;
    else if (misaligned)  status = STATUS_MISALIGNED;
    else if (!formats)    status = STATUS_FORMAT;
    else if (count_a > 32'(Blocks) || count_b > 32'(Blocks)
             || ((inside_a || inside_b) && outers > 32'(Blocks))) status = STATUS_SIZE;
  end

  typedef enum logic [3:0] {IDLE, CHECK, PREPARE, PREPARED, PLAN, PLANNED, RUN, RUNNING, CELLS,
                            ENDING, LAST} state_e;
  state_e     state_q;
  logic [7:0] status_q;
  logic       setup_busy, stores_busy, plan_busy, cells_busy, results_busy, none;
  logic       prepare, plan, run, cells;
  assign busy_o   = state_q != IDLE;
  assign done_o   = state_q == LAST;
  assign status_o = status_q;
  assign prepare  = state_q == PREPARE;
  assign plan     = state_q == PLAN;
  assign run      = state_q == RUN;
  assign cells    = state_q == CELLS;

  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) begin
      state_q  <= IDLE;
      status_q <= '0;
    end else begin
      case (state_q)
        IDLE:     if (start_i) state_q <= CHECK;
        CHECK: begin
          state_q  <= (status == STATUS_DONE) ? PREPARE : LAST;
          status_q <= status;
        end
        PREPARE:  state_q <= PREPARED;
        PREPARED: if (!setup_busy && !stores_busy) state_q <= PLAN;
        PLAN:     state_q <= PLANNED;
        PLANNED:  if (!plan_busy) state_q <= RUN;
        RUN:      state_q <= RUNNING;
        RUNNING:  if (!results_busy && !visits_busy && !feed_busy) state_q <= CELLS;
        CELLS:    state_q <= ENDING;
        ENDING:  if (!cells_busy) state_q <= LAST;
        default:  state_q <= IDLE;
      endcase
    end
  end

  // Exponents, geometry and plan.
  logic [31:0]      index_a, index_b, plan_index, cell_a, cell_b, inner, tile_bytes;
  logic [15:0]      entry_a, entry_b;
  logic [1:0]       store_busy, store_valid;
  logic [63:0]      store_addr;
  logic [21*32-1:0] view_a, view_b;
  assign stores_busy = store_busy != '0;
  assign index_a     = plan_busy ? plan_index : cell_a;
  assign index_b     = plan_busy ? plan_index : cell_b;

  logic [1:0]  port_ready, port_answer;  // A's and B's
  logic        port_write, unused_answer;
  logic [Lanes*32-1:0] unused_data;
  logic [63:0] unused_header_a, unused_header_b;
  logic        reading;                  // exponents
  assign reading = state_q == PREPARED;

  exponent_store #(.Lanes(Lanes), .Depth(Blocks), .Ports(1)) u_exponents_a (
    .clk_i, .rst_ni, .start_i(prepare), .base_i(desc_i[(A+1)*32 +: 32]), .count_i(count_a),
    .busy_o(store_busy[0]), .header_o(unused_header_a), .index_i(index_a), .entry_o(entry_a),
    .req_valid_o(store_valid[0]), .req_ready_i(port_ready[0] && reading),
    .req_addr_o(store_addr[31:0]), .rsp_valid_i(port_answer[0] && reading), .rsp_data_i
  );
  exponent_store #(.Lanes(Lanes), .Depth(Blocks), .Ports(1)) u_exponents_b (
    .clk_i, .rst_ni, .start_i(prepare), .base_i(desc_i[(B+1)*32 +: 32]), .count_i(count_b),
    .busy_o(store_busy[1]), .header_o(unused_header_b), .index_i(index_b), .entry_o(entry_b),
    .req_valid_o(store_valid[1]), .req_ready_i(port_ready[1] && reading),
    .req_addr_o(store_addr[63:32]), .rsp_valid_i(port_answer[1] && reading), .rsp_data_i
  );
  contract_setup #(.Rows(Rows), .Depth(Depth)) u_setup (
    .clk_i, .rst_ni, .start_i(prepare), .desc_i, .busy_o(setup_busy), .view_a_o(view_a),
    .view_b_o(view_b), .inner_o(inner), .tile_o(tile_bytes)
  );

  logic [4:0]  groups, pass_group, pass_shift, list_group;
  logic [5:0]  rshift;
  logic [7:0]  bits;
  logic [31:0] exponent, pass_len, list_end, list_index, list, outer_k, steps;
  assign none    = groups == '0;
  assign outer_k = (inside_a || inside_b) ? inner : k;
  assign steps   = 32'(format_a[7:3]) + 32'(format_b[7:3]) - 32'd4;

  contract_plan #(.Blocks(Blocks)) u_plan (
    .clk_i, .rst_ni, .start_i(plan), .varies_a_i(inside_a), .varies_b_i(inside_b),
    .two_pass_i(two_pass), .outers_i(outers), .inner_i(inner), .k_i(k), .index_o(plan_index),
    .entry_a_i(entry_a), .entry_b_i(entry_b), .busy_o(plan_busy), .groups_o(groups),
    .rshift_o(rshift), .bits_o(bits), .exponent_o(exponent), .pass_group_i(pass_group),
    .pass_len_o(pass_len), .pass_shift_o(pass_shift), .list_group_i(list_group),
    .list_end_o(list_end), .list_index_i(list_index), .list_o(list)
  );

  // Operands.
  logic        visits_busy, visit, visit_last, visit_ended, final_chunk, high;
  logic [1:0]  load, load_ready, load_done, half, visit_half;
  logic [3:0]  place_seek, run_seek;
  logic [63:0] places, length;
  logic [31:0] visit_chunk;
  contract_visits #(.Rows(Rows), .Cols(Cols), .Depth(Depth)) u_visits (
    .clk_i, .rst_ni, .start_i(run && !none), .rows_i(rows), .cols_i(cols), .k_i(k),
    .groups_i(groups), .two_pass_i(two_pass), .across_a_i(direction == 8'd2),
    .across_b_i(direction != 8'd0), .busy_o(visits_busy), .load_o(load), .ready_i(load_ready),
    .place_seek_o(place_seek), .run_seek_o(run_seek), .places_o(places), .length_o(length),
    .final_o(final_chunk), .half_o(half), .high_o(high), .done_i(load_done), .valid_o(visit),
    .visit_half_o(visit_half), .visit_chunk_o(visit_chunk), .visit_last_o(visit_last),
    .ended_i(visit_ended)
  );

  logic                read;
  logic [KBits-1:0]    read_k;
  logic [Rows*8-1:0]   array_a;
  logic [Cols*8-1:0]   array_b;
  logic [1:0]          fetch_valid;
  logic [63:0]         fetch_addr;

  contract_operand #(.Lanes(Lanes), .Banks(BanksA), .Units(Rows), .Depth(Depth)) u_operand_a (
    .clk_i, .rst_ni, .view_i(view_a), .clear_i(run), .start_i(load[0] && load_ready[0]),
    .ready_o(load_ready[0]), .place_seek_i(place_seek[1:0]), .run_seek_i(run_seek[1:0]),
    .places_i(places[31:0]), .length_i(length[31:0]), .final_i(final_chunk), .half_i(half[0]),
    .high_i(1'b0), .done_o(load_done[0]), .read_i(read), .read_half_i(visit_half[0]),
    .read_k_i(read_k), .rows_o(array_a), .req_valid_o(fetch_valid[0]),
    .req_ready_i(port_ready[0] && !reading), .req_addr_o(fetch_addr[31:0]),
    .rsp_valid_i(port_answer[0] && !reading), .rsp_data_i
  );
  contract_operand #(.Lanes(Lanes), .Banks(BanksB), .Units(Cols), .Depth(Depth)) u_operand_b (
    .clk_i, .rst_ni, .view_i(view_b), .clear_i(run), .start_i(load[1] && load_ready[1]),
    .ready_o(load_ready[1]), .place_seek_i(place_seek[3:2]), .run_seek_i(run_seek[3:2]),
    .places_i(places[63:32]), .length_i(length[63:32]), .final_i(final_chunk), .half_i(half[1]),
    .high_i(high), .done_o(load_done[1]), .read_i(read), .read_half_i(visit_half[1]),
    .read_k_i(read_k), .rows_o(array_b), .req_valid_o(fetch_valid[1]),
    .req_ready_i(port_ready[1] && !reading), .req_addr_o(fetch_addr[63:32]),
    .rsp_valid_i(port_answer[1] && !reading), .rsp_data_i
  );

  // The array.
  logic               pass, first, last, array_busy, array_ready, array_done, stall, room;
  logic               row_valid, feed_busy;
  logic [7:0]         unused_row;
  logic [31:0]        unused_cycles;
  logic [Cols*32-1:0] row;
  assign work_o = array_busy && !stall;

  contract_feed #(.Rows(Rows), .Cols(Cols), .Depth(Depth)) u_feed (
    .clk_i, .rst_ni, .start_i(run && !none), .rows_i(rows), .cols_i(cols), .inner_i(outer_k),
    .groups_i(groups), .busy_o(feed_busy), .pass_group_o(pass_group), .list_group_o(list_group),
    .list_end_i(list_end), .list_index_o(list_index), .list_i(list), .visit_i(visit),
    .visit_chunk_i(visit_chunk), .visit_last_i(visit_last), .ended_o(visit_ended), .read_o(read),
    .read_k_o(read_k), .pass_o(pass), .first_o(first), .last_o(last), .array_busy_i(array_busy),
    .array_ready_i(array_ready), .array_done_i(array_done), .room_i(room), .stall_o(stall)
  );
  mac_tile #(
    .Rows(Rows), .Cols(Cols), .AccBits(AccBits), .Saturate(Saturate),
    .FaultBit(FaultBit), .FaultRow(FaultRow), .FaultCol(FaultCol)
  ) u_tile (
    .clk_i, .rst_ni, .stall_i(stall), .start_i(pass), .len_i(pass_len), .first_i(first),
    .last_i(last), .drop_i(1'b0), .lshift_i(pass_shift), .rshift_i(rshift), .busy_o(array_busy),
    .ready_o(array_ready), .skip_i(1'b0), .nearest_i(1'b0), .load_i(1'b0), .load_row_i(8'd0),
    .load_col_i(8'd0), .load_lane_i(6'd0), .load_state_i(32'd0), .a_i(array_a), .b_i(array_b),
    .done_o(array_done), .valid_o(row_valid), .row_o(unused_row), .sum_o(row),
    .cycles_o(unused_cycles)
  );

  // Results.
  logic                results_valid, cells_valid;
  logic [31:0]         results_addr, cells_addr;
  logic [Lanes*32-1:0] results_data, cells_data;
  logic [Lanes*4-1:0]  results_strb, cells_strb;
  contract_results #(.Lanes(Lanes), .Rows(Rows), .Cols(Cols), .Queue(BanksRows)) u_results (
    .clk_i, .rst_ni, .start_i(run), .zero_i(none), .base_i(desc_i[Out*32 +: 32]), .rows_i(rows),
    .cols_i(cols), .tile_i(tile_bytes), .busy_o(results_busy), .valid_i(row_valid), .row_i(row),
    .room_o(room), .req_valid_o(results_valid), .req_ready_i(port_write && !cells_valid),
    .req_addr_o(results_addr), .req_data_o(results_data), .req_strb_o(results_strb)
  );
  contract_cells #(.Lanes(Lanes)) u_cells (
    .clk_i, .rst_ni, .start_i(cells), .base_i(desc_i[(Out+1)*32 +: 32]),
    .count_i(desc_i[(Out+5)*32 +: 32]),
    .columns_i(format_out[13] ? desc_i[(Out+6)*32 +: 32] : 32'd1), .inside_a_i(inside_a),
    .inside_b_i(inside_b), .each_a_i(each_a), .each_b_i(each_b), .none_i(none),
    .exponent_i(exponent - steps), .bits_i(bits), .index_a_o(cell_a), .index_b_o(cell_b),
    .entry_a_i(entry_a), .entry_b_i(entry_b), .busy_o(cells_busy), .req_valid_o(cells_valid),
    .req_ready_i(port_write), .req_addr_o(cells_addr), .req_data_o(cells_data),
    .req_strb_o(cells_strb)
  );

  // One port: A's reads, B's reads, and writes.
  mem_arbiter #(.Clients(3), .WordBytes(Lanes * 4)) u_arbiter (
    .clk_i, .rst_ni,
    .req_valid_i({results_valid || cells_valid, reading ? store_valid : fetch_valid}),
    .req_ready_o({port_write, port_ready}), .req_write_i(3'b100),
    .req_addr_i({cells_valid ? cells_addr : results_addr, reading ? store_addr : fetch_addr}),
    .req_data_i({cells_valid ? cells_data : results_data, {(2*Lanes*32){1'b0}}}),
    .req_strb_i({cells_valid ? cells_strb : results_strb, {(2*Lanes*4){1'b0}}}),
    .rsp_valid_o({unused_answer, port_answer}), .rsp_data_o(unused_data), .req_valid_o,
    .req_ready_i, .req_write_o, .req_addr_o, .req_data_o, .req_strb_o, .rsp_valid_i, .rsp_data_i
  );
endmodule
