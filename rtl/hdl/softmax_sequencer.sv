// Softmax cross-entropy (numerics 14) from memory to memory: logits and labels to the error, and
// to the record of sums. Rows go through softmax_row one after another; the next one's logits are
// read ahead. work_o counts 3n + 48 cycles a row of n classes (docs/cost.md 4).
module softmax_sequencer #(
  parameter int Lanes   = 16,   // at least 4
  parameter int Classes = 1024  // the most in a row, a power of two, at least 16
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
  localparam int LaneBits = $clog2(Lanes);
  localparam int Word     = Lanes * 4;  // bytes
  localparam logic [4:0] ERROR_BITS = 5'd30;
  localparam logic [15:0] ERROR_EXPONENT = -16'd30;

  // Addresses of the slots: 0 logits, 1 labels, 10 the error, 11 the record of sums.
  logic [31:0] logits_at, exponents_at, labels_at, error_at, error_exponents_at, record_at;
  assign logits_at          = desc_i[32*32 +: 32];
  assign exponents_at       = desc_i[33*32 +: 32];
  assign labels_at          = desc_i[40*32 +: 32];
  assign error_at           = desc_i[112*32 +: 32];
  assign error_exponents_at = desc_i[113*32 +: 32];
  assign record_at          = desc_i[120*32 +: 32];

  logic [7:0]  bad;
  logic        want_error, bytes;
  logic [5:0]  offset;
  logic [15:0] repeats;
  logic [31:0] classes, rows;

  softmax_check #(.Classes(Classes)) u_check (
    .desc_i, .status_o(bad), .error_o(want_error), .bytes_o(bytes), .offset_o(offset),
    .repeat_o(repeats), .classes_o(classes), .rows_o(rows)
  );

  localparam logic [2:0] IDLE = 3'd0, CHECK = 3'd1, ROWS = 3'd2, FLUSH = 3'd3, STORE = 3'd4;
  localparam logic [2:0] DONE = 3'd5;
  logic [2:0] state_d, state_q;

  logic        begin_rows, row_done, logit_taken, logit_last, row_last, values_idle, store_busy;
  logic        begin_store, row_idle;
  logic [31:0] row_d, row_q;  // of the logits that are next
  logic [31:0] rows_done_d, rows_done_q;
  logic [7:0]  status_d, status_q;

  assign busy_o      = state_q != IDLE;
  assign done_o      = state_q == DONE;
  assign status_o    = status_q;
  assign begin_rows  = state_q == CHECK && bad == '0;
  assign begin_store = state_q == FLUSH && values_idle;
  assign row_last    = row_q == rows - 32'd1;

  always_comb begin
    state_d  = state_q;
    status_d = status_q;
    case (state_q)
      IDLE: if (start_i) state_d = CHECK;
      CHECK: begin
        status_d = bad;
        state_d  = (bad == '0) ? ROWS : DONE;
      end
      ROWS: if (rows_done_q == rows && row_idle) state_d = FLUSH;
      FLUSH: if (values_idle) state_d = STORE;
      STORE: if (!store_busy) state_d = DONE;
      default: state_d = IDLE;
    endcase
    row_d = row_q;
    if (begin_rows) row_d = '0;
    else if (logit_taken && logit_last) row_d = row_q + 32'd1;
  end

  // The logits, one by one out of beats.
  logic [LaneBits-1:0]  lane_d, lane_q;
  logic [Lanes*32-1:0]  beat;
  logic                 beat_valid, beat_ready, logit_valid, logit_ready;
  logic [31:0]          logits, beats;

  assign logits      = desc_i[36*32 +: 32];
  assign beats       = (logits + 32'(Lanes - 1)) >> LaneBits;
  assign logit_valid = beat_valid;
  assign logit_taken = logit_valid && logit_ready;
  assign beat_ready  = logit_ready && (lane_q == '1 || (logit_last && row_last));

  always_comb begin
    lane_d = lane_q;
    if (begin_rows) lane_d = '0;
    else if (logit_taken) lane_d = lane_q + LaneBits'(1);
  end

  logic [3:0]          valid, ready, answer;
  logic [4*32-1:0]     addr;
  logic [Lanes*32-1:0] values, elements;
  logic [Lanes*4-1:0]  values_strb, elements_strb;

  logic unused_busy;
  stream_reader #(.Lanes(Lanes)) u_logits (
    .clk_i, .rst_ni, .start_i(begin_rows), .base_i(logits_at), .size_i(bytes ? 2'd0 : 2'd1),
    .unsigned_i(1'b0), .first_i(32'd0), .beats_i(beats), .busy_o(unused_busy), .valid_o(beat_valid),
    .ready_i(beat_ready), .data_o(beat), .req_valid_o(valid[0]), .req_ready_i(ready[0]),
    .req_addr_o(addr[0 +: 32]), .rsp_valid_i(answer[0]), .rsp_data_i
  );

  // What belongs to a row, its exponent and label; with the first row's the record of sums.
  localparam int Parts = 5;  // loss, correct, rows, exponent, label
  logic [Parts*64-1:0] part;
  logic [Parts-1:0]    want;
  logic                parts_start, parts_busy, fresh;
  logic [31:0]         block_d, block_q;
  logic [15:0]         in_block_d, in_block_q;

  assign fresh       = repeats != '0 && in_block_q == repeats - 16'd1;
  assign want        = begin_rows ? '1 : {1'b1, fresh, 3'b0};
  assign parts_start = begin_rows || (row_done && rows_done_d != rows);

  always_comb begin
    rows_done_d = rows_done_q;
    block_d     = block_q;
    in_block_d  = in_block_q;
    if (begin_rows) begin
      rows_done_d = '0;
      block_d     = '0;
      in_block_d  = '0;
    end else if (row_done) begin
      rows_done_d = rows_done_q + 32'd1;
      in_block_d  = fresh ? '0 : in_block_q + 16'd1;
      if (fresh) block_d = block_q + 32'd1;
    end
  end

  logic [2:0]  part_item, part_size, store_item, store_size;
  logic [31:0] part_addr, store_addr;
  logic [63:0] store_value;

  always_comb begin
    part_size = 3'd3;
    case (part_item)
      3'd0: part_addr = record_at;
      3'd1: part_addr = record_at + 32'd8;
      3'd2: part_addr = record_at + 32'd16;
      3'd3: begin
        part_addr = exponents_at + 32'(Word) + (block_q << 1);
        part_size = 3'd1;
      end
      default: begin
        part_addr = labels_at + rows_done_q;
        part_size = 3'd0;
      end
    endcase
  end

  element_reader #(.Lanes(Lanes), .Count(Parts), .Bits(64)) u_parts (
    .clk_i, .rst_ni, .start_i(parts_start), .want_i(want), .busy_o(parts_busy),
    .item_o(part_item), .addr_i(part_addr), .size_i(part_size), .value_o(part),
    .req_valid_o(valid[1]), .req_ready_i(ready[1]), .req_addr_o(addr[32 +: 32]),
    .rsp_valid_i(answer[1]), .rsp_data_i
  );

  // 6 - (E - (wl - 2)), held to 0..63.
  logic signed [17:0] places;
  logic [5:0]         held_places;
  assign places      = 18'sd6 + $signed({12'b0, offset}) - 18'($signed(part[3*64 +: 16]));
  assign held_places = places[17] ? '0 : (places > 18'sd63) ? 6'd63 : places[5:0];

  logic        correct, error_valid, error_ready;
  logic [31:0] loss, error_value;

  softmax_row #(.Classes(Classes)) u_row (
    .clk_i, .rst_ni, .classes_i(classes), .error_i(want_error), .logit_valid_i(logit_valid),
    .logit_ready_o(logit_ready), .logit_i(beat[lane_q*32 +: 16]), .logit_last_o(logit_last),
    .row_valid_i(!parts_busy), .places_i(held_places), .label_i(part[4*64 +: 8]),
    .row_done_o(row_done), .loss_o(loss), .correct_o(correct), .error_valid_o(error_valid),
    .error_ready_i(error_ready), .error_o(error_value), .idle_o(row_idle), .work_o
  );

  // The error.
  vector_writer #(.Lanes(Lanes)) u_values (
    .clk_i, .rst_ni, .start_i(begin_rows), .base_i(error_at), .long_i(1'b0),
    .valid_i(error_valid), .ready_o(error_ready), .data_i({32'b0, error_value}),
    .flush_i(state_q == FLUSH), .idle_o(values_idle), .req_valid_o(valid[2]),
    .req_ready_i(ready[2]), .req_addr_o(addr[64 +: 32]), .req_data_o(values),
    .req_strb_o(values_strb)
  );

  // The sums, and at the end all that is left to write.
  logic [63:0] loss_d, loss_q, correct_d, correct_q;

  always_comb begin
    loss_d    = loss_q;
    correct_d = correct_q;
    if (begin_rows) begin
      loss_d    = '0;
      correct_d = '0;
    end else if (row_done) begin
      loss_d    = loss_q + 64'($signed(loss));
      correct_d = correct_q + 64'(correct);
    end
  end

  always_comb begin
    store_size = 3'd3;
    case (store_item)
      3'd0: begin
        store_addr  = record_at;
        store_value = part[0 +: 64] + loss_q;
      end
      3'd1: begin
        store_addr  = record_at + 32'd8;
        store_value = part[64 +: 64] + correct_q;
      end
      3'd2: begin
        store_addr  = record_at + 32'd16;
        store_value = part[128 +: 64] + 64'(rows);
      end
      3'd3: begin
        store_addr  = error_exponents_at + 32'(Word);
        store_size  = 3'd1;
        store_value = {48'b0, ERROR_EXPONENT};
      end
      default: begin
        store_addr  = error_exponents_at;
        store_size  = 3'd5;
        store_value = {59'b0, ERROR_BITS};
      end
    endcase
  end

  element_writer #(.Lanes(Lanes), .Count(5)) u_store (
    .clk_i, .rst_ni, .start_i(begin_store), .want_i({{2{want_error}}, 3'b111}),
    .busy_o(store_busy), .item_o(store_item), .addr_i(store_addr), .size_i(store_size),
    .value_i(128'(store_value)), .req_valid_o(valid[3]), .req_ready_i(ready[3]),
    .req_addr_o(addr[96 +: 32]), .req_data_o(elements), .req_strb_o(elements_strb)
  );

  logic [Lanes*32-1:0] unused_answer;
  mem_arbiter #(.Clients(4), .WordBytes(Word), .Reads(16)) u_arbiter (
    .clk_i, .rst_ni, .req_valid_i(valid), .req_ready_o(ready), .req_write_i(4'b1100),
    .req_addr_i(addr), .req_data_i({elements, values, {(2*Lanes*32){1'b0}}}),
    .req_strb_i({elements_strb, values_strb, {(2*Lanes*4){1'b0}}}), .rsp_valid_o(answer),
    .rsp_data_o(unused_answer), .req_valid_o, .req_ready_i, .req_write_o, .req_addr_o, .req_data_o,
    .req_strb_o, .rsp_valid_i, .rsp_data_i
  );

  logic unused_bits;
  assign unused_bits = ^{desc_i, beat, part, answer[3:2]};

  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) begin
      state_q     <= IDLE;
      status_q    <= '0;
      row_q       <= '0;
      lane_q      <= '0;
      rows_done_q <= '0;
      block_q     <= '0;
      in_block_q  <= '0;
      loss_q      <= '0;
      correct_q   <= '0;
    end else begin
      state_q     <= state_d;
      status_q    <= status_d;
      row_q       <= row_d;
      lane_q      <= lane_d;
      rows_done_q <= rows_done_d;
      block_q     <= block_d;
      in_block_q  <= in_block_d;
      loss_q      <= loss_d;
      correct_q   <= correct_d;
    end
  end
endmodule
