// AXI4-Lite (32 bits) to registers: one write and one read at a time, each answered in the cycle
// after it was taken. Accesses to places that are not there, and writes of less than a word, end
// with SLVERR.
module axi_lite_slave #(
  parameter int AddrBits = 12
) (
  input  logic                clk_i,
  input  logic                rst_ni,
  // The bus.
  input  logic                awvalid_i,
  output logic                awready_o,
  input  logic [AddrBits-1:0] awaddr_i,
  input  logic                wvalid_i,
  output logic                wready_o,
  input  logic [31:0]         wdata_i,
  input  logic [3:0]          wstrb_i,
  output logic                bvalid_o,
  input  logic                bready_i,
  output logic [1:0]          bresp_o,
  input  logic                arvalid_i,
  output logic                arready_o,
  input  logic [AddrBits-1:0] araddr_i,
  output logic                rvalid_o,
  input  logic                rready_i,
  output logic [31:0]         rdata_o,
  output logic [1:0]          rresp_o,
  // Registers: a write is for one cycle, a read is answered in the same cycle. Places are of words.
  output logic                write_o,
  output logic [AddrBits-3:0] write_place_o,
  output logic [31:0]         write_data_o,
  input  logic                write_bad_i,
  output logic [AddrBits-3:0] read_place_o,
  input  logic [31:0]         read_data_i,
  input  logic                read_bad_i
);
  localparam logic [1:0] OKAY = 2'b00, SLVERR = 2'b10;

  logic        bvalid_q, rvalid_q, write_now, read_now, bad_write, bad_read;
  logic [1:0]  bresp_q, rresp_q;
  logic [31:0] rdata_q;

  assign write_now = awvalid_i && wvalid_i && !bvalid_q;
  assign read_now  = arvalid_i && !rvalid_q;
  assign awready_o = write_now;
  assign wready_o  = write_now;
  assign arready_o = !rvalid_q;
  assign bad_write = write_bad_i || wstrb_i != 4'hf || awaddr_i[1:0] != 2'd0;
  assign bad_read  = read_bad_i || araddr_i[1:0] != 2'd0;

  assign write_o       = write_now && !bad_write;
  assign write_place_o = awaddr_i[AddrBits-1:2];
  assign write_data_o  = wdata_i;
  assign read_place_o  = araddr_i[AddrBits-1:2];

  assign bvalid_o = bvalid_q;
  assign bresp_o  = bresp_q;
  assign rvalid_o = rvalid_q;
  assign rresp_o  = rresp_q;
  assign rdata_o  = rdata_q;

  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) begin
      bvalid_q <= 1'b0;
      rvalid_q <= 1'b0;
      bresp_q  <= OKAY;
      rresp_q  <= OKAY;
      rdata_q  <= '0;
    end else begin
      bvalid_q <= write_now || (bvalid_q && !bready_i);
      rvalid_q <= read_now || (rvalid_q && !rready_i);
      if (write_now) bresp_q <= bad_write ? SLVERR : OKAY;
      if (read_now) begin
        rresp_q <= bad_read ? SLVERR : OKAY;
        rdata_q <= bad_read ? '0 : read_data_i;
      end
    end
  end
endmodule
