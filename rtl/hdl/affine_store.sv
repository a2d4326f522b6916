// Numbers on the chip, written Lanes at a time, with read ports that see them in the same cycle:
// hardware keeps a copy for each port.
module affine_store #(
  parameter int Lanes = 16,
  parameter int Bits  = 16,
  parameter int Depth = 1024,  // a power of two, at least Lanes
  parameter int Ports = 17
) (
  input  logic                  clk_i,
  input  logic                  write_i,
  input  logic [15:0]           beat_i,   // entries from beat_i * Lanes on
  input  logic [Lanes*Bits-1:0] data_i,
  input  logic                  read_i,   // without it the ports are 0 and rest
  input  logic [Ports*16-1:0]   index_i,  // mod Depth
  output logic [Ports*Bits-1:0] data_o
);
  localparam int DepthBits = $clog2(Depth);

  logic [Bits-1:0]      entries_q [Depth];
  logic [DepthBits-1:0] first;

  assign first = DepthBits'(beat_i * 16'(Lanes));

  always_ff @(posedge clk_i) begin
    if (write_i) begin
      for (int l = 0; l < Lanes; l++)
        entries_q[first + DepthBits'(l)] <= data_i[l*Bits +: Bits];
    end
  end

  for (genvar p = 0; p < Ports; p++) begin : gen_port
    logic [15:0] index;
    logic        unused_index;
    assign index        = index_i[p*16 +: 16];
    assign unused_index = ^index[15:DepthBits];
    assign data_o[p*Bits +: Bits] = read_i ? entries_q[index[DepthBits-1:0]] : '0;
  end
endmodule
