// Beats of a tensor to memory: Lanes successive elements each, cut to an element's size, written
// where mask_i says. Beats that share a word, one after another, leave as one word. A word leaves
// when a beat of another one comes, when it is full, or with flush_i.
module stream_writer #(
  parameter int Lanes = 16,
  parameter int Bits  = 32   // 32, or 64: then elements of 8 bytes too
) (
  input  logic                  clk_i,
  input  logic                  rst_ni,
  input  logic [31:0]           base_i,   // of element 0; a multiple of the word; stable until idle
  input  logic [1:0]            size_i,   // log2 of an element's bytes; stable until idle
  input  logic                  valid_i,
  output logic                  ready_o,
  input  logic [31:0]           beat_i,   // which beat: elements from beat * Lanes on
  input  logic [Lanes-1:0]      mask_i,
  input  logic [Lanes*Bits-1:0] data_i,
  input  logic                  flush_i,  // what is held leaves; not with valid_i
  output logic                  idle_o,   // nothing is held
  // Memory: writes only.
  output logic                  req_valid_o,
  input  logic                  req_ready_i,
  output logic [31:0]           req_addr_o,
  output logic [Lanes*32-1:0]   req_data_o,
  output logic [Lanes*4-1:0]    req_strb_o
);
  localparam int WordBits = Lanes * 32;
  localparam int Words    = (Bits == 64) ? 2 : 1;  // of a beat's place

  // Where the beat lies: word number, of the pair if elements have 8 bytes, and place in it.
  logic [31:0] place;
  logic [1:0]  sub;
  assign place = (size_i == 2'd0) ? beat_i >> 2 : (size_i == 2'd1) ? beat_i >> 1
               : (size_i == 2'd3) ? beat_i << 1 : beat_i;
  assign sub   = (size_i == 2'd0) ? beat_i[1:0] : (size_i == 2'd1) ? {1'b0, beat_i[0]} : 2'd0;

  // Zero without a beat, so that simulation has nothing to do while the writer waits.
  logic [Words*WordBits-1:0] data;
  logic [Words*Lanes*4-1:0]  strb;
  always_comb begin
    data = '0;
    strb = '0;
    if (valid_i) begin
      for (int l = 0; l < Lanes; l++) begin
        case (size_i)
          2'd0: begin
            data[(32'(sub)*Lanes + l)*8 +: 8] = data_i[l*Bits +: 8];
            strb[32'(sub)*Lanes + l]          = mask_i[l];
          end
          2'd1: begin
            data[(32'(sub)*Lanes + l)*16 +: 16] = data_i[l*Bits +: 16];
            strb[(32'(sub)*Lanes + l)*2 +: 2]   = {2{mask_i[l]}};
          end
          2'd3: begin
            data[l*Bits +: Bits]       = data_i[l*Bits +: Bits];
            strb[l*(Bits/8) +: Bits/8] = {(Bits/8){mask_i[l]}};
          end
          default: begin
            data[l*32 +: 32] = data_i[l*Bits +: 32];
            strb[l*4 +: 4]   = {4{mask_i[l]}};
          end
        endcase
      end
    end
  end

  // What is held: one place; it leaves word by word.
  logic [Words*WordBits-1:0] data_q;
  logic [Words*Lanes*4-1:0]  strb_q;
  logic [31:0]               place_q;
  logic                      held_q, leaving_q, more, merge, full, take, left;
  logic                      second_q;  // the first word of two has left

  assign more  = (Words == 2) && (size_i == 2'd3);
  assign merge = held_q && !leaving_q && place == place_q;
  // The last beat of its word.
  assign full  = (size_i == 2'd0) ? (sub == 2'd3) : (size_i == 2'd1) ? sub[0] : 1'b1;
  assign left  = req_valid_o && req_ready_i && !(more && !second_q);

  assign req_valid_o = held_q && (leaving_q || flush_i || (valid_i && place != place_q));
  assign req_addr_o  = base_i + (place_q + 32'(second_q)) * 32'(Lanes * 4);

  if (Words == 2) begin : gen_two
    assign req_data_o = second_q ? data_q[WordBits +: WordBits] : data_q[0 +: WordBits];
    assign req_strb_o = second_q ? strb_q[Lanes*4 +: Lanes*4] : strb_q[0 +: Lanes*4];
  end else begin : gen_one
    assign req_data_o = data_q;
    assign req_strb_o = strb_q;
  end

  assign ready_o = !held_q || merge || left;
  assign take    = valid_i && ready_o;
  assign idle_o  = !held_q;

  logic [Words*WordBits-1:0] bits;
  always_comb begin
    bits = '0;
    if (valid_i) begin
      for (int i = 0; i < Words*Lanes*4; i++) bits[i*8 +: 8] = {8{strb[i]}};
    end
  end

  always_ff @(posedge clk_i) begin
    if (take) begin
      data_q  <= (data & bits) | (merge && !left ? data_q & ~bits : '0);
      strb_q  <= strb | (merge && !left ? strb_q : '0);
      place_q <= place;
    end
  end

  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) begin
      held_q    <= 1'b0;
      leaving_q <= 1'b0;
      second_q  <= 1'b0;
    end else begin
      held_q    <= take || (held_q && !left);
      // Once asked for, a request stands as it is.
      leaving_q <= take ? full : (req_valid_o && !left);
      second_q  <= (req_valid_o && req_ready_i && more) ? !second_q : second_q;
    end
  end
endmodule
