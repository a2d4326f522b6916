// bt_machine with an AXI4 master in place of its memory port.
module bt_machine_axi #(
  parameter int Lanes    = 16,
  parameter int Rows     = 16,
  parameter int Cols     = 16,
  parameter int AccBits  = 32,
  parameter int Saturate = 1
) (
  input  logic                clk_i,
  input  logic                rst_ni,
  // Control: AXI4-Lite, and the interrupt.
  input  logic                ctl_awvalid_i,
  output logic                ctl_awready_o,
  input  logic [11:0]         ctl_awaddr_i,
  input  logic                ctl_wvalid_i,
  output logic                ctl_wready_o,
  input  logic [31:0]         ctl_wdata_i,
  input  logic [3:0]          ctl_wstrb_i,
  output logic                ctl_bvalid_o,
  input  logic                ctl_bready_i,
  output logic [1:0]          ctl_bresp_o,
  input  logic                ctl_arvalid_i,
  output logic                ctl_arready_o,
  input  logic [11:0]         ctl_araddr_i,
  output logic                ctl_rvalid_o,
  input  logic                ctl_rready_i,
  output logic [31:0]         ctl_rdata_o,
  output logic [1:0]          ctl_rresp_o,
  output logic                interrupt_o,
  // Memory: AXI4.
  output logic                mem_awvalid_o,
  input  logic                mem_awready_i,
  output logic [31:0]         mem_awaddr_o,
  output logic [7:0]          mem_awlen_o,
  output logic [2:0]          mem_awsize_o,
  output logic [1:0]          mem_awburst_o,
  output logic                mem_wvalid_o,
  input  logic                mem_wready_i,
  output logic [Lanes*32-1:0] mem_wdata_o,
  output logic [Lanes*4-1:0]  mem_wstrb_o,
  output logic                mem_wlast_o,
  input  logic                mem_bvalid_i,
  output logic                mem_bready_o,
  input  logic [1:0]          mem_bresp_i,
  output logic                mem_arvalid_o,
  input  logic                mem_arready_i,
  output logic [31:0]         mem_araddr_o,
  output logic [7:0]          mem_arlen_o,
  output logic [2:0]          mem_arsize_o,
  output logic [1:0]          mem_arburst_o,
  input  logic                mem_rvalid_i,
  output logic                mem_rready_o,
  input  logic [Lanes*32-1:0] mem_rdata_i,
  input  logic [1:0]          mem_rresp_i,
  input  logic                mem_rlast_i
);
  logic                req_valid, req_ready, req_write, rsp_valid, pending, error;
  logic [31:0]         req_addr;
  logic [Lanes*32-1:0] req_data, rsp_data;
  logic [Lanes*4-1:0]  req_strb;

  bt_machine #(
    .Lanes(Lanes), .Rows(Rows), .Cols(Cols), .AccBits(AccBits), .Saturate(Saturate)
  ) u_machine (
    .clk_i, .rst_ni,
    .ctl_awvalid_i, .ctl_awready_o, .ctl_awaddr_i, .ctl_wvalid_i, .ctl_wready_o, .ctl_wdata_i,
    .ctl_wstrb_i, .ctl_bvalid_o, .ctl_bready_i, .ctl_bresp_o, .ctl_arvalid_i, .ctl_arready_o,
    .ctl_araddr_i, .ctl_rvalid_o, .ctl_rready_i, .ctl_rdata_o, .ctl_rresp_o, .interrupt_o,
    .req_valid_o(req_valid), .req_ready_i(req_ready), .req_write_o(req_write),
    .req_addr_o(req_addr), .req_data_o(req_data), .req_strb_o(req_strb),
    .rsp_valid_i(rsp_valid), .rsp_data_i(rsp_data), .pending_i(pending), .error_i(error)
  );

  axi_master #(.WordBytes(Lanes * 4)) u_master (
    .clk_i, .rst_ni,
    .req_valid_i(req_valid), .req_ready_o(req_ready), .req_write_i(req_write),
    .req_addr_i(req_addr), .req_data_i(req_data), .req_strb_i(req_strb),
    .rsp_valid_o(rsp_valid), .rsp_data_o(rsp_data), .pending_o(pending), .error_o(error),
    .awvalid_o(mem_awvalid_o), .awready_i(mem_awready_i), .awaddr_o(mem_awaddr_o),
    .awlen_o(mem_awlen_o), .awsize_o(mem_awsize_o), .awburst_o(mem_awburst_o),
    .wvalid_o(mem_wvalid_o), .wready_i(mem_wready_i), .wdata_o(mem_wdata_o),
    .wstrb_o(mem_wstrb_o), .wlast_o(mem_wlast_o), .bvalid_i(mem_bvalid_i),
    .bready_o(mem_bready_o), .bresp_i(mem_bresp_i),
    .arvalid_o(mem_arvalid_o), .arready_i(mem_arready_i), .araddr_o(mem_araddr_o),
    .arlen_o(mem_arlen_o), .arsize_o(mem_arsize_o), .arburst_o(mem_arburst_o),
    .rvalid_i(mem_rvalid_i), .rready_o(mem_rready_o), .rdata_i(mem_rdata_i),
    .rresp_i(mem_rresp_i), .rlast_i(mem_rlast_i)
  );
endmodule
