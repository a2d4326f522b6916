// Single elements to memory, a list of them: those of want_i, one after another, each in a word
// of its own with the strobes of its bytes.
module element_writer #(
  parameter int Lanes = 16,  // at least 4: an element of 16 bytes lies in one word
  parameter int Count = 8
) (
  input  logic                  clk_i,
  input  logic                  rst_ni,
  input  logic                  start_i,  // taken when not busy_o
  input  logic [Count-1:0]      want_i,   // with start_i
  output logic                  busy_o,   // until all are written
  // The element that is written, and in the same cycle its address, the log2 of its bytes, 1..4
  // (5: a whole word, zeros above its first 16 bytes), and its value.
  output logic [$clog2(Count)-1:0] item_o,
  input  logic [31:0]           addr_i,
  input  logic [2:0]            size_i,
  input  logic [127:0]          value_i,
  // Memory: writes only.
  output logic                  req_valid_o,
  input  logic                  req_ready_i,
  output logic [31:0]           req_addr_o,
  output logic [Lanes*32-1:0]   req_data_o,
  output logic [Lanes*4-1:0]    req_strb_o
);
  localparam int PlaceBits = $clog2(Lanes * 4);
  localparam int ItemBits  = $clog2(Count);

  logic [Count-1:0] left_d, left_q, first;

  assign busy_o      = left_q != '0;
  assign first       = left_q & -left_q;
  assign req_valid_o = busy_o;
  assign req_addr_o  = {addr_i[31:PlaceBits], PlaceBits'(0)};

  always_comb begin
    item_o = '0;
    for (int i = 0; i < Count; i++) begin
      if (first[i]) item_o = ItemBits'(i);
    end
    left_d = left_q;
    if (start_i && !busy_o) left_d = want_i;
    else if (busy_o && req_ready_i) left_d = left_q ^ first;
  end

  // The value at every place where it could lie.
  logic [127:0]       chunk;
  logic [15:0]        bytes;
  logic [Lanes*4-1:0] strb;

  always_comb begin
    chunk = value_i;
    bytes = 16'hffff;
    case (size_i)
      3'd1: begin
        chunk = {8{value_i[15:0]}};
        bytes = 16'h0003;
      end
      3'd2: begin
        chunk = {4{value_i[31:0]}};
        bytes = 16'h000f;
      end
      3'd3: begin
        chunk = {2{value_i[63:0]}};
        bytes = 16'h00ff;
      end
      default: ;
    endcase
    strb = (Lanes*4)'(bytes);
    strb = strb << addr_i[PlaceBits-1:0];
  end

  assign req_data_o = (size_i == 3'd5) ? (Lanes*32)'(chunk) : {(Lanes/4){chunk}};
  assign req_strb_o = (size_i == 3'd5) ? '1 : strb;

  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) left_q <= '0;
    else         left_q <= left_d;
  end
endmodule
