// The command average (numerics 16), from memory to memory: a snapshot of weights is added to sums.
// Work is a beat of elements: ceil(n / Lanes) cycles.
//
// A sum out of range ends it with status 9: sums of earlier beats are added by then, those from the
// beat with that sum on, Emin and the count are as they were.
module average_sequencer #(
  parameter int Lanes  = 16,
  parameter int Blocks = 1024  // most blocks, a power of two, at least 2 Lanes
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
  localparam int WordBits  = Lanes * 32;
  localparam int LaneBits  = $clog2(Lanes);
  localparam int BlockBits = $clog2(Blocks);

  localparam logic [7:0] BAD_OPTION   = 8'd2;
  localparam logic [7:0] ZERO_SIZE    = 8'd3;
  localparam logic [7:0] BAD_FORMAT   = 8'd7;
  localparam logic [7:0] TOO_LARGE    = 8'd8;
  localparam logic [7:0] OUT_OF_RANGE = 8'd9;

  typedef enum logic [3:0] {
    IDLE, CHECK, LOAD, PLAN, RUN, FLUSH, ENTRIES, HEADER, END
  } state_e;
  state_e state_d, state_q;
  logic   check, planning, flushing, entries_start, entering, finish;
  assign check         = state_q == CHECK;
  assign planning      = state_q == PLAN;
  assign flushing      = state_q == FLUSH;
  assign entering      = state_q == ENTRIES;
  assign finish        = state_q == HEADER;
  logic   first_cycle_q;  // of a state

  // The descriptor.
  logic [255:0] x;
  logic [63:0]  sums;  // their addresses
  logic [31:0]  n, blocks, beats;
  assign x      = desc_i[32*32 +: 256];
  assign sums   = desc_i[(32 + 10*8)*32 +: 64];
  assign n      = x[128 +: 32];
  assign blocks = x[160 +: 32];
  assign beats  = ((n - 32'd1) >> LaneBits) + 32'd1;

  logic        shape;
  logic [31:0] row_modulus, column_modulus, columns;
  logic [4:0]  column_shift;
  block_shape u_shape (
    .slot_i(x), .good_o(shape), .row_modulus_o(row_modulus), .column_modulus_o(column_modulus),
    .column_shift_o(column_shift), .columns_o(columns)
  );

  logic       unfit;
  logic [7:0] status, status_q;
  assign unfit = (x[66:64] != 3'd1 && x[66:64] != 3'd2) || !shape;
  always_comb begin
    status = 8'd0;
    if (desc_i[31:8] != '0)                                        status = BAD_OPTION;
    else if (n == '0 || blocks == '0 || column_modulus == '0)      status = ZERO_SIZE;
    else if (unfit)                                                status = BAD_FORMAT;
    else if (blocks > 32'(Blocks))                                 status = TOO_LARGE;
  end

  // Ports to memory.
  localparam int Clients = 6;
  localparam int X = 0, SUMS = 1, EXPONENTS = 2, EMIN = 3, RESULT = 4, ENTRY = 5;
  logic [Clients-1:0]          req_valid, req_ready, rsp_valid;
  logic [Clients*32-1:0]       req_addr;
  logic [Clients*WordBits-1:0] req_data;
  logic [Clients*Lanes*4-1:0]  req_strb;
  logic [WordBits-1:0]         rsp_data;
  mem_arbiter #(.Clients(Clients), .WordBytes(Lanes*4)) u_arbiter (
    .clk_i, .rst_ni, .req_valid_i(req_valid), .req_ready_o(req_ready), .req_write_i(6'b110000),
    .req_addr_i(req_addr), .req_data_i(req_data), .req_strb_i(req_strb), .rsp_valid_o(rsp_valid),
    .rsp_data_o(rsp_data), .req_valid_o, .req_ready_i, .req_write_o, .req_addr_o, .req_data_o,
    .req_strb_o, .rsp_valid_i, .rsp_data_i
  );
  assign req_data[0 +: RESULT*WordBits] = '0;
  assign req_strb[0 +: RESULT*Lanes*4]  = '0;

  // Exponents of the weights, and Emin with the count of snapshots in its header.
  logic         load, entry_busy, emin_busy, count_seen_q;
  logic [31:0]  index_q;
  logic [15:0]  entry, emin, new_emin;
  logic [63:0]  count_q, unused_header, unused_emin_header;
  assign load = state_q == LOAD && first_cycle_q;
  exponent_store #(.Lanes(Lanes), .Depth(Blocks), .Ports(1)) u_exponents (
    .clk_i, .rst_ni, .start_i(load), .base_i(x[32 +: 32]), .count_i(blocks), .busy_o(entry_busy),
    .header_o(unused_header), .index_i(index_q), .entry_o(entry),
    .req_valid_o(req_valid[EXPONENTS]), .req_ready_i(req_ready[EXPONENTS]),
    .req_addr_o(req_addr[EXPONENTS*32 +: 32]), .rsp_valid_i(rsp_valid[EXPONENTS]),
    .rsp_data_i(rsp_data)
  );
  exponent_store #(.Lanes(Lanes), .Depth(Blocks), .Ports(1)) u_emin (
    .clk_i, .rst_ni, .start_i(load), .base_i(sums[32 +: 32]), .count_i(blocks),
    .busy_o(emin_busy), .header_o(unused_emin_header), .index_i(index_q), .entry_o(emin),
    .req_valid_o(req_valid[EMIN]), .req_ready_i(req_ready[EMIN]),
    .req_addr_o(req_addr[EMIN*32 +: 32]), .rsp_valid_i(rsp_valid[EMIN]), .rsp_data_i(rsp_data)
  );

  // What is shifted, by block; once more for the new Emin when all is added.
  logic               shift_sums, last_block;
  logic [5:0]         shift;
  logic [Lanes*7-1:0] shifts;
  average_plan u_plan (
    .entry_i(entry), .emin_i(emin), .sums_o(shift_sums), .shift_o(shift), .emin_o(new_emin)
  );
  assign last_block = index_q == blocks - 32'd1;

  // Beats.
  logic                       fetch, x_valid, sums_valid, walk_ready, en, take, last_beat;
  logic                       unused_x_busy, unused_sums_busy;
  logic [WordBits-1:0]        x_data, unused_quotient, unused_remainder;
  logic [Lanes*64-1:0]        sums_data, result;
  logic [Lanes*BlockBits-1:0] block, block_q;
  assign fetch = state_q == PLAN && first_cycle_q;
  stream_reader #(.Lanes(Lanes), .Bits(32)) u_x (
    .clk_i, .rst_ni, .start_i(fetch), .base_i(x[31:0]), .size_i(x[66:64] == 3'd2 ? 2'd1 : 2'd0),
    .unsigned_i(1'b0), .first_i(32'd0), .beats_i(beats), .busy_o(unused_x_busy), .valid_o(x_valid),
    .ready_i(take), .data_o(x_data), .req_valid_o(req_valid[X]), .req_ready_i(req_ready[X]),
    .req_addr_o(req_addr[X*32 +: 32]), .rsp_valid_i(rsp_valid[X]), .rsp_data_i(rsp_data)
  );
  stream_reader #(.Lanes(Lanes), .Bits(64)) u_sums (
    .clk_i, .rst_ni, .start_i(fetch), .base_i(sums[31:0]), .size_i(2'd3), .unsigned_i(1'b0),
    .first_i(32'd0), .beats_i(beats), .busy_o(unused_sums_busy), .valid_o(sums_valid),
    .ready_i(take), .data_o(sums_data), .req_valid_o(req_valid[SUMS]),
    .req_ready_i(req_ready[SUMS]), .req_addr_o(req_addr[SUMS*32 +: 32]),
    .rsp_valid_i(rsp_valid[SUMS]), .rsp_data_i(rsp_data)
  );
  block_walker #(.Lanes(Lanes), .BlockBits(BlockBits)) u_walker (
    .clk_i, .rst_ni, .start_i(check), .row_modulus_i(row_modulus),
    .column_modulus_i(column_modulus), .column_shift_i(column_shift), .columns_i(columns),
    .ready_o(walk_ready), .next_i(take), .block_o(block), .quotient_o(unused_quotient),
    .remainder_o(unused_remainder)
  );
  logic [31:0]         beats_q;
  logic [Lanes-1:0]    mask, last_mask;
  logic [LaneBits-1:0] last_lane;
  assign take      = state_q == RUN && walk_ready && x_valid && sums_valid && en;
  assign last_beat = beats_q == 32'd1;
  assign last_lane = n[LaneBits-1:0] - LaneBits'(1);
  assign last_mask = {Lanes{1'b1}} >> ~last_lane;
  assign mask      = !take ? '0 : last_beat ? last_mask : '1;

  // The lanes: three stages.
  logic [2:0]       valid_q;
  logic [31:0]      result_q;  // beats that came out
  logic [Lanes-1:0] over;
  logic             out_of_range, write, write_ready, write_idle, done_beats;
  always_ff @(posedge clk_i) begin
    if (take) block_q <= block;
  end
  lane_table #(.Lanes(Lanes), .Depth(Blocks), .Width(7)) u_shifts (
    .clk_i, .write_i(planning), .place_i(index_q[BlockBits-1:0]),
    .entry_i({shift_sums, shift}), .index_i(block_q), .entry_o(shifts)
  );
  for (genvar l = 0; l < Lanes; l++) begin : gen_lane
    average_lane u_lane (
      .clk_i, .en_i(en), .element_i(mask[l]), .mantissa_i(x_data[l*32 +: 16]),
      .sum_i(sums_data[l*64 +: 64]), .sums_i(shifts[l*7 + 6]), .shift_i(shifts[l*7 +: 6]),
      .over_o(over[l]), .sum_o(result[l*64 +: 64])
    );
    logic unused_x;
    assign unused_x = ^x_data[l*32 + 16 +: 16];
  end
  assign out_of_range = valid_q[2] && over != '0;
  assign write        = valid_q[2] && !out_of_range && status_q == 8'd0;
  assign en           = !write || write_ready;
  assign done_beats   = result_q == beats;

  stream_writer #(.Lanes(Lanes), .Bits(64)) u_result (
    .clk_i, .rst_ni, .base_i(sums[31:0]), .size_i(2'd3), .valid_i(write), .ready_o(write_ready),
    .beat_i(result_q), .mask_i(result_q == beats - 32'd1 ? last_mask : {Lanes{1'b1}}),
    .data_i(result), .flush_i(flushing && done_beats), .idle_o(write_idle),
    .req_valid_o(req_valid[RESULT]), .req_ready_i(req_ready[RESULT]),
    .req_addr_o(req_addr[RESULT*32 +: 32]), .req_data_o(req_data[RESULT*WordBits +: WordBits]),
    .req_strb_o(req_strb[RESULT*Lanes*4 +: Lanes*4])
  );

  logic entry_ready, entries_busy;
  assign entries_start = flushing && state_d == ENTRIES;
  exponent_writer #(.Lanes(Lanes)) u_entries (
    .clk_i, .rst_ni, .start_i(entries_start), .base_i(sums[32 +: 32]),
    .valid_i(entering), .ready_o(entry_ready), .entry_i(new_emin),
    .finish_i(finish), .header_i({count_q + 64'd1, 64'd0}), .busy_o(entries_busy),
    .req_valid_o(req_valid[ENTRY]), .req_ready_i(req_ready[ENTRY]),
    .req_addr_o(req_addr[ENTRY*32 +: 32]), .req_data_o(req_data[ENTRY*WordBits +: WordBits]),
    .req_strb_o(req_strb[ENTRY*Lanes*4 +: Lanes*4])
  );

  // Steps.
  always_comb begin
    state_d = state_q;
    case (state_q)
      IDLE:    if (start_i) state_d = CHECK;
      CHECK:   if (status != 8'd0) state_d = END; else state_d = LOAD;
      LOAD:    if (!first_cycle_q && !entry_busy && !emin_busy) state_d = PLAN;
      PLAN:    if (last_block) state_d = RUN;
      RUN:     if (take && last_beat) state_d = FLUSH;
      FLUSH: begin
        if (done_beats && write_idle && status_q == 8'd0) state_d = ENTRIES;
        else if (done_beats && write_idle)                state_d = END;
      end
      ENTRIES: if (entry_ready && last_block) state_d = HEADER;
      HEADER:  if (entry_ready) state_d = END;
      END:     if (!entries_busy) state_d = IDLE;
      default: state_d = IDLE;
    endcase
  end
  assign busy_o   = state_q != IDLE;
  assign done_o   = state_q == END && state_d == IDLE;
  assign status_o = status_q;
  assign work_o   = take;

  logic step;
  assign step = state_q == PLAN || (state_q == ENTRIES && entry_ready);
  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) begin
      state_q       <= IDLE;
      first_cycle_q <= 1'b0;
      status_q      <= '0;
      count_q       <= '0;
      count_seen_q  <= 1'b0;
      index_q       <= '0;
      beats_q       <= '0;
      result_q      <= '0;
      valid_q       <= '0;
    end else if (busy_o || start_i) begin
      state_q       <= state_d;
      first_cycle_q <= state_d != state_q;
      if (state_q == CHECK) begin
        status_q     <= status;
        count_seen_q <= 1'b0;
        index_q      <= '0;
        beats_q      <= beats;
        result_q     <= '0;
      end
      // The header is the first word.
      if (state_q == LOAD && rsp_valid[EMIN]) begin
        count_seen_q <= 1'b1;
        if (!count_seen_q) count_q <= rsp_data[127:64];
      end
      if (step) index_q <= last_block ? '0 : index_q + 32'd1;
      if (take) beats_q <= beats_q - 32'd1;
      if (en) begin
        valid_q  <= {valid_q[1:0], take};
        if (valid_q[2]) result_q <= result_q + 32'd1;
      end
      if (out_of_range && status_q == 8'd0) status_q <= OUT_OF_RANGE;
    end
  end

  logic unused_desc;
  assign unused_desc = ^desc_i;
endmodule
