// A vector's elements to memory, one by one in order from element 0: Lanes places of 32 bits a
// word, two of them for an element of 64 bits.
module vector_writer #(
  parameter int Lanes = 16  // even
) (
  input  logic                clk_i,
  input  logic                rst_ni,
  input  logic                start_i,  // the next element is number 0; while idle_o
  input  logic [31:0]         base_i,   // of element 0; a multiple of the word; stable until idle_o
  input  logic                long_i,   // elements of 64 bits; stable until idle_o
  input  logic                valid_i,
  output logic                ready_o,
  input  logic [63:0]         data_i,
  input  logic                flush_i,  // what is held leaves; not with valid_i
  output logic                idle_o,   // nothing is held
  // Memory: writes only.
  output logic                req_valid_o,
  input  logic                req_ready_i,
  output logic [31:0]         req_addr_o,
  output logic [Lanes*32-1:0] req_data_o,
  output logic [Lanes*4-1:0]  req_strb_o
);
  localparam int PlaceBits = $clog2(Lanes);

  // One word is filled while another one leaves.
  logic [Lanes*32-1:0]  fill_q, word_q;
  logic [PlaceBits:0]   count_q, count, words_q;  // places filled; those of the word that leaves
  logic [31:0]          offset_q;
  logic                 full, take, move, written;

  assign full        = count_q == (PlaceBits+1)'(Lanes);
  assign req_valid_o = words_q != '0;
  assign req_addr_o  = base_i + offset_q;
  assign req_data_o  = word_q;
  assign written     = req_valid_o && req_ready_i;
  assign move        = (full || (flush_i && count_q != '0)) && (!req_valid_o || written);
  assign ready_o     = !full || move;
  assign take        = valid_i && ready_o;
  assign idle_o      = count_q == '0 && !req_valid_o;
  assign count       = move ? '0 : count_q;
  for (genvar i = 0; i < Lanes; i++) begin : gen_strobe
    assign req_strb_o[i*4 +: 4] = {4{(PlaceBits+1)'(i) < words_q}};
  end

  always_ff @(posedge clk_i) begin
    if (take) begin
      if (long_i) fill_q[count[PlaceBits-1:1]*64 +: 64] <= data_i;
      else        fill_q[count[PlaceBits-1:0]*32 +: 32] <= data_i[31:0];
    end
    if (move) word_q <= fill_q;
  end

  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) begin
      count_q  <= '0;
      words_q  <= '0;
      offset_q <= '0;
    end else begin
      count_q <= count + (!take ? '0 : long_i ? (PlaceBits+1)'(2) : (PlaceBits+1)'(1));
      if (move)         words_q <= count_q;
      else if (written) words_q <= '0;
      if (start_i)      offset_q <= '0;
      else if (written) offset_q <= offset_q + 32'(Lanes * 4);
    end
  end
endmodule
