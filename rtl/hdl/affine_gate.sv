// The exponents of a gate's output (numerics 9.1): its input's, but that a block of E = -128 that
// keeps no mantissa other than 0 is a zero block (numerics 2.1), and is marked as one.
module affine_gate #(
  parameter int Lanes     = 16,
  parameter int Exponents = 1024  // most blocks, a power of two
) (
  input  logic                clk_i,
  input  logic                rst_ni,
  input  logic                start_i,
  // While elements pass: lanes that keep a mantissa other than 0, and their blocks.
  input  logic [Lanes-1:0]    keeps_i,
  input  logic [Lanes*16-1:0] index_i,
  // Afterwards: the input's entries, the next one with next_o.
  input  logic                passed_i,
  input  logic [31:0]         count_i,
  input  logic                fixed_i,    // fixed point has no zero blocks
  input  logic [15:0]         entry_i,
  output logic                next_o,
  output logic                valid_o,
  input  logic                ready_i,
  output logic [15:0]         entry_o,
  output logic                last_o      // all are out
);
  localparam int IndexBits = $clog2(Exponents);
  localparam logic [15:0] SMALLEST = 16'hFF80, ZERO_BLOCK = 16'h8000;

  logic [Exponents-1:0] kept_q;
  logic [31:0]          out_q;
  logic                 smallest;

  assign last_o   = out_q == count_i;
  assign valid_o  = passed_i && !last_o;
  assign next_o   = valid_o && ready_i;
  assign smallest = !fixed_i && (entry_i == SMALLEST || entry_i == ZERO_BLOCK);
  assign entry_o  = !smallest ? entry_i : kept_q[out_q[IndexBits-1:0]] ? SMALLEST : ZERO_BLOCK;

  for (genvar l = 0; l < Lanes; l++) begin : gen_lane
    logic unused_index;
    assign unused_index = ^index_i[l*16 + IndexBits +: 16 - IndexBits];
  end

  always_ff @(posedge clk_i) begin
    if (start_i) begin
      kept_q <= '0;
    end else if (keeps_i != '0) begin
      for (int l = 0; l < Lanes; l++)
        if (keeps_i[l]) kept_q[index_i[l*16 +: IndexBits]] <= 1'b1;
    end
  end

  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni)      out_q <= '0;
    else if (start_i) out_q <= '0;
    else if (next_o)  out_q <= out_q + 32'd1;
  end
endmodule
