// The results of norm, norm_back and statistics to memory: a channel's, from registers, while the
// next one is computed, and at the end what the command has once.
module norm_results #(
  parameter int Lanes = 16  // at least 4
) (
  input  logic                clk_i,
  input  logic                rst_ni,
  input  logic [4095:0]       desc_i,
  input  logic                back_i,
  input  logic                statistics_i,
  input  logic [31:0]         record_i,          // A1 of channel 0
  input  logic [31:0]         record_second_i,   // A2 of channel 0
  input  logic [31:0]         record_heads_i,    // its header
  input  logic                keep_i,            // a channel's results stand; while not busy_o
  input  logic                finish_i,          // all channels are written; while not busy_o
  output logic                busy_o,
  input  logic [31:0]         channel_i,
  // Of norm: a, b; of norm_back: b', c', dgamma, dbeta.
  input  logic [4*32-1:0]     mants_i,
  input  logic [4*16-1:0]     exps_i,
  // Of statistics: what is kept of A1 and A2; A0 and the exponents stand until not busy_o.
  input  logic                first_kept_i,
  input  logic                second_kept_i,
  input  logic [127:0]        first_i,
  input  logic [127:0]        second_i,
  input  logic [63:0]         rows_i,
  input  logic [15:0]         first_exp_i,
  input  logic [15:0]         second_exp_i,
  // Memory: writes only.
  output logic                req_valid_o,
  input  logic                req_ready_i,
  output logic [31:0]         req_addr_o,
  output logic [Lanes*32-1:0] req_data_o,
  output logic [Lanes*4-1:0]  req_strb_o
);
  localparam int Word  = Lanes * 4;  // bytes
  localparam int Items = 8;

  // Sizes of an item: 2, 4, 8, 16 bytes, and a word.
  localparam logic [2:0] SIZE_2 = 3'd1, SIZE_4 = 3'd2, SIZE_8 = 3'd3, SIZE_16 = 3'd4;
  localparam logic [2:0] SIZE_WORD = 3'd5;

  logic            heading_q;
  logic [31:0]     channel_q;
  logic [127:0]    first_q, second_q;  // A1, A2
  logic [4*32-1:0] mants_q;
  logic [4*16-1:0] exps_q;

  always_ff @(posedge clk_i) begin
    if (keep_i) begin
      channel_q <= channel_i;
      if (statistics_i) begin
        first_q  <= first_i;
        second_q <= second_i;
      end else begin
        mants_q <= mants_i;
        exps_q  <= exps_i;
      end
    end
  end

  // Items of norm and norm_back: mantissa (at the end: header) and exponent of each vector; those
  // of statistics: A1 and A2, at the end A0 and the exponents.
  logic [Items-1:0] want;
  logic [2:0]       item, size;
  logic [1:0]       vector;
  logic [31:0]      addr, data, heads;
  logic [127:0]     value;

  assign vector = item[2:1];

  always_comb begin
    want = '0;
    if (statistics_i) want = keep_i ? {6'b0, second_kept_i, first_kept_i}
                                    : {3'b0, second_kept_i, first_kept_i, 3'b100};
    else want = (keep_i ? 8'hff : 8'h55) & (back_i ? 8'hff : 8'h0f);
  end

  // Slots 8..11 backward, 10 and 11 forward.
  always_comb begin
    case ({back_i, vector})
      3'b100: {heads, data} = desc_i[96*32 +: 64];
      3'b101: {heads, data} = desc_i[104*32 +: 64];
      3'b110, 3'b000: {heads, data} = desc_i[112*32 +: 64];
      default: {heads, data} = desc_i[120*32 +: 64];
    endcase
  end

  always_comb begin
    addr  = item[0] ? heads + 32'(Word) + (channel_q << 1) : data + (channel_q << 2);
    size  = item[0] ? SIZE_2 : SIZE_4;
    value = item[0] ? 128'(exps_q[vector*16 +: 16]) : 128'(mants_q[vector*32 +: 32]);
    if (heading_q) begin
      addr  = heads;
      size  = SIZE_WORD;
      value = (vector == 2'd0) ? 128'd15 : 128'd31;
    end
    if (statistics_i) begin
      case (item)
        3'd0: begin
          addr  = record_i + (channel_q << 4);
          size  = SIZE_16;
          value = first_q;
        end
        3'd1: begin
          addr  = record_second_i + (channel_q << 4);
          size  = SIZE_16;
          value = second_q;
        end
        3'd2: begin
          addr  = record_heads_i + 32'd8;
          size  = SIZE_8;
          value = 128'(rows_i);
        end
        3'd3: begin
          addr  = record_heads_i + 32'(Word);
          size  = SIZE_2;
          value = 128'(first_exp_i);
        end
        default: begin
          addr  = record_heads_i + 32'(Word + 2);
          size  = SIZE_2;
          value = 128'(second_exp_i);
        end
      endcase
    end
  end

  element_writer #(.Lanes(Lanes), .Count(Items)) u_writer (
    .clk_i, .rst_ni, .start_i(keep_i || finish_i), .want_i(want), .busy_o, .item_o(item),
    .addr_i(addr), .size_i(size), .value_i(value), .req_valid_o, .req_ready_i, .req_addr_o,
    .req_data_o, .req_strb_o
  );

  logic unused_desc;
  assign unused_desc = ^desc_i;

  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni)       heading_q <= 1'b0;
    else if (keep_i)   heading_q <= 1'b0;
    else if (finish_i) heading_q <= 1'b1;
  end
endmodule
