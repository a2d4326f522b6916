// Single elements from memory, a list of them: those of want_i, a word each, asked for one after
// another without waiting. Values stay, extended by sign, until they are wanted again.
module element_reader #(
  parameter int Lanes = 16,  // at least 4: an element of 16 bytes lies in one word
  parameter int Count = 6,
  parameter int Bits  = 64   // of a value, at most 128
) (
  input  logic                  clk_i,
  input  logic                  rst_ni,
  input  logic                  start_i,  // taken when not busy_o
  input  logic [Count-1:0]      want_i,   // with start_i
  output logic                  busy_o,
  // The element that is asked for next, and in the same cycle its address and the log2 of its
  // bytes, 0..4.
  output logic [$clog2(Count)-1:0] item_o,
  input  logic [31:0]           addr_i,
  input  logic [2:0]            size_i,
  output logic [Count*Bits-1:0] value_o,
  // Memory: reads only.
  output logic                  req_valid_o,
  input  logic                  req_ready_i,
  output logic [31:0]           req_addr_o,
  input  logic                  rsp_valid_i,
  input  logic [Lanes*32-1:0]   rsp_data_i
);
  localparam int PlaceBits = $clog2(Lanes * 4);
  localparam int ItemBits  = $clog2(Count);

  // The first of each list is next: of what is to be asked for, and of what is to come.
  logic [Count-1:0] asks_d, asks_q, due_d, due_q, ask_first, due_first;
  logic             begin_now, asked;

  assign begin_now   = start_i && !busy_o;
  assign busy_o      = due_q != '0;
  assign ask_first   = asks_q & -asks_q;
  assign due_first   = due_q & -due_q;
  assign req_valid_o = asks_q != '0;
  assign req_addr_o  = {addr_i[31:PlaceBits], PlaceBits'(0)};
  assign asked       = req_valid_o && req_ready_i;

  always_comb begin
    item_o = '0;
    for (int i = 0; i < Count; i++) begin
      if (ask_first[i]) item_o = ItemBits'(i);
    end
    asks_d = asks_q;
    due_d  = due_q;
    if (asked) asks_d = asks_q ^ ask_first;
    if (rsp_valid_i) due_d = due_q ^ due_first;
    if (begin_now) begin
      asks_d = want_i;
      due_d  = want_i;
    end
  end

  // Where in its word an element lies, and its size, from its request on.
  logic [PlaceBits+2:0] spot_q [Count];
  logic [PlaceBits-1:0] place;
  logic [2:0]           size;

  always_ff @(posedge clk_i) begin
    if (asked) spot_q[item_o] <= {size_i, addr_i[PlaceBits-1:0]};
  end

  always_comb begin
    {size, place} = '0;
    for (int i = 0; i < Count; i++) begin
      if (due_first[i]) {size, place} = spot_q[i];
    end
  end

  // The element: 16 bytes of the word, then shifted down, then its sign.
  logic [127:0]    chunk, value;
  logic [Bits-1:0] value_q [Count];

  if (Lanes == 4) begin : gen_chunk
    assign chunk = rsp_data_i;
  end else begin : gen_chunks
    assign chunk = rsp_data_i[{place[PlaceBits-1:4], 7'b0} +: 128];
  end

  always_comb begin
    value = chunk >> {place[3:0], 3'b0};
    case (size)
      3'd0:    value = {{120{value[7]}}, value[7:0]};
      3'd1:    value = {{112{value[15]}}, value[15:0]};
      3'd2:    value = {{96{value[31]}}, value[31:0]};
      3'd3:    value = {{64{value[63]}}, value[63:0]};
      default: ;
    endcase
  end

  for (genvar i = 0; i < Count; i++) begin : gen_value
    always_ff @(posedge clk_i) begin
      if (rsp_valid_i && due_first[i]) value_q[i] <= value[Bits-1:0];
    end
    assign value_o[i*Bits +: Bits] = value_q[i];
  end

  logic unused_bits;
  assign unused_bits = ^value;

  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) begin
      asks_q <= '0;
      due_q  <= '0;
    end else begin
      asks_q <= asks_d;
      due_q  <= due_d;
    end
  end
endmodule
