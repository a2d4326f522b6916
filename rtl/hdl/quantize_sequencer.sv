// The command quantize (numerics 7) from memory to memory: wide values or block floating point to
// block floating point in any blocks, or to fixed point. Bands of blocks (bfp_quantizer) go through
// the quantizer one after another, in the order of elements, so that each spends its draw in turn.
module quantize_sequencer #(
  parameter int Lanes     = 16,    // at least 4
  parameter int Entries   = 1024,  // exponents of the input, unless each element has its own
  parameter int Tiles     = 1024,  // blocks beside each other; both powers of two
  parameter int Depth     = 16,    // words read ahead, a power of two
  parameter int FaultBit  = -1,    // for tests: bfp_quantizer's
  parameter int FaultLane = 0
) (
  input  logic                clk_i,
  input  logic                rst_ni,
  input  logic                start_i,
  input  logic [4095:0]       desc_i,
  output logic                busy_o,
  output logic                done_o,
  output logic [7:0]          status_o,
  output logic                work_o,
  // The lanes' generators: set them all, read them all.
  input  logic                load_i,
  input  logic [Lanes*32-1:0] state_i,
  output logic [Lanes*32-1:0] state_o,
  // Elements of the last command (numerics 7): clipped, of overflowed blocks, nonzero of flushed.
  output logic [31:0]         clipped_o,
  output logic [31:0]         overflow_o,
  output logic [31:0]         flushed_o,
  // Memory.
  output logic                req_valid_o,
  input  logic                req_ready_i,
  output logic                req_write_o,
  output logic [31:0]         req_addr_o,
  output logic [Lanes*32-1:0] req_data_o,
  output logic [Lanes*4-1:0]  req_strb_o,
  input  logic                rsp_valid_i,
  input  logic [Lanes*32-1:0] rsp_data_i
);
  localparam int IndexBits = $clog2(Entries);
  localparam int TileBits  = $clog2(Tiles);
  localparam int WordBits  = Lanes * 32;
  localparam int SlotIn    = 32 * 32;             // bits of the descriptor before slot 0
  localparam int SlotOut   = SlotIn + 10 * 256;   // and before slot 10

  // The descriptor.
  logic [31:0]  head;
  logic [7:0]   in_format;
  logic [9:0]   out_format;
  logic [255:0] in_slot, out_slot;
  logic         in_wide, fixed, unused_desc;
  logic [15:0]  in_offset;
  logic [7:0]   fixed_exp;

  assign head        = desc_i[31:0];
  assign in_slot     = desc_i[SlotIn +: 256];
  assign out_slot    = desc_i[SlotOut +: 256];
  assign in_format   = in_slot[64 +: 8];
  assign out_format  = out_slot[64 +: 10];
  assign in_wide     = in_format[2:0] == 3'd3;
  assign fixed       = out_format[8];
  assign in_offset   = in_wide ? '0 : 16'(in_format[7:3]) - 16'd2;
  assign fixed_exp   = 8'(out_format[7:3]) - 8'd2 - out_slot[96 +: 8];
  assign unused_desc = ^{desc_i, out_format[2]};

  typedef enum logic [2:0] {IDLE, PLAN, OPEN, RUN, ENTRY, CLOSE, DONE} state_e;
  state_e state_d, state_q;

  logic begins, opens;
  assign begins = start_i && state_q == IDLE;
  assign opens  = state_q == OPEN;

  // The plan.
  logic                 planned, stream;
  logic [7:0]           plan_status, status_q;
  logic [31:0]          in_cols, in_rows, in_rest, length, out_cols, out_rest;
  logic [IndexBits-1:0] in_tiles;
  logic [IndexBits:0]   in_whole;
  logic [TileBits:0]    out_tiles, out_whole;

  quantize_plan #(.Entries(Entries), .Tiles(Tiles), .WordBytes(Lanes * 4)) u_plan (
    .clk_i, .rst_ni, .start_i(begins), .head_i(head),
    .random_bits_i(desc_i[63:32]), .in_i(in_slot), .out_i(out_slot), .done_o(planned),
    .status_o(plan_status), .stream_o(stream), .in_cols_o(in_cols), .in_rows_o(in_rows),
    .in_tiles_o(in_tiles), .in_whole_o(in_whole), .in_rest_o(in_rest), .length_o(length),
    .out_cols_o(out_cols), .out_tiles_o(out_tiles), .out_whole_o(out_whole),
    .out_rest_o(out_rest)
  );

  // Beats of the input.
  logic                      beat_valid, beat_first, beat_final, beat_taken;
  logic [31:0]               beats, beat;
  logic [Lanes-1:0]          own, step;
  logic [Lanes*32-1:0]       mant;
  logic [Lanes*16-1:0]       exp;
  logic [Lanes*TileBits-1:0] tile;
  logic [1:0]                read_valid, read_ready, read_back;
  logic [63:0]               read_addr;
  logic [WordBits-1:0]       read_data;

  quantize_source #(.Lanes(Lanes), .Entries(Entries), .Tiles(Tiles), .Depth(Depth)) u_source (
    .clk_i, .rst_ni, .start_i(opens), .data_i(in_slot[31:0]),
    .exponents_i(in_slot[63:32]), .size_i(in_format[1:0] - 2'd1), .elements_i(in_slot[128 +: 32]),
    .entries_i(in_slot[160 +: 32]), .offset_i(in_offset), .twice_i(!fixed), .length_i(length),
    .stream_i(stream), .in_cols_i(in_cols), .in_rows_i(in_rows), .in_tiles_i(in_tiles),
    .in_whole_i(in_whole), .in_rest_i(in_rest), .out_cols_i(out_cols), .out_whole_i(out_whole),
    .out_rest_i(out_rest),
    .valid_o(beat_valid), .ready_i(beat_taken), .first_o(beat_first), .beats_o(beats),
    .last_o(beat_final), .beat_o(beat), .own_o(own), .step_o(step), .mant_o(mant), .exp_o(exp),
    .tile_o(tile),
    .req_valid_o(read_valid), .req_ready_i(read_ready), .req_addr_o(read_addr),
    .rsp_valid_i(read_back), .rsp_data_i(read_data)
  );

  // The quantizer. It waits for a beat, for room for its result, for room for an exponent.
  logic                quantizer_busy, quantizer_start, wants, band_done, stall, tile_valid, zero;
  logic [7:0]          shared_exp;
  logic [Lanes-1:0]    result_lanes, clipped, overflowed, lost;
  logic [Lanes*16-1:0] result;
  logic                band_final_q, room, entry_room, waiting, written_q, waits;
  logic                unused_overflow, unused_flushed;
  logic [31:0]         unused_cycles;

  bfp_quantizer #(.Lanes(Lanes), .Tiles(Tiles), .FaultBit(FaultBit), .FaultLane(FaultLane))
  u_quantizer (
    .clk_i, .rst_ni, .load_i, .state_i, .state_o, .wl_i(out_format[7:3]), .mode_i(head[9:8]),
    .asymmetric_i(out_format[9]), .random_bits_i(desc_i[36:32]), .half_i(head[16]),
    .fixed_i(fixed), .fixed_exp_i(fixed_exp), .tiles_i(out_tiles),
    .clear_i(opens && !fixed), .start_i(quantizer_start), .beats_i(beats),
    .stall_i(stall), .busy_o(quantizer_busy), .work_o, .ready_o(wants), .done_o(band_done),
    .valid_i(own), .step_i(step), .mant_i(mant), .exp_i(exp), .tile_i(tile),
    .tile_o(tile_valid), .zero_o(zero), .shared_exp_o(shared_exp),
    .overflow_o(unused_overflow), .flushed_o(unused_flushed),
    .valid_o(result_lanes), .mant_o(result), .clipped_o(clipped), .overflowed_o(overflowed),
    .lost_o(lost), .cycles_o(unused_cycles)
  );

  assign waiting         = result_lanes != '0 && !written_q;
  assign waits           = (waiting && !room) || (tile_valid && !entry_room);
  assign stall           = waits || (wants && !beat_valid);
  assign beat_taken      = wants && !stall;
  assign quantizer_start = state_q == RUN && beat_valid && beat_first
                        && (!quantizer_busy || (band_done && !stall));

  // Results. One that stands still is written once.
  logic [31:0]         result_beat_q;
  logic [Lanes*32-1:0] result_wide;
  logic                flush, writer_idle, take;

  for (genvar l = 0; l < Lanes; l++) begin : gen_result
    assign result_wide[l*32 +: 32] = {{16{result[l*16 + 15]}}, result[l*16 +: 16]};
  end
  assign take  = waiting && room;
  assign flush = state_q == CLOSE;

  logic [1:0]          write_valid, write_ready;
  logic [63:0]         write_addr;
  logic [2*WordBits-1:0] write_data;
  logic [Lanes*8-1:0]  write_strb;

  stream_writer #(.Lanes(Lanes), .Bits(32)) u_writer (
    .clk_i, .rst_ni, .base_i(out_slot[31:0]), .size_i(out_format[1:0] - 2'd1), .valid_i(waiting),
    .ready_o(room), .beat_i(result_beat_q), .mask_i(result_lanes), .data_i(result_wide),
    .flush_i(flush), .idle_o(writer_idle),
    .req_valid_o(write_valid[0]), .req_ready_i(write_ready[0]), .req_addr_o(write_addr[31:0]),
    .req_data_o(write_data[WordBits-1:0]), .req_strb_o(write_strb[Lanes*4-1:0])
  );

  logic        entry_valid, finish, entries_busy;
  logic [15:0] entry;

  assign entry_valid = tile_valid || state_q == ENTRY;
  assign entry       = (state_q == ENTRY) ? {{8{fixed_exp[7]}}, fixed_exp}
                     : zero ? 16'h8000 : {{8{shared_exp[7]}}, shared_exp};
  assign finish      = state_q == CLOSE && entry_room;

  exponent_writer #(.Lanes(Lanes)) u_exponents (
    .clk_i, .rst_ni, .start_i(opens), .base_i(out_slot[63:32]), .valid_i(entry_valid),
    .ready_o(entry_room), .entry_i(entry), .finish_i(finish), .header_i(128'd0),
    .busy_o(entries_busy),
    .req_valid_o(write_valid[1]), .req_ready_i(write_ready[1]), .req_addr_o(write_addr[63:32]),
    .req_data_o(write_data[2*WordBits-1:WordBits]),
    .req_strb_o(write_strb[Lanes*8-1:Lanes*4])
  );

  logic [1:0] unused_back;
  mem_arbiter #(.Clients(4), .WordBytes(Lanes * 4)) u_memory (
    .clk_i, .rst_ni, .req_valid_i({write_valid, read_valid}),
    .req_ready_o({write_ready, read_ready}), .req_write_i(4'b1100),
    .req_addr_i({write_addr, read_addr}), .req_data_i({write_data, {(2*WordBits){1'b0}}}),
    .req_strb_i({write_strb, {(Lanes*8){1'b0}}}), .rsp_valid_o({unused_back, read_back}),
    .rsp_data_o(read_data),
    .req_valid_o, .req_ready_i, .req_write_o, .req_addr_o, .req_data_o, .req_strb_o,
    .rsp_valid_i, .rsp_data_i
  );

  logic ends;
  assign ends = band_done && !stall && band_final_q;

  always_comb begin
    state_d = state_q;
    case (state_q)
      IDLE: if (start_i) state_d = PLAN;
      PLAN: begin
        if (planned && plan_status == '0) state_d = OPEN;
        else if (planned)                 state_d = DONE;
      end
      OPEN: state_d = RUN;
      RUN: begin
        if (ends && fixed) state_d = ENTRY;
        else if (ends)     state_d = CLOSE;
      end
      ENTRY: if (entry_room) state_d = CLOSE;
      // What is held is flushed, the exponents end with their header.
      CLOSE: if (writer_idle && !entries_busy) state_d = DONE;
      default: state_d = IDLE;
    endcase
  end

  assign busy_o   = state_q != IDLE;
  assign done_o   = state_q == DONE;
  assign status_o = status_q;

  // What the results of a beat add to the counts.
  logic [31:0] clipped_q, overflow_q, flushed_q, more_clipped, more_overflow, more_flushed;
  always_comb begin
    more_clipped  = '0;
    more_overflow = '0;
    more_flushed  = '0;
    if (take) begin
      for (int l = 0; l < Lanes; l++) begin
        more_clipped  = more_clipped + 32'(clipped[l]);
        more_overflow = more_overflow + 32'(overflowed[l]);
        more_flushed  = more_flushed + 32'(lost[l]);
      end
    end
  end
  assign clipped_o  = clipped_q;
  assign overflow_o = overflow_q;
  assign flushed_o  = flushed_q;

  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) begin
      state_q       <= IDLE;
      status_q      <= '0;
      band_final_q  <= 1'b0;
      written_q     <= 1'b0;
      result_beat_q <= '0;
      clipped_q     <= '0;
      overflow_q    <= '0;
      flushed_q     <= '0;
    end else begin
      state_q   <= state_d;
      written_q <= stall && (written_q || take);
      if (planned) status_q <= plan_status;
      if (quantizer_start) band_final_q <= beat_final;
      if (beat_taken) result_beat_q <= beat;
      if (begins) begin
        clipped_q  <= '0;
        overflow_q <= '0;
        flushed_q  <= '0;
      end else if (take) begin
        clipped_q  <= clipped_q + more_clipped;
        overflow_q <= overflow_q + more_overflow;
        flushed_q  <= flushed_q + more_flushed;
      end
    end
  end
endmodule
