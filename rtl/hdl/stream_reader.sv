// Beats of a tensor in memory: Lanes successive elements each, extended to Bits, as fast as memory
// gives words and ready_i takes beats. Words are asked for ahead, as many as fit the queue.
module stream_reader #(
  parameter int Lanes = 16,
  parameter int Bits  = 32,  // 32, or 64: then elements of 8 bytes too
  parameter int Depth = 8    // words of the queue, a power of two
) (
  input  logic                  clk_i,
  input  logic                  rst_ni,
  input  logic                  start_i,     // taken when not busy_o
  input  logic [31:0]           base_i,      // of element 0; a multiple of the word (4 Lanes bytes)
  input  logic [1:0]            size_i,      // log2 of an element's bytes
  input  logic                  unsigned_i,  // extend by zeros
  input  logic [31:0]           first_i,     // the first beat: elements from first * Lanes on
  input  logic [31:0]           beats_i,     // how many, at least 1
  output logic                  busy_o,      // beats are still to be taken
  output logic                  valid_o,
  input  logic                  ready_i,
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

  logic [1:0]  size_q;
  logic        unsigned_q, begin_now;
  logic [31:0] first_word, last_beat, last_word, words;

  assign begin_now = start_i && !busy_o;
  assign last_beat = first_i + beats_i - 32'd1;

  assign first_word = (size_i == 2'd0) ? first_i >> 2 : (size_i == 2'd1) ? first_i >> 1
                    : (size_i == 2'd3) ? first_i << 1 : first_i;
  assign last_word  = (size_i == 2'd0) ? last_beat >> 2 : (size_i == 2'd1) ? last_beat >> 1
                    : (size_i == 2'd3) ? (last_beat << 1) + 32'd1 : last_beat;
  assign words = last_word - first_word + 32'd1;

  // Requests: one for each word, while the queue has room for all that are on their way.
  logic [31:0]        addr_q, asks_q;
  logic [DepthBits:0] room_q;
  logic               asked, pop;

  assign req_valid_o = asks_q != '0 && room_q != '0;
  assign req_addr_o  = addr_q;
  assign asked       = req_valid_o && req_ready_i;

  // The queue.
  logic [WordBits-1:0]  queue_q [Depth];
  logic [DepthBits-1:0] head_q, tail_q;
  logic [DepthBits:0]   filled_q;

  always_ff @(posedge clk_i) begin
    if (rsp_valid_i) queue_q[tail_q] <= rsp_data_i;
  end

  // Beats out of words, or of two words.
  logic [31:0] left_q;
  logic [1:0]  sub_q, last_sub;
  logic        taken;

  always_comb begin
    case (size_q)
      2'd0:    last_sub = 2'd3;
      2'd1:    last_sub = 2'd1;
      default: last_sub = 2'd0;
    endcase
  end

  assign busy_o  = left_q != '0;
  assign valid_o = busy_o && (filled_q > (DepthBits+1)'(size_q == 2'd3));
  assign taken   = valid_o && ready_i;
  assign pop     = taken && (sub_q == last_sub || left_q == 32'd1);

  logic [DepthBits:0] popped;
  assign popped = !pop ? '0 : (size_q == 2'd3) ? (DepthBits+1)'(2) : (DepthBits+1)'(1);

  logic [WordBits-1:0] word;
  assign word = queue_q[head_q];

  logic [Lanes*8-1:0]  bytes;
  logic [Lanes*16-1:0] halves;
  assign bytes  = word[sub_q*Lanes*8 +: Lanes*8];
  assign halves = word[sub_q[0]*Lanes*16 +: Lanes*16];

  logic [2*WordBits-1:0] pair;
  if (Bits == 64) begin : gen_pair
    logic [DepthBits-1:0] next;
    assign next = head_q + DepthBits'(1);
    assign pair = {queue_q[next], word};
  end else begin : gen_word
    assign pair = {word, word};
  end

  for (genvar l = 0; l < Lanes; l++) begin : gen_lane
    logic sign8, sign16;
    assign sign8  = bytes[l*8 + 7] && !unsigned_q;
    assign sign16 = halves[l*16 + 15] && !unsigned_q;
    logic [Bits-1:0] wide;
    if (Bits == 64) begin : gen_64
      assign wide = (size_q == 2'd3) ? pair[l*64 +: 64]
                                     : {{32{word[l*32+31] && !unsigned_q}}, word[l*32 +: 32]};
    end else begin : gen_32
      assign wide = pair[l*32 +: 32];
    end
    assign data_o[l*Bits +: Bits] = (size_q == 2'd0) ? {{(Bits-8){sign8}}, bytes[l*8 +: 8]}
                                  : (size_q == 2'd1) ? {{(Bits-16){sign16}}, halves[l*16 +: 16]}
                                  : wide;
  end
  if (Bits != 64) begin : gen_unused
    logic unused_pair;
    assign unused_pair = ^pair[2*WordBits-1:WordBits];
  end

  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) begin
      size_q     <= '0;
      unsigned_q <= 1'b0;
      addr_q     <= '0;
      asks_q     <= '0;
      room_q     <= (DepthBits+1)'(Depth);
      head_q     <= '0;
      tail_q     <= '0;
      filled_q   <= '0;
      left_q     <= '0;
      sub_q      <= '0;
    end else begin
      room_q   <= room_q - (DepthBits+1)'(asked) + popped;
      filled_q <= filled_q + (DepthBits+1)'(rsp_valid_i) - popped;
      tail_q   <= tail_q + DepthBits'(rsp_valid_i);
      head_q   <= head_q + popped[DepthBits-1:0];
      if (begin_now) begin
        size_q     <= size_i;
        unsigned_q <= unsigned_i;
        addr_q     <= base_i + first_word * 32'(Lanes * 4);
        asks_q     <= words;
        left_q     <= beats_i;
        sub_q      <= (size_i == 2'd0) ? first_i[1:0] : (size_i == 2'd1) ? {1'b0, first_i[0]} : '0;
      end else begin
        addr_q <= asked ? addr_q + 32'(Lanes * 4) : addr_q;
        asks_q <= asks_q - 32'(asked);
        left_q <= left_q - 32'(taken);
        sub_q  <= !taken ? sub_q : pop ? '0 : sub_q + 2'd1;
      end
    end
  end
endmodule
