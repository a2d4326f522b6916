// The machine's memory port as an AXI4 master: bursts of one word, all of one id, so that they stay
// in order. AXI does not order reads behind writes: pending_o says that writes are not answered
// yet; the machine waits for them before the next command reads (no command reads what it wrote).
module axi_master #(
  parameter int WordBytes = 64  // a power of two, at most 128
) (
  input  logic                   clk_i,
  input  logic                   rst_ni,
  // Requests.
  input  logic                   req_valid_i,
  output logic                   req_ready_o,
  input  logic                   req_write_i,
  input  logic [31:0]            req_addr_i,
  input  logic [WordBytes*8-1:0] req_data_i,
  input  logic [WordBytes-1:0]   req_strb_i,
  output logic                   rsp_valid_o,
  output logic [WordBytes*8-1:0] rsp_data_o,
  output logic                   pending_o,
  output logic                   error_o,     // with an answer that is not OKAY
  // AXI4.
  output logic                   awvalid_o,
  input  logic                   awready_i,
  output logic [31:0]            awaddr_o,
  output logic [7:0]             awlen_o,
  output logic [2:0]             awsize_o,
  output logic [1:0]             awburst_o,
  output logic                   wvalid_o,
  input  logic                   wready_i,
  output logic [WordBytes*8-1:0] wdata_o,
  output logic [WordBytes-1:0]   wstrb_o,
  output logic                   wlast_o,
  input  logic                   bvalid_i,
  output logic                   bready_o,
  input  logic [1:0]             bresp_i,
  output logic                   arvalid_o,
  input  logic                   arready_i,
  output logic [31:0]            araddr_o,
  output logic [7:0]             arlen_o,
  output logic [2:0]             arsize_o,
  output logic [1:0]             arburst_o,
  input  logic                   rvalid_i,
  output logic                   rready_o,
  input  logic [WordBytes*8-1:0] rdata_i,
  input  logic [1:0]             rresp_i,
  input  logic                   rlast_i
);
  localparam logic [1:0] INCREASING = 2'b01;

  // A write is two transfers, taken in any order; these say which of them was.
  logic       address_taken_q, data_taken_q, address_taken, data_taken, write, taken;
  logic [7:0] writes_q;  // not answered yet
  logic       room;

  assign room  = writes_q != '1;
  assign write = req_valid_i && req_write_i && room;

  assign awvalid_o = write && !address_taken_q;
  assign awaddr_o  = req_addr_i;
  assign awlen_o   = '0;
  assign awsize_o  = 3'($clog2(WordBytes));
  assign awburst_o = INCREASING;
  assign wvalid_o  = write && !data_taken_q;
  assign wdata_o   = req_data_i;
  assign wstrb_o   = req_strb_i;
  assign wlast_o   = 1'b1;
  assign bready_o  = 1'b1;

  assign address_taken = address_taken_q || (awvalid_o && awready_i);
  assign data_taken    = data_taken_q || (wvalid_o && wready_i);
  assign taken         = write && address_taken && data_taken;

  assign arvalid_o = req_valid_i && !req_write_i;
  assign araddr_o  = req_addr_i;
  assign arlen_o   = '0;
  assign arsize_o  = 3'($clog2(WordBytes));
  assign arburst_o = INCREASING;
  assign rready_o  = 1'b1;

  assign req_ready_o = req_write_i ? taken : arready_i;
  assign rsp_valid_o = rvalid_i;
  assign rsp_data_o  = rdata_i;
  assign pending_o   = writes_q != '0;
  assign error_o     = (rvalid_i && rresp_i[1]) || (bvalid_i && bresp_i[1]);

  logic unused_last;  // of bursts of one
  assign unused_last = ^{rlast_i, rresp_i[0], bresp_i[0]};

  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) begin
      address_taken_q <= 1'b0;
      data_taken_q    <= 1'b0;
      writes_q        <= '0;
    end else begin
      address_taken_q <= address_taken && write && !taken;
      data_taken_q    <= data_taken && write && !taken;
      writes_q        <= writes_q + 8'(taken) - 8'(bvalid_i);
    end
  end
endmodule
