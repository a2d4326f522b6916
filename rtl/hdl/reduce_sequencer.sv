// The command reduce (numerics 11), from memory to memory: exponents and what they decide, the
// beats through the reduce unit, the merge of its lanes, the vectors and their exponents.
// Work is a beat of elements or a merged last index: ceil(n / Lanes) + last cycles.
module reduce_sequencer #(
  parameter int Lanes  = 16,
  parameter int Depth  = 1024,  // most last indices, a power of two
  parameter int Blocks = 1024,  // most blocks, a power of two, at least 2 Lanes
  parameter int Groups = 32     // most columns of blocks, a power of two
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
  localparam int IndexBits = $clog2(Depth);
  localparam int BlockBits = $clog2(Blocks);
  localparam int GroupBits = $clog2(Groups);

  typedef enum logic [3:0] {
    IDLE, CHECK, LOAD_Y, LOAD_X, PLAN, RUN, MERGE, VECTORS, ENTRIES, HEADER, END
  } state_e;
  state_e state_d, state_q;

  // The descriptor.
  logic [255:0] x, y, out, out2;
  assign x    = desc_i[(32 + 0*8)*32 +: 256];
  assign y    = desc_i[(32 + 1*8)*32 +: 256];
  assign out  = desc_i[(32 + 10*8)*32 +: 256];
  assign out2 = desc_i[(32 + 11*8)*32 +: 256];

  logic [7:0] kind;
  logic       pair, squares, exact, extreme, negate, tensor;
  assign kind    = desc_i[15:8];
  assign pair    = kind == 8'd2 || kind == 8'd6;             // x and y
  assign squares = kind == 8'd1 || kind == 8'd5;             // x and x
  assign exact   = kind == 8'd5 || kind == 8'd6;             // two vectors of sums
  assign negate  = kind == 8'd3;
  assign extreme = kind == 8'd3 || kind == 8'd4;
  assign tensor  = x[76:74] == 3'd0;

  logic [31:0] n, last, beats;
  assign n     = x[128 +: 32];
  assign last  = x[192 +: 32];
  assign beats = ((n - 32'd1) >> LaneBits) + 32'd1;

  logic        shape;
  logic [31:0] row_modulus, column_modulus, columns;
  logic [4:0]  column_shift;
  block_shape u_shape (
    .slot_i(x), .good_o(shape), .row_modulus_o(row_modulus), .column_modulus_o(column_modulus),
    .column_shift_o(column_shift), .columns_o(columns)
  );
  logic [7:0] status, status_q;
  reduce_check #(.Depth(Depth), .Blocks(Blocks), .Groups(Groups)) u_check (
    .head_i(desc_i[31:0]), .x_i(x), .y_i(y), .out_i(out), .out2_i(out2), .shape_i(shape),
    .modulus_i(column_modulus), .columns_i(columns), .status_o(status)
  );

  // Ports to memory.
  localparam int Clients = 6;
  localparam int X = 0, Y = 1, EXPONENTS = 2, FIRST = 3, SECOND = 4, ENTRY = 5;
  logic [Clients-1:0]          req_valid, req_ready, rsp_valid;
  logic [Clients*32-1:0]       req_addr;
  logic [Clients*WordBits-1:0] req_data;
  logic [Clients*Lanes*4-1:0]  req_strb;
  logic [WordBits-1:0]         rsp_data;
  mem_arbiter #(.Clients(Clients), .WordBytes(Lanes*4)) u_arbiter (
    .clk_i, .rst_ni, .req_valid_i(req_valid), .req_ready_o(req_ready), .req_write_i(6'b111000),
    .req_addr_i(req_addr), .req_data_i(req_data), .req_strb_i(req_strb), .rsp_valid_o(rsp_valid),
    .rsp_data_o(rsp_data), .req_valid_o, .req_ready_i, .req_write_o, .req_addr_o, .req_data_o,
    .req_strb_o, .rsp_valid_i, .rsp_data_i
  );
  assign req_data[0 +: FIRST*WordBits] = '0;
  assign req_strb[0 +: FIRST*Lanes*4]  = '0;

  // Exponents: one of y, then those of x.
  logic        of_y, load, store_busy, plan, plan_busy;
  logic [31:0] plan_index;
  logic [15:0] entry;
  logic [63:0] unused_header;
  assign of_y = state_q == LOAD_Y;
  exponent_store #(.Lanes(Lanes), .Depth(Blocks), .Ports(1)) u_exponents (
    .clk_i, .rst_ni, .start_i(load), .base_i(of_y ? y[32 +: 32] : x[32 +: 32]),
    .count_i(of_y ? 32'd1 : x[160 +: 32]), .busy_o(store_busy),
    .header_o(unused_header), .index_i(plan_index), .entry_o(entry),
    .req_valid_o(req_valid[EXPONENTS]), .req_ready_i(req_ready[EXPONENTS]),
    .req_addr_o(req_addr[EXPONENTS*32 +: 32]), .rsp_valid_i(rsp_valid[EXPONENTS]),
    .rsp_data_i(rsp_data)
  );
  logic                 table_write, some;
  logic [BlockBits-1:0] table_place;
  logic [4:0]           table_shift, spread;
  logic signed [15:0]   ref_e;
  logic [GroupBits-1:0] group;
  reduce_plan #(.Blocks(Blocks), .Groups(Groups)) u_plan (
    .clk_i, .rst_ni, .start_i(plan), .tensor_i(tensor), .blocks_i(x[160 +: 32]),
    .groups_i(columns), .busy_o(plan_busy), .index_o(plan_index), .entry_i(entry),
    .write_o(table_write), .place_o(table_place), .shift_o(table_shift), .group_i(group),
    .some_o(some), .ref_o(ref_e), .spread_o(spread)
  );

  // Beats.
  logic                       fetch, x_valid, y_valid, walk, walk_ready, take, last_beat;
  logic                       unused_x_busy, unused_y_busy;
  logic [WordBits-1:0]        x_data, y_data, quotient, place;
  logic [Lanes*BlockBits-1:0] block;
  stream_reader #(.Lanes(Lanes), .Bits(32)) u_x (
    .clk_i, .rst_ni, .start_i(fetch), .base_i(x[31:0]), .size_i(x[66:64] == 3'd2 ? 2'd1 : 2'd0),
    .unsigned_i(1'b0), .first_i(32'd0), .beats_i(beats), .busy_o(unused_x_busy), .valid_o(x_valid),
    .ready_i(take), .data_o(x_data), .req_valid_o(req_valid[X]), .req_ready_i(req_ready[X]),
    .req_addr_o(req_addr[X*32 +: 32]), .rsp_valid_i(rsp_valid[X]), .rsp_data_i(rsp_data)
  );
  stream_reader #(.Lanes(Lanes), .Bits(32)) u_y (
    .clk_i, .rst_ni, .start_i(fetch && pair), .base_i(y[31:0]),
    .size_i(y[66:64] == 3'd2 ? 2'd1 : 2'd0), .unsigned_i(1'b0), .first_i(32'd0), .beats_i(beats),
    .busy_o(unused_y_busy), .valid_o(y_valid), .ready_i(take), .data_o(y_data),
    .req_valid_o(req_valid[Y]), .req_ready_i(req_ready[Y]), .req_addr_o(req_addr[Y*32 +: 32]),
    .rsp_valid_i(rsp_valid[Y]), .rsp_data_i(rsp_data)
  );
  block_walker #(.Lanes(Lanes), .BlockBits(BlockBits)) u_walker (
    .clk_i, .rst_ni, .start_i(walk), .row_modulus_i(row_modulus), .column_modulus_i(last),
    .column_shift_i(column_shift), .columns_i(columns), .ready_o(walk_ready), .next_i(take),
    .block_o(block), .quotient_o(quotient), .remainder_o(place)
  );

  logic [31:0]         beats_q;
  logic [Lanes-1:0]    mask;
  logic [LaneBits-1:0] last_lane;
  assign take      = state_q == RUN && walk_ready && x_valid && (y_valid || !pair);
  assign last_beat = beats_q == 32'd1;
  assign last_lane = n[LaneBits-1:0] - LaneBits'(1);
  assign mask      = !take ? '0 : !last_beat ? '1 : {Lanes{1'b1}} >> ~last_lane;

  // The unit. Behind a reset its memories are cleared.
  logic                       merge, clearing, merge_ready, result, result_ready;
  logic [IndexBits:0]         clear_q, index_q, result_q;
  logic [Lanes*IndexBits-1:0] index;
  logic [Lanes*16-1:0]        x_half, y_half;
  logic [63:0]                sum, product;
  for (genvar l = 0; l < Lanes; l++) begin : gen_lane
    assign index[l*IndexBits +: IndexBits] = place[l*32 +: IndexBits];
    assign x_half[l*16 +: 16] = x_data[l*32 +: 16];
    assign y_half[l*16 +: 16] = pair ? y_data[l*32 +: 16] : x_data[l*32 +: 16];
    logic unused_lane;
    assign unused_lane = ^{place[l*32 + IndexBits +: 32 - IndexBits], x_data[l*32 + 16 +: 16],
                           y_data[l*32 + 16 +: 16]};
  end
  assign clearing = clear_q != '0;
  assign merge    = state_q == MERGE && merge_ready;
  reduce_unit #(.Lanes(Lanes), .Depth(Depth), .Blocks(Blocks)) u_unit (
    .clk_i, .rst_ni, .sums_i(kind == 8'd0 || extreme || exact), .extreme_i(extreme),
    .negate_i(negate), .products_i(pair || squares), .table_write_i(table_write),
    .table_place_i(table_place), .table_shift_i(table_shift), .mask_i(mask), .index_i(index),
    .block_i(block), .x_i(x_half), .y_i(y_half), .merge_i(merge || clearing), .quiet_i(clearing),
    .merge_index_i(clearing ? clear_q[IndexBits-1:0] : index_q[IndexBits-1:0]),
    .merge_ready_o(merge_ready), .valid_o(result), .ready_i(result_ready), .sum_o(sum),
    .product_o(product)
  );

  // Exponent, width and shift of the vector's entry that is made (numerics 11).
  logic signed [15:0] y_step_q, x_step, exponent;
  logic [31:0]        rows_q;    // less one
  logic [5:0]         rows_bits;
  logic [6:0]         width, shift;
  logic [4:0]         bits, bits_q;
  logic               two_q;     // the second vector's exponent
  always_comb begin
    rows_bits = '0;
    for (int i = 0; i < 32; i++) begin
      if (rows_q[i]) rows_bits = 6'(i + 1);
    end
  end
  assign width = 7'(x[71:67]) - 7'd1
               + (pair ? 7'(y[71:67]) - 7'd1 : squares ? 7'(x[71:67]) - 7'd1 : 7'd0)
               + (extreme ? 7'd0 : 7'(rows_bits)) + 7'(spread);
  assign shift = (exact || width <= 7'd31) ? 7'd0 : width - 7'd31;
  assign bits  = (!some || exact) ? 5'd0 : (width > 7'd31) ? 5'd31 : width[4:0];
  assign x_step = ref_e - (16'(x[71:67]) - 16'sd2);

  logic first_of_two;
  assign first_of_two = exact && !two_q;
  always_comb begin
    exponent = x_step + 16'(shift);
    if (squares && !first_of_two) exponent = exponent + x_step;
    if (pair && !first_of_two)    exponent = exponent + y_step_q;
    if (!some) exponent = -16'sd512;
  end

  // Vectors.
  logic [63:0] first, shifted;
  logic        top_reached;  // 2^31, which squares of -2^15 alone reach
  logic        flush, first_ready, first_idle, second_ready, second_idle;
  assign shifted      = (exact || !(pair || squares)) ? $signed(sum) >>> shift
                                                      : $signed(product) >>> shift;
  assign top_reached  = !exact && !shifted[63] && shifted[31];
  assign first        = top_reached ? 64'h7fff_ffff : shifted;
  assign result_ready = first_ready && second_ready;
  assign flush        = state_q == VECTORS && result_q == last[IndexBits:0];
  vector_writer #(.Lanes(Lanes)) u_first (
    .clk_i, .rst_ni, .start_i(fetch), .base_i(out[31:0]), .long_i(exact),
    .valid_i(result && result_ready), .ready_o(first_ready), .data_i(first), .flush_i(flush),
    .idle_o(first_idle), .req_valid_o(req_valid[FIRST]), .req_ready_i(req_ready[FIRST]),
    .req_addr_o(req_addr[FIRST*32 +: 32]), .req_data_o(req_data[FIRST*WordBits +: WordBits]),
    .req_strb_o(req_strb[FIRST*Lanes*4 +: Lanes*4])
  );
  vector_writer #(.Lanes(Lanes)) u_second (
    .clk_i, .rst_ni, .start_i(fetch), .base_i(out2[31:0]), .long_i(1'b1),
    .valid_i(result && result_ready && exact), .ready_o(second_ready), .data_i(product),
    .flush_i(flush), .idle_o(second_idle), .req_valid_o(req_valid[SECOND]),
    .req_ready_i(req_ready[SECOND]), .req_addr_o(req_addr[SECOND*32 +: 32]),
    .req_data_o(req_data[SECOND*WordBits +: WordBits]),
    .req_strb_o(req_strb[SECOND*Lanes*4 +: Lanes*4])
  );
  logic vectors_done;
  assign vectors_done = flush && first_idle && second_idle;

  // Their exponents.
  logic enter, finish, entry_ready, last_entry, entries_busy, entries_start;
  assign finish     = state_q == HEADER;
  assign enter      = state_q == ENTRIES;
  assign last_entry = tensor || result_q == last[IndexBits:0] - (IndexBits+1)'(1);
  exponent_writer #(.Lanes(Lanes)) u_entries (
    .clk_i, .rst_ni, .start_i(entries_start), .base_i(two_q ? out2[32 +: 32] : out[32 +: 32]),
    .valid_i(enter), .ready_o(entry_ready), .entry_i(exponent),
    .finish_i(finish), .header_i(128'(bits_q)), .busy_o(entries_busy),
    .req_valid_o(req_valid[ENTRY]), .req_ready_i(req_ready[ENTRY]),
    .req_addr_o(req_addr[ENTRY*32 +: 32]), .req_data_o(req_data[ENTRY*WordBits +: WordBits]),
    .req_strb_o(req_strb[ENTRY*Lanes*4 +: Lanes*4])
  );
  logic [31:0] unused_group;
  assign unused_group = 32'(result_q) >> column_shift;
  assign group        = unused_group[GroupBits-1:0];

  // Steps. A load and a plan are started once, in the first cycle of their state.
  logic first_cycle_q;
  assign load          = (state_q == LOAD_Y || state_q == LOAD_X) && first_cycle_q;
  assign plan          = state_q == PLAN && first_cycle_q;
  assign walk          = state_q == CHECK;
  assign fetch         = state_q == PLAN && first_cycle_q;
  assign entries_start = (vectors_done && state_q == VECTORS) ||
                         (state_q == END && exact && !two_q && status_q == 8'd0 && !entries_busy);

  always_comb begin
    state_d = state_q;
    case (state_q)
      IDLE:  if (start_i) state_d = CHECK;
      CHECK: begin
        if (status != 8'd0) state_d = END;
        else if (!clearing) begin
          if (pair) state_d = LOAD_Y;
          else state_d = LOAD_X;
        end
      end
      LOAD_Y: if (!first_cycle_q && !store_busy) state_d = LOAD_X;
      LOAD_X: if (!first_cycle_q && !store_busy) state_d = PLAN;
      PLAN:   if (!first_cycle_q && !plan_busy) state_d = RUN;
      RUN:    if (take && last_beat) state_d = MERGE;
      MERGE:  if (merge && index_q == last[IndexBits:0] - (IndexBits+1)'(1)) state_d = VECTORS;
      VECTORS: if (vectors_done) state_d = ENTRIES;
      ENTRIES: if (entry_ready && last_entry) state_d = HEADER;
      HEADER: if (entry_ready) state_d = END;
      END: begin
        if (entries_start)      state_d = ENTRIES;
        else if (!entries_busy) state_d = IDLE;
      end
      default: state_d = IDLE;
    endcase
  end

  assign busy_o   = state_q != IDLE;
  assign done_o   = state_q == END && state_d == IDLE;
  assign status_o = status_q;
  assign work_o   = take || merge;

  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) begin
      state_q       <= IDLE;
      first_cycle_q <= 1'b0;
      clear_q       <= (IndexBits+1)'(Depth);
    end else begin
      state_q       <= state_d;
      first_cycle_q <= state_d != state_q;
      clear_q       <= clear_q - (IndexBits+1)'(clearing);
    end
  end

  // What a command counts.
  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) begin
      status_q <= '0;
      beats_q  <= '0;
      rows_q   <= '0;
      y_step_q <= '0;
      index_q  <= '0;
      result_q <= '0;
      bits_q   <= '0;
      two_q    <= 1'b0;
    end else if (busy_o) begin
      if (state_q == CHECK) begin
        status_q <= status;
        beats_q  <= beats;
        index_q  <= '0;
        result_q <= '0;
        bits_q   <= '0;
        two_q    <= 1'b0;
      end
      if (take) beats_q <= beats_q - 32'd1;
      if (take && last_beat) rows_q <= quotient[last_lane*32 +: 32];
      if (merge) index_q <= index_q + (IndexBits+1)'(1);
      if (vectors_done || entries_start) result_q <= '0;
      else if ((result && result_ready) || (enter && entry_ready))
        result_q <= result_q + (IndexBits+1)'(1);
      if (enter && entry_ready && bits > bits_q) bits_q <= bits;
      if (state_q == END && entries_start) two_q <= 1'b1;
      if (state_q == LOAD_Y && state_d == LOAD_X)
        y_step_q <= (entry == 16'h8000 ? -16'sd128 : entry) - (16'(y[71:67]) - 16'sd2);
    end
  end

  logic unused_desc;
  assign unused_desc = ^desc_i;
endmodule
