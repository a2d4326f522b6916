// What a quantize command feeds the quantizer: beat after beat of its input, band by band, each
// band twice (fixed point: once), with what belongs to each element: its step exponent, whether it
// is of the band, and its tile there.
module quantize_source #(
  parameter int Lanes     = 16,
  parameter int Entries   = 1024,  // of the store of exponents, a power of two, at least 2 Lanes
  parameter int Tiles     = 1024,
  parameter int Depth     = 16,    // words ahead, a power of two
  parameter int IndexBits = $clog2(Entries),
  parameter int TileBits  = $clog2(Tiles)
) (
  input  logic                      clk_i,
  input  logic                      rst_ni,
  input  logic                      start_i,
  // The command; stable from start_i on.
  input  logic [31:0]               data_i,       // addresses
  input  logic [31:0]               exponents_i,
  input  logic [1:0]                size_i,       // log2 of a mantissa's bytes
  input  logic [31:0]               elements_i,
  input  logic [31:0]               entries_i,
  input  logic [15:0]               offset_i,     // entry minus step exponent
  input  logic                      twice_i,
  input  logic [31:0]               length_i,     // of a band
  input  logic                      stream_i,     // an exponent an element
  input  logic [31:0]               in_cols_i,    // tile_walker's, for the exponents
  input  logic [31:0]               in_rows_i,
  input  logic [IndexBits-1:0]      in_tiles_i,
  input  logic [IndexBits:0]        in_whole_i,
  input  logic [31:0]               in_rest_i,
  input  logic [31:0]               out_cols_i,   // and for the tiles of a band
  input  logic [TileBits:0]         out_whole_i,
  input  logic [31:0]               out_rest_i,
  // Beats.
  output logic                      valid_o,
  input  logic                      ready_i,
  output logic                      first_o,      // the first of a band
  output logic [31:0]               beats_o,      // of the band
  output logic                      last_o,       // the band is the tensor's last
  output logic [31:0]               beat_o,       // its number
  output logic [Lanes-1:0]          own_o,        // lanes with elements of the band
  output logic [Lanes-1:0]          step_o,       // and those behind the tensor's end
  output logic [Lanes*32-1:0]       mant_o,
  output logic [Lanes*16-1:0]       exp_o,
  output logic [Lanes*TileBits-1:0] tile_o,
  // Memory: reads only, of mantissas (0) and exponents (1).
  output logic [1:0]                req_valid_o,
  input  logic [1:0]                req_ready_i,
  output logic [63:0]               req_addr_o,
  input  logic [1:0]                rsp_valid_i,
  input  logic [Lanes*32-1:0]       rsp_data_i
);
  localparam int LaneBits = $clog2(Lanes);

  localparam logic [Lanes-1:0] ALL_LANES = {Lanes{1'b1}};

  // Where the next beat is.
  logic [31:0]         first_beat, last_beat, end_beat, beat_d, beat_q;
  logic [LaneBits-1:0] first_lane, last_lane;
  logic                last_band, at_first, at_last, second_q, final_pass, running_q;
  logic                emit, next_band;

  band_walker #(.Lanes(Lanes)) u_bands (
    .clk_i, .rst_ni, .start_i, .elements_i, .length_i, .next_i(next_band),
    .first_beat_o(first_beat), .last_beat_o(last_beat), .first_lane_o(first_lane),
    .last_lane_o(last_lane), .end_beat_o(end_beat), .last_o(last_band)
  );

  assign at_first   = beat_q == first_beat;
  assign at_last    = beat_q == last_beat;
  assign final_pass = second_q || !twice_i;
  assign next_band  = emit && at_last && final_pass && !last_band;
  assign beat_d     = !at_last ? beat_q + 32'd1 : final_pass ? end_beat : first_beat;

  // Its place among cells and tiles. The first pass leaves a mark, to which the second goes back; a
  // band that begins in the beat in which another ends begins where that did.
  logic                       in_ready, out_ready, walk_next, walk_save, walk_back;
  logic [Lanes*IndexBits-1:0] entry_index;
  logic [Lanes*TileBits-1:0]  tile;

  assign walk_save = emit && at_first && !final_pass;
  assign walk_back = emit && at_last && !final_pass && !at_first;
  assign walk_next = emit && (beat_d == beat_q + 32'd1);

  tile_walker #(.Lanes(Lanes), .IndexBits(IndexBits)) u_entries (
    .clk_i, .rst_ni, .start_i, .cols_i(in_cols_i), .rows_i(in_rows_i), .tiles_i(in_tiles_i),
    .whole_i(in_whole_i), .rest_i(in_rest_i), .ready_o(in_ready), .next_i(walk_next),
    .save_i(walk_save), .back_i(walk_back), .index_o(entry_index)
  );
  tile_walker #(.Lanes(Lanes), .IndexBits(TileBits)) u_tiles (
    .clk_i, .rst_ni, .start_i, .cols_i(out_cols_i), .rows_i(32'hffff_ffff),
    .tiles_i({TileBits{1'b0}}),
    .whole_i(out_whole_i), .rest_i(out_rest_i), .ready_o(out_ready), .next_i(walk_next),
    .save_i(walk_save), .back_i(walk_back), .index_o(tile)
  );

  // Mantissas.
  logic                mant_valid, exp_valid, entry_valid;
  logic [Lanes*32-1:0] mant;

  pass_reader #(.Lanes(Lanes), .Bits(32), .Depth(Depth)) u_mantissas (
    .clk_i, .rst_ni, .start_i, .base_i(data_i), .size_i, .elements_i, .length_i, .twice_i,
    .valid_o(mant_valid), .ready_i(emit), .beat_i(beat_q[1:0]), .last_i(at_last), .data_o(mant),
    .req_valid_o(req_valid_o[0]), .req_ready_i(req_ready_i[0]), .req_addr_o(req_addr_o[31:0]),
    .rsp_valid_i(rsp_valid_i[0]), .rsp_data_i
  );

  // Exponents: one an element as they come, or from the store.
  logic                stream_valid, stream_asks, store_asks, store_busy;
  logic [31:0]         stream_addr, store_addr;
  logic [Lanes*16-1:0] stream_entry, store_entry;
  logic [Lanes*32-1:0] store_index;
  logic [63:0]         unused_header;

  for (genvar l = 0; l < Lanes; l++) begin : gen_index
    assign store_index[l*32 +: 32] = 32'(entry_index[l*IndexBits +: IndexBits]);
  end

  pass_reader #(.Lanes(Lanes), .Bits(16), .Depth(Depth)) u_stream (
    .clk_i, .rst_ni, .start_i(start_i && stream_i), .base_i(exponents_i + 32'(Lanes * 4)),
    .size_i(2'd1), .elements_i, .length_i, .twice_i,
    .valid_o(stream_valid), .ready_i(emit && stream_i), .beat_i(beat_q[1:0]), .last_i(at_last),
    .data_o(stream_entry),
    .req_valid_o(stream_asks), .req_ready_i(req_ready_i[1] && stream_i), .req_addr_o(stream_addr),
    .rsp_valid_i(rsp_valid_i[1] && stream_i), .rsp_data_i
  );
  exponent_store #(.Lanes(Lanes), .Depth(Entries), .Ports(Lanes)) u_store (
    .clk_i, .rst_ni, .start_i(start_i && !stream_i), .base_i(exponents_i), .count_i(entries_i),
    .busy_o(store_busy), .header_o(unused_header), .index_i(store_index), .entry_o(store_entry),
    .req_valid_o(store_asks), .req_ready_i(req_ready_i[1] && !stream_i), .req_addr_o(store_addr),
    .rsp_valid_i(rsp_valid_i[1] && !stream_i), .rsp_data_i
  );

  assign req_valid_o[1]    = stream_i ? stream_asks : store_asks;
  assign req_addr_o[63:32] = stream_i ? stream_addr : store_addr;
  assign exp_valid         = stream_i ? stream_valid : !store_busy;
  assign entry_valid       = exp_valid && in_ready && out_ready;

  // The beat.
  logic [Lanes-1:0]          from_first, to_last, own_q, step_q;
  logic [Lanes*32-1:0]       mant_q;
  logic [Lanes*16-1:0]       exp_q;
  logic [Lanes*TileBits-1:0] tile_q;
  logic [31:0]               beats_q, number_q;
  logic                      valid_q, first_q, last_q;

  assign emit = running_q && mant_valid && entry_valid && (!valid_q || ready_i);

  assign from_first = at_first ? ALL_LANES << first_lane : ALL_LANES;
  assign to_last    = at_last ? ALL_LANES >> (LaneBits'(Lanes - 1) - last_lane) : ALL_LANES;

  assign valid_o = valid_q;
  assign first_o = first_q;
  assign beats_o = beats_q;
  assign last_o  = last_q;
  assign beat_o  = number_q;
  assign own_o   = own_q;
  assign step_o  = step_q;
  assign mant_o  = mant_q;
  assign exp_o   = exp_q;
  assign tile_o  = tile_q;

  always_ff @(posedge clk_i) begin
    if (emit) begin
      mant_q <= mant;
      tile_q <= tile;
      for (int l = 0; l < Lanes; l++) begin
        exp_q[l*16 +: 16] <= (stream_i ? stream_entry[l*16 +: 16] : store_entry[l*16 +: 16])
                           - offset_i;
      end
    end
  end

  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) begin
      running_q  <= 1'b0;
      second_q   <= 1'b0;
      beat_q     <= '0;
      valid_q    <= 1'b0;
      first_q    <= 1'b0;
      last_q     <= 1'b0;
      own_q      <= '0;
      step_q     <= '0;
      beats_q    <= '0;
      number_q   <= '0;
    end else begin
      valid_q    <= emit || (valid_q && !ready_i);
      if (start_i) begin
        running_q <= 1'b1;
        second_q  <= 1'b0;
        beat_q    <= '0;
      end else if (emit) begin
        beat_q <= beat_d;
        if (at_last) begin
          second_q  <= !final_pass;
          running_q <= !(final_pass && last_band);
        end
        first_q  <= at_first && !second_q;
        last_q   <= last_band;
        own_q    <= from_first & to_last;
        step_q   <= from_first & (to_last | {Lanes{last_band}});
        beats_q  <= last_beat - first_beat + 32'd1;
        number_q <= beat_q;
      end
    end
  end
endmodule
