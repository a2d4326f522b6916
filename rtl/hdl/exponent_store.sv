// The exponents of a tensor, taken from memory (header first), with a read port for each lane:
// hardware keeps a copy for each.
module exponent_store #(
  parameter int Lanes = 16,
  parameter int Depth = 1024,  // entries, a power of two, at least 2 Lanes
  parameter int Ports = 16     // read ports
) (
  input  logic                clk_i,
  input  logic                rst_ni,
  input  logic                start_i,  // taken when not busy_o
  input  logic [31:0]         base_i,   // of the header; a multiple of the word
  input  logic [31:0]         count_i,  // entries, 1..Depth
  output logic                busy_o,
  output logic [63:0]         header_o, // its first 8 bytes; byte 0 is `bits`
  input  logic [Ports*32-1:0] index_i,
  output logic [Ports*16-1:0] entry_o,  // of index_i, in the same cycle; stable when not busy_o
  // Memory: reads only.
  output logic                req_valid_o,
  input  logic                req_ready_i,
  output logic [31:0]         req_addr_o,
  input  logic                rsp_valid_i,
  input  logic [Lanes*32-1:0] rsp_data_i
);
  localparam int Entries   = 2 * Lanes;  // of a word
  localparam int DepthBits = $clog2(Depth);

  logic [15:0]          entries_q [Depth];
  logic [31:0]          addr_q, asks_q, words_q;
  logic [DepthBits-1:0] place_q;
  logic [63:0]          header_q;
  logic                 header_next_q, asked;

  assign busy_o      = words_q != '0;
  assign req_valid_o = asks_q != '0;
  assign req_addr_o  = addr_q;
  assign asked       = req_valid_o && req_ready_i;
  assign header_o    = header_q;

  for (genvar l = 0; l < Ports; l++) begin : gen_port
    logic unused_index;
    assign unused_index = ^index_i[l*32 + DepthBits +: 32 - DepthBits];
    assign entry_o[l*16 +: 16] = entries_q[index_i[l*32 +: DepthBits]];
  end

  always_ff @(posedge clk_i) begin
    if (rsp_valid_i && !header_next_q) begin
      for (int i = 0; i < Entries; i++)
        entries_q[place_q + DepthBits'(i)] <= rsp_data_i[i*16 +: 16];
    end
  end

  logic [31:0] words;
  assign words = 32'd1 + (count_i + 32'(Entries - 1)) / 32'(Entries);

  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) begin
      addr_q        <= '0;
      asks_q        <= '0;
      words_q       <= '0;
      place_q       <= '0;
      header_q      <= '0;
      header_next_q <= 1'b0;
    end else if (start_i && !busy_o) begin
      addr_q        <= base_i;
      asks_q        <= words;
      words_q       <= words;
      place_q       <= '0;
      header_next_q <= 1'b1;
    end else begin
      addr_q <= asked ? addr_q + 32'(Lanes * 4) : addr_q;
      asks_q <= asks_q - 32'(asked);
      if (rsp_valid_i) begin
        words_q       <= words_q - 32'd1;
        header_next_q <= 1'b0;
        if (header_next_q) header_q <= rsp_data_i[63:0];
        else               place_q  <= place_q + DepthBits'(Entries);
      end
    end
  end
endmodule
