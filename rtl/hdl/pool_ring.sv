// The elements of a few lines on the chip, mantissa and index byte, with a read port for each lane:
// hardware keeps a copy for each. Element i of the tensor is kept at i mod Depth.
module pool_ring #(
  parameter int Lanes = 16,
  parameter int Depth = 32768  // elements, a power of two, at least 4 Lanes
) (
  input  logic                clk_i,
  input  logic                write_i,
  input  logic [31:0]         beat_i,     // elements from beat * Lanes on
  input  logic [Lanes*16-1:0] value_i,
  input  logic [Lanes*8-1:0]  index_i,
  input  logic                read_i,
  input  logic [Lanes*32-1:0] address_i,
  input  logic [31:0]         offset_i,   // of all lanes
  output logic [Lanes*16-1:0] value_o,    // from the cycle after read_i until the next
  output logic [Lanes*8-1:0]  index_o
);
  localparam int DepthBits = $clog2(Depth);
  localparam int LaneBits  = $clog2(Lanes);

  logic [23:0] store_q [Depth];
  logic [DepthBits-1:0] base;
  assign base = {beat_i[DepthBits-LaneBits-1:0], LaneBits'(0)};
  logic unused_high;
  assign unused_high = ^{beat_i[31:DepthBits-LaneBits], offset_i[31:DepthBits]};

  always_ff @(posedge clk_i) begin
    if (write_i) begin
      for (int l = 0; l < Lanes; l++)
        store_q[base + DepthBits'(l)] <= {index_i[l*8 +: 8], value_i[l*16 +: 16]};
    end
  end

  for (genvar l = 0; l < Lanes; l++) begin : gen_port
    logic [23:0]          entry_q;
    logic [DepthBits-1:0] address;
    assign address = address_i[l*32 +: DepthBits] + offset_i[DepthBits-1:0];
    always_ff @(posedge clk_i) begin
      if (read_i) entry_q <= store_q[address];
    end
    assign value_o[l*16 +: 16] = entry_q[15:0];
    assign index_o[l*8 +: 8]   = entry_q[23:16];
    logic unused_address;
    assign unused_address = ^address_i[l*32 + DepthBits +: 32 - DepthBits];
  end
endmodule
