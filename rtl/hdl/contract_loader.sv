// Fills the halves of an operand's buffer: pieces of contract_walk, the words they lie in, and
// their bytes. A word is asked for once as long as pieces lie in it. Loads follow each other
// without a gap: the walk of one begins while words of the one before are still on their way.
module contract_loader #(
  parameter int Lanes = 16,
  parameter int Banks = 16,    // a power of two, at least 2
  parameter int Depth = 2048,  // k of a half, a power of two
  parameter int Words = 8,     // words held or on their way, a power of two
  parameter int Ahead = 16     // pieces that wait for them, a power of two
) (
  input  logic        clk_i,
  input  logic        rst_ni,
  input  logic [21*32-1:0] view_i,  // stable while busy
  input  logic        clear_i,        // a new command: forget the last word
  // A load: see contract_walk.
  input  logic        start_i,        // taken when ready_o
  output logic        ready_o,
  input  logic [1:0]  place_seek_i,
  input  logic [1:0]  run_seek_i,
  input  logic [31:0] places_i,
  input  logic [31:0] length_i,
  input  logic        final_i,
  input  logic        half_i,
  input  logic        high_i,         // of elements of two bytes: w >> 7, else w mod 128
  output logic        done_o,         // a load's last write is in this cycle
  // Writes, see contract_buffer.
  output logic        write_o,
  output logic        half_o,
  output logic [$clog2(Depth)-1:0]   k_o,
  output logic [$clog2(Banks)-1:0]   bank_o,
  output logic [$clog2(Banks):0]     count_o,
  output logic [$clog2(Banks):0]     from_o,
  output logic [$clog2(Banks):0]     to_o,
  output logic        high_o,
  output logic [$clog2(Lanes*4)-1:0] offset_o,
  output logic [Lanes*32-1:0]        word_o,
  // Memory: reads only.
  output logic                req_valid_o,
  input  logic                req_ready_i,
  output logic [31:0]         req_addr_o,
  input  logic                rsp_valid_i,
  input  logic [Lanes*32-1:0] rsp_data_i
);


  localparam int CountBits  = $clog2(Banks) + 1;
  localparam int BankBits   = $clog2(Banks);
  localparam int KBits      = $clog2(Depth);
  localparam int OffsetBits = $clog2(Lanes * 4);
  localparam int WordsBits  = $clog2(Words);
  localparam int AheadBits  = $clog2(Ahead);
  localparam int PieceBits  = 4 + OffsetBits + 3 * CountBits + KBits + BankBits;

  // The walk, and its piece in a register.
  logic                 walk_busy, piece, take, fetch, last, half_q, high_q;
  logic [31:0]          addr, k, row;
  logic [CountBits-1:0] count, from, to;

  contract_walk #(.Lanes(Lanes), .Banks(Banks)) u_walk (
    .clk_i, .rst_ni, .view_i, .start_i(start_i), .place_seek_i, .run_seek_i, .places_i, .length_i,
    .final_i, .busy_o(walk_busy), .valid_o(piece), .ready_i(take), .addr_o(addr),
    .count_o(count), .from_o(from), .to_o(to), .fetch_o(fetch), .k_o(k), .row_o(row), .last_o(last)
  );
  assign ready_o = !walk_busy;

  logic                 valid_q, fetch_q, last_q;
  logic                 walk_half_q, walk_high_q;  // of the load being walked
  logic [31:0]          addr_q;
  logic [KBits-1:0]     k_q;
  logic [BankBits-1:0]  bank_q;
  logic [CountBits-1:0] count_q, from_q, to_q;
  logic                 unused_k;
  assign unused_k = ^{k[31:KBits], row[31:BankBits]};

  // Its word: the last one again, or asked for.
  logic [31:OffsetBits] word_q;
  logic                 known_q, need, pass, room, asked;
  logic [WordsBits:0]   credit_q;
  logic [AheadBits:0]   waiting_q;

  assign need        = fetch_q && !(known_q && word_q == addr_q[31:OffsetBits]);
  assign room        = !waiting_q[AheadBits];
  assign req_valid_o = valid_q && need && room && credit_q != '0;
  assign req_addr_o  = {addr_q[31:OffsetBits], {OffsetBits{1'b0}}};
  assign asked       = req_valid_o && req_ready_i;
  assign pass        = valid_q && room && (!need || asked);
  assign take        = !valid_q || pass;

  // Pieces on their way to the buffer.
  logic [PieceBits-1:0] pieces_q [Ahead];
  logic [PieceBits-1:0] head;
  logic [AheadBits-1:0] head_q, tail_q;
  logic                 head_new, head_last, pop;

  always_ff @(posedge clk_i) begin
    if (pass) pieces_q[tail_q] <= {need, last_q, half_q, high_q, addr_q[OffsetBits-1:0], count_q,
                                   from_q, to_q, k_q, bank_q};
  end
  assign head = pieces_q[head_q];
  assign {head_new, head_last, half_o, high_o, offset_o, count_o, from_o, to_o, k_o, bank_o} = head;

  // Words: the one in use stays until a piece wants the next.
  logic [Lanes*32-1:0]  words_q [Words];
  logic [WordsBits-1:0] now_q, fill_q, use_word;
  logic [WordsBits:0]   fresh_q;  // words that came and were not used yet

  always_ff @(posedge clk_i) begin
    if (rsp_valid_i) words_q[fill_q] <= rsp_data_i;
  end
  assign use_word = now_q + WordsBits'(head_new);
  assign word_o   = words_q[use_word];
  assign pop      = waiting_q != '0 && (!head_new || fresh_q != '0);
  assign write_o  = pop;
  assign done_o   = pop && head_last;

  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) begin
      walk_half_q <= 1'b0;
      walk_high_q <= 1'b0;
      half_q    <= 1'b0;
      high_q    <= 1'b0;
      valid_q   <= 1'b0;
      fetch_q   <= 1'b0;
      last_q    <= 1'b0;
      addr_q    <= '0;
      k_q       <= '0;
      bank_q    <= '0;
      count_q   <= '0;
      from_q    <= '0;
      to_q      <= '0;
      word_q    <= '0;
      known_q   <= 1'b0;
      credit_q  <= (WordsBits+1)'(Words - 1);
      waiting_q <= '0;
      head_q    <= '0;
      tail_q    <= '0;
      now_q     <= '0;
      fill_q    <= WordsBits'(1);
      fresh_q   <= '0;
    end else begin
      if (start_i && !walk_busy) begin
        walk_half_q <= half_i;
        walk_high_q <= high_i;
      end
      if (take) begin
        valid_q <= piece;
        if (piece) begin
          half_q  <= walk_half_q;
          high_q  <= walk_high_q;
          fetch_q <= fetch;
          last_q  <= last;
          addr_q  <= addr;
          k_q     <= k[KBits-1:0];
          bank_q  <= row[BankBits-1:0] + k[BankBits-1:0];
          count_q <= count;
          from_q  <= from;
          to_q    <= to;
        end
      end
      if (asked) word_q <= addr_q[31:OffsetBits];
      known_q   <= (known_q || asked) && !clear_i;
      credit_q  <= credit_q - (WordsBits+1)'(asked) + (WordsBits+1)'(pop && head_new);
      waiting_q <= waiting_q + (AheadBits+1)'(pass) - (AheadBits+1)'(pop);
      head_q    <= head_q + AheadBits'(pop);
      tail_q    <= tail_q + AheadBits'(pass);
      now_q     <= pop ? use_word : now_q;
      fill_q    <= fill_q + WordsBits'(rsp_valid_i);
      fresh_q   <= fresh_q + (WordsBits+1)'(rsp_valid_i) - (WordsBits+1)'(pop && head_new);
    end
  end
endmodule
