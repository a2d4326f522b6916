// Exponents one by one to memory, 16 bits each, in order from entry 0; the header last.
module exponent_writer #(
  parameter int Lanes = 16  // at least 4
) (
  input  logic                clk_i,
  input  logic                rst_ni,
  input  logic                start_i,   // the next entry is number 0; taken when not busy_o
  input  logic [31:0]         base_i,    // of the header; stable until not busy_o
  input  logic                valid_i,
  output logic                ready_o,
  input  logic [15:0]         entry_i,
  input  logic                finish_i,  // no more entries; with ready_o, and not with valid_i
  input  logic [127:0]        header_i,  // its first 16 bytes; taken with finish_i
  output logic                busy_o,    // from start_i until the header is written
  // Memory: writes only.
  output logic                req_valid_o,
  input  logic                req_ready_i,
  output logic [31:0]         req_addr_o,
  output logic [Lanes*32-1:0] req_data_o,
  output logic [Lanes*4-1:0]  req_strb_o
);
  localparam int Entries   = 2 * Lanes;  // of a word
  localparam int PlaceBits = $clog2(Entries);

  typedef enum logic [2:0] {IDLE, FILL, WORD, LAST, HEADER} state_e;
  state_e state_d, state_q;

  logic [Lanes*32-1:0]  word_d, word_q;
  logic [PlaceBits:0]   count_d, count_q;
  logic [31:0]          offset_d, offset_q;
  logic [127:0]         header_d, header_q;
  logic                 written;

  assign ready_o     = state_q == FILL;
  assign busy_o      = state_q != IDLE;
  assign req_valid_o = state_q == WORD || state_q == LAST || state_q == HEADER;
  assign written     = req_valid_o && req_ready_i;
  assign req_addr_o  = (state_q == HEADER) ? base_i : base_i + offset_q;

  assign req_data_o = (state_q == HEADER) ? (Lanes*32)'(header_q) : word_q;
  for (genvar i = 0; i < Entries; i++) begin : gen_strobe
    assign req_strb_o[i*2 +: 2] =
        {2{(state_q == HEADER) || (PlaceBits+1)'(i) < count_q}};
  end

  always_comb begin
    state_d  = state_q;
    word_d   = word_q;
    count_d  = count_q;
    offset_d = offset_q;
    header_d = header_q;
    case (state_q)
      IDLE: begin
        if (start_i) state_d = FILL;
        count_d  = '0;
        offset_d = 32'(Lanes * 4);
      end
      FILL: begin
        if (valid_i) begin
          word_d[count_q[PlaceBits-1:0]*16 +: 16] = entry_i;
          count_d = count_q + (PlaceBits+1)'(1);
          if (count_q == (PlaceBits+1)'(Entries - 1)) state_d = WORD;
        end else if (finish_i) begin
          header_d = header_i;
          if (count_q == '0) state_d = HEADER;
          else               state_d = LAST;
        end
      end
      WORD: begin
        if (written) begin
          state_d  = FILL;
          count_d  = '0;
          offset_d = offset_q + 32'(Lanes * 4);
        end
      end
      LAST:    if (written) state_d = HEADER;
      HEADER:  if (written) state_d = IDLE;
      default: state_d = IDLE;
    endcase
  end

  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) begin
      state_q  <= IDLE;
      word_q   <= '0;
      count_q  <= '0;
      offset_q <= '0;
      header_q <= '0;
    end else begin
      state_q  <= state_d;
      word_q   <= word_d;
      count_q  <= count_d;
      offset_q <= offset_d;
      header_q <= header_d;
    end
  end
endmodule
