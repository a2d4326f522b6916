// A descriptor from memory: 512 bytes, word by word.
module machine_fetch #(
  parameter int Lanes = 16  // at most 128
) (
  input  logic                clk_i,
  input  logic                rst_ni,
  input  logic                start_i,    // not while busy_o
  input  logic [31:0]         address_i,  // a multiple of the word
  output logic                busy_o,
  output logic [4095:0]       desc_o,     // stands until the next start
  // Memory: reads only.
  output logic                req_valid_o,
  input  logic                req_ready_i,
  output logic [31:0]         req_addr_o,
  input  logic                rsp_valid_i,
  input  logic [Lanes*32-1:0] rsp_data_i
);
  localparam int Words     = 128 / Lanes;
  localparam int WordsBits = $clog2(Words + 1);

  logic [4095:0]          desc_q;
  logic [31:0]            addr_q;
  logic [WordsBits-1:0]   asks_q, left_q;
  logic                   asked;

  assign busy_o      = left_q != '0;
  assign desc_o      = desc_q;
  assign req_valid_o = asks_q != '0;
  assign req_addr_o  = addr_q;
  assign asked       = req_valid_o && req_ready_i;

  if (Words == 1) begin : gen_whole
    always_ff @(posedge clk_i) begin
      if (rsp_valid_i) desc_q <= rsp_data_i;
    end
  end else begin : gen_shift
    always_ff @(posedge clk_i) begin
      if (rsp_valid_i) desc_q <= {rsp_data_i, desc_q[4095:Lanes*32]};
    end
  end

  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) begin
      addr_q <= '0;
      asks_q <= '0;
      left_q <= '0;
    end else if (start_i) begin
      addr_q <= address_i;
      asks_q <= WordsBits'(Words);
      left_q <= WordsBits'(Words);
    end else begin
      addr_q <= asked ? addr_q + 32'(Lanes * 4) : addr_q;
      asks_q <= asks_q - WordsBits'(asked);
      left_q <= left_q - WordsBits'(rsp_valid_i);
    end
  end
endmodule
