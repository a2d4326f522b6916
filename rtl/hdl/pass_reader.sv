// Beats of a tensor in memory, band by band, each band once or twice: Lanes successive elements,
// sign-extended to Bits. Words are asked for ahead over the ends of passes and bands, as many as
// fit the queue. Who takes the beats knows which they are, and says so.
module pass_reader #(
  parameter int Lanes = 16,
  parameter int Bits  = 32,  // 16 or 32
  parameter int Depth = 16   // words of the queue, a power of two
) (
  input  logic                  clk_i,
  input  logic                  rst_ni,
  input  logic                  start_i,     // all beats of the start before were taken
  input  logic [31:0]           base_i,      // of element 0; a multiple of the word; stable
  input  logic [1:0]            size_i,      // log2 of an element's bytes, 0..Bits / 16; stable
  input  logic [31:0]           elements_i,  // with start_i
  input  logic [31:0]           length_i,    // of a band; with start_i
  input  logic                  twice_i,     // stable
  // The next beat.
  output logic                  valid_o,
  input  logic                  ready_i,
  input  logic [1:0]            beat_i,      // its number's low bits
  input  logic                  last_i,      // it is the last of its pass
  output logic [Lanes*Bits-1:0] data_o,
  // Memory: reads only.
  output logic                  req_valid_o,
  input  logic                  req_ready_i,
  output logic [31:0]           req_addr_o,
  input  logic                  rsp_valid_i,
  input  logic [Lanes*32-1:0]   rsp_data_i
);
  localparam int WordBits  = Lanes * 32;
  localparam int DepthBits = $clog2(Depth);
  localparam int LaneBits  = $clog2(Lanes);

  // Requests: pass after pass.
  logic        open_q, second_q, load, last_band, asked;
  logic [31:0] first_beat, last_beat, first_word, last_word, addr_q, asks_q;

  logic [31:0]         unused_end;
  logic [LaneBits-1:0] unused_first, unused_last;

  band_walker #(.Lanes(Lanes)) u_bands (
    .clk_i, .rst_ni, .start_i, .elements_i, .length_i,
    .next_i(load && (second_q || !twice_i) && !last_band),
    .first_beat_o(first_beat), .last_beat_o(last_beat), .first_lane_o(unused_first),
    .last_lane_o(unused_last), .end_beat_o(unused_end), .last_o(last_band)
  );

  assign first_word = (size_i == 2'd0) ? first_beat >> 2 : (size_i == 2'd1) ? first_beat >> 1
                    : first_beat;
  assign last_word  = (size_i == 2'd0) ? last_beat >> 2 : (size_i == 2'd1) ? last_beat >> 1
                    : last_beat;
  assign load       = open_q && asks_q == '0;

  // The queue has room for all that are on their way.
  logic [DepthBits:0]   room_q, filled_q;
  logic [DepthBits-1:0] head_q, tail_q;
  logic [WordBits-1:0]  queue_q [Depth];
  logic                 pop;

  assign req_valid_o = asks_q != '0 && room_q != '0;
  assign req_addr_o  = addr_q;
  assign asked       = req_valid_o && req_ready_i;

  always_ff @(posedge clk_i) begin
    if (rsp_valid_i) queue_q[tail_q] <= rsp_data_i;
  end

  // Beats out of words.
  logic [WordBits-1:0] word;
  logic [Lanes*16-1:0] halves;
  logic                ends_word;

  assign word      = queue_q[head_q];
  assign halves    = word[beat_i[0]*Lanes*16 +: Lanes*16];
  assign ends_word = (size_i == 2'd0) ? beat_i == 2'd3 : (size_i == 2'd1) ? beat_i[0] : 1'b1;
  assign valid_o   = filled_q != '0;
  assign pop       = valid_o && ready_i && (ends_word || last_i);

  if (Bits == 16) begin : gen_halves
    assign data_o = halves;
  end else begin : gen_words
    logic [Lanes*8-1:0] bytes;
    assign bytes = word[beat_i*Lanes*8 +: Lanes*8];
    for (genvar l = 0; l < Lanes; l++) begin : gen_lane
      assign data_o[l*32 +: 32] = (size_i == 2'd0) ? {{24{bytes[l*8 + 7]}}, bytes[l*8 +: 8]}
                                : (size_i == 2'd1) ? {{16{halves[l*16 + 15]}}, halves[l*16 +: 16]}
                                : word[l*32 +: 32];
    end
  end

  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) begin
      open_q   <= 1'b0;
      second_q <= 1'b0;
      addr_q   <= '0;
      asks_q   <= '0;
      room_q   <= (DepthBits+1)'(Depth);
      filled_q <= '0;
      head_q   <= '0;
      tail_q   <= '0;
    end else begin
      room_q   <= room_q - (DepthBits+1)'(asked) + (DepthBits+1)'(pop);
      filled_q <= filled_q + (DepthBits+1)'(rsp_valid_i) - (DepthBits+1)'(pop);
      head_q   <= head_q + DepthBits'(pop);
      tail_q   <= tail_q + DepthBits'(rsp_valid_i);
      if (start_i) begin
        open_q   <= 1'b1;
        second_q <= 1'b0;
      end else if (load) begin
        addr_q   <= base_i + first_word * 32'(Lanes * 4);
        asks_q   <= last_word - first_word + 32'd1;
        second_q <= twice_i && !second_q;
        open_q   <= !last_band || (twice_i && !second_q);
      end else if (asked) begin
        addr_q <= addr_q + 32'(Lanes * 4);
        asks_q <= asks_q - 32'd1;
      end
    end
  end
endmodule
