// The commands pool, pool_back, pool_sum and spread (numerics 13, 13.1) from memory to memory:
// the plan, the unit, the streams of data and index bytes, and the exponents beside them.
module pool_sequencer #(
  parameter int Lanes = 16,
  parameter int Depth = 32768  // elements of the unit's ring, a power of two
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
  localparam int WordBits = Lanes * 32;
  // Clients of the memory port.
  localparam int Clients = 6;
  localparam int DATA = 0, INDEX = 1, EXPONENTS = 2;
  localparam int TO_DATA = 3, TO_INDEX = 4, TO_EXPONENTS = 5;

  typedef enum logic [2:0] {IDLE, PLAN, SETUP, RUN, FLUSH, DONE} state_e;
  state_e state_d, state_q;

  logic [7:0] status_d, status_q, plan_status;
  logic       plan_start, plan_ready, unit_start, unit_ready, unit_busy, too_large;
  logic       streams_start, flush;

  // The descriptor's slots.
  logic [31:0] in_data, in_exponents, in_index, in_format, in_blocks;
  logic [31:0] out_data, out_exponents, out_index;
  assign in_data       = desc_i[32*32 +: 32];
  assign in_exponents  = desc_i[33*32 +: 32];
  assign in_format     = desc_i[34*32 +: 32];
  assign in_blocks     = desc_i[37*32 +: 32];
  assign in_index      = desc_i[40*32 +: 32];
  assign out_data      = desc_i[112*32 +: 32];
  assign out_exponents = desc_i[113*32 +: 32];
  assign out_index     = desc_i[120*32 +: 32];
  logic unused_format;
  assign unused_format = ^in_format;

  // The plan.
  logic        back, sums;
  logic [15:0] columns, rows;
  logic [5:0]  columns_left, rows_left;
  logic [31:0] column, columns_all, line, gap, beat_line, down, loads, elements;
  logic [3:0]  sum_bits;

  pool_plan u_plan (
    .clk_i(clk_i), .rst_ni(rst_ni), .start_i(plan_start), .desc_i(desc_i),
    .ready_o(plan_ready), .status_o(plan_status), .back_o(back), .sums_o(sums),
    .columns_o(columns), .rows_o(rows), .columns_left_o(columns_left), .rows_left_o(rows_left),
    .column_o(column), .columns_all_o(columns_all), .line_o(line), .gap_o(gap),
    .beat_line_o(beat_line), .down_o(down), .loads_o(loads), .elements_o(elements),
    .sum_bits_o(sum_bits)
  );

  // Beats that come: data, and backward from a maximum index bytes beside them.
  logic                indexed, data_valid, index_valid, load_valid, load_ready, load;
  logic                data_busy, index_busy;
  logic [Lanes*32-1:0] data, index;
  logic [Lanes*16-1:0] load_value;
  logic [Lanes*8-1:0]  load_index;
  logic [31:0]         load_beats;
  logic                index_start;
  assign indexed    = back && !sums;
  assign index_start = streams_start && indexed;
  assign load_beats = (loads + 32'(Lanes - 1)) >> LaneBits;
  assign load_valid = data_valid && (!indexed || index_valid);
  assign load       = load_valid && load_ready;

  logic [Clients-1:0]          req_valid, req_ready, rsp_valid, writes;
  logic [Clients*32-1:0]       req_addr;
  logic [Clients*WordBits-1:0] req_data;
  logic [Clients*Lanes*4-1:0]  req_strb;
  logic [WordBits-1:0]         rsp_data;
  assign req_data[0 +: 3*WordBits] = '0;
  assign req_strb[0 +: 3*Lanes*4]  = '0;

  // Sums are wide: int32, their width in the header of their exponents.
  logic       to_wide;
  logic [1:0] in_size, out_size;
  logic [7:0] out_bits;
  assign to_wide  = sums && !back;
  assign in_size  = {1'b0, in_format[1]};
  assign out_size = to_wide ? 2'd2 : in_size;
  assign out_bits = to_wide ? 8'(in_format[7:3]) - 8'd1 + 8'(sum_bits) : 8'd0;

  stream_reader #(.Lanes(Lanes)) u_data (
    .clk_i(clk_i), .rst_ni(rst_ni), .start_i(streams_start), .base_i(in_data), .size_i(in_size),
    .unsigned_i(1'b0), .first_i(32'd0), .beats_i(load_beats), .busy_o(data_busy),
    .valid_o(data_valid), .ready_i(load), .data_o(data), .req_valid_o(req_valid[DATA]),
    .req_ready_i(req_ready[DATA]), .req_addr_o(req_addr[DATA*32 +: 32]),
    .rsp_valid_i(rsp_valid[DATA]), .rsp_data_i(rsp_data)
  );
  stream_reader #(.Lanes(Lanes), .Depth(4)) u_index (
    .clk_i(clk_i), .rst_ni(rst_ni), .start_i(index_start), .base_i(in_index), .size_i(2'd0),
    .unsigned_i(1'b1), .first_i(32'd0), .beats_i(load_beats), .busy_o(index_busy),
    .valid_o(index_valid), .ready_i(load), .data_o(index), .req_valid_o(req_valid[INDEX]),
    .req_ready_i(req_ready[INDEX]), .req_addr_o(req_addr[INDEX*32 +: 32]),
    .rsp_valid_i(rsp_valid[INDEX]), .rsp_data_i(rsp_data)
  );
  for (genvar l = 0; l < Lanes; l++) begin : gen_load
    assign load_value[l*16 +: 16] = data[l*32 +: 16];
    assign load_index[l*8 +: 8]   = index[l*32 +: 8];
    logic unused_load;
    assign unused_load = ^{data[l*32 + 16 +: 16], index[l*32 + 8 +: 24]};
  end
  logic unused_busy;
  assign unused_busy = data_busy || index_busy;

  // The unit.
  logic                valid, ready;
  logic [31:0]         beat;
  logic [Lanes-1:0]    mask, nonzero;
  logic [Lanes*32-1:0] value, place;
  logic [Lanes*8-1:0]  index_bytes, sample;

  pool_unit #(.Lanes(Lanes), .Depth(Depth)) u_unit (
    .clk_i(clk_i), .rst_ni(rst_ni), .start_i(unit_start), .ready_o(unit_ready),
    .too_large_o(too_large), .busy_o(unit_busy), .work_o(work_o), .back_i(back), .sums_i(sums),
    .window_i(desc_i[14:8]), .channels_i(desc_i[4*32 +: 16]), .columns_i(columns), .rows_i(rows),
    .columns_left_i(columns_left), .rows_left_i(rows_left), .column_i(column),
    .columns_all_i(columns_all), .line_i(line), .gap_i(gap), .aligned_i(aligned), .down_i(down),
    .loads_i(loads), .elements_i(elements), .load_valid_i(load_valid),
    .load_ready_o(load_ready), .load_value_i(load_value), .load_index_i(load_index),
    .valid_o(valid), .ready_i(ready), .beat_o(beat), .mask_o(mask), .value_o(value),
    .index_o(index_bytes), .sample_o(sample)
  );
  logic aligned, unused_line;
  assign aligned     = beat_line[LaneBits-1:0] == '0;
  assign unused_line = ^beat_line[31:LaneBits];

  // A beat leaves when all who want it have it.
  logic largest, data_ready, index_ready, exponents_ready, for_data, for_index, for_exponents;
  logic data_had_q, index_had_q, exponents_had_q, data_idle, index_idle, exponents_busy;
  assign largest       = !back && !sums;
  assign for_data      = valid && !data_had_q;
  assign for_index     = valid && largest && !index_had_q;
  assign for_exponents = valid && largest && !exponents_had_q;
  assign ready = (data_had_q || data_ready)
              && (!largest || index_had_q || index_ready)
              && (!largest || exponents_had_q || exponents_ready);

  stream_writer #(.Lanes(Lanes)) u_to_data (
    .clk_i(clk_i), .rst_ni(rst_ni), .base_i(out_data), .size_i(out_size), .valid_i(for_data),
    .ready_o(data_ready), .beat_i(beat), .mask_i(mask), .data_i(value), .flush_i(flush),
    .idle_o(data_idle), .req_valid_o(req_valid[TO_DATA]),
    .req_ready_i(req_ready[TO_DATA]), .req_addr_o(req_addr[TO_DATA*32 +: 32]),
    .req_data_o(req_data[TO_DATA*WordBits +: WordBits]),
    .req_strb_o(req_strb[TO_DATA*Lanes*4 +: Lanes*4])
  );
  for (genvar l = 0; l < Lanes; l++) begin : gen_beat
    assign place[l*32 +: 32] = 32'(index_bytes[l*8 +: 8]);
    assign nonzero[l]        = mask[l] && value[l*32 +: 32] != '0;
  end
  stream_writer #(.Lanes(Lanes)) u_to_index (
    .clk_i(clk_i), .rst_ni(rst_ni), .base_i(out_index), .size_i(2'd0),
    .valid_i(for_index), .ready_o(index_ready), .beat_i(beat),
    .mask_i(mask), .data_i(place), .flush_i(flush), .idle_o(index_idle),
    .req_valid_o(req_valid[TO_INDEX]), .req_ready_i(req_ready[TO_INDEX]),
    .req_addr_o(req_addr[TO_INDEX*32 +: 32]),
    .req_data_o(req_data[TO_INDEX*WordBits +: WordBits]),
    .req_strb_o(req_strb[TO_INDEX*Lanes*4 +: Lanes*4])
  );
  pool_exponents #(.Lanes(Lanes)) u_exponents (
    .clk_i(clk_i), .rst_ni(rst_ni), .start_i(streams_start), .busy_o(exponents_busy),
    .track_i(largest), .wide_i(to_wide), .by_sample_i(in_format[10]),
    .width_i(in_format[7:3]), .bits_i(out_bits), .count_i(in_blocks), .from_i(in_exponents),
    .to_i(out_exponents), .valid_i(for_exponents), .ready_o(exponents_ready),
    .nonzero_i(nonzero), .sample_i(sample), .last_i(flush),
    .read_valid_o(req_valid[EXPONENTS]), .read_ready_i(req_ready[EXPONENTS]),
    .read_addr_o(req_addr[EXPONENTS*32 +: 32]), .rsp_valid_i(rsp_valid[EXPONENTS]),
    .rsp_data_i(rsp_data), .write_valid_o(req_valid[TO_EXPONENTS]),
    .write_ready_i(req_ready[TO_EXPONENTS]), .write_addr_o(req_addr[TO_EXPONENTS*32 +: 32]),
    .write_data_o(req_data[TO_EXPONENTS*WordBits +: WordBits]),
    .write_strb_o(req_strb[TO_EXPONENTS*Lanes*4 +: Lanes*4])
  );

  mem_arbiter #(.Clients(Clients), .WordBytes(Lanes * 4), .Reads(16)) u_arbiter (
    .clk_i(clk_i), .rst_ni(rst_ni), .req_valid_i(req_valid), .req_ready_o(req_ready),
    .req_write_i(writes), .req_addr_i(req_addr), .req_data_i(req_data),
    .req_strb_i(req_strb), .rsp_valid_o(rsp_valid), .rsp_data_o(rsp_data),
    .req_valid_o(req_valid_o), .req_ready_i(req_ready_i), .req_write_o(req_write_o),
    .req_addr_o(req_addr_o), .req_data_o(req_data_o), .req_strb_o(req_strb_o),
    .rsp_valid_i(rsp_valid_i), .rsp_data_i(rsp_data_i)
  );
  assign writes = {{(Clients-3){1'b1}}, 3'b000};
  logic unused_rsp;
  assign unused_rsp = ^rsp_valid[Clients-1:TO_DATA];

  assign plan_start = start_i && state_q == IDLE;
  assign busy_o     = state_q != IDLE;
  assign done_o     = state_q == DONE;
  assign status_o   = status_q;
  assign flush      = state_q == FLUSH;

  always_comb begin
    state_d       = state_q;
    status_d      = status_q;
    unit_start    = 1'b0;
    streams_start = 1'b0;
    case (state_q)
      IDLE: begin
        if (start_i) state_d = PLAN;
      end
      PLAN: begin
        if (plan_ready) begin
          status_d   = plan_status;
          unit_start = plan_status == '0;
          if (plan_status == '0) state_d = SETUP;
          else state_d = DONE;
        end
      end
      SETUP: begin
        if (unit_ready) begin
          status_d      = too_large ? 8'd8 : 8'd0;
          streams_start = !too_large;
          if (too_large) state_d = DONE;
          else state_d = RUN;
        end
      end
      RUN:     if (!unit_busy) state_d = FLUSH;
      FLUSH:   if (data_idle && index_idle && !exponents_busy) state_d = DONE;
      default: state_d = IDLE;
    endcase
  end

  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) begin
      state_q         <= IDLE;
      status_q        <= '0;
      data_had_q      <= 1'b0;
      index_had_q     <= 1'b0;
      exponents_had_q <= 1'b0;
    end else begin
      state_q         <= state_d;
      status_q        <= status_d;
      data_had_q      <= valid && !ready && (data_had_q || data_ready);
      index_had_q     <= valid && !ready && (index_had_q || index_ready);
      exponents_had_q <= valid && !ready && (exponents_had_q || exponents_ready);
    end
  end
endmodule
