// A processing element of the weight-stationary array: it keeps a byte of B, takes bytes of A from
// the left and sums from above, and adds its product to them (numerics 8.1). A sum is an
// accumulator, with chunks the partial sum of the present chunk above it.
module mac_pe_ws #(
  parameter int AccBits     = 32,  // these: see mac_accumulator
  parameter int Saturate    = 1,
  parameter int AccShift    = 0,
  parameter int AccRounding = 3,   // not stochastic
  parameter int Chunk       = 0,
  parameter int PsumBits    = 32,
  parameter int SumBits     = (Chunk > 0) ? AccBits + PsumBits : AccBits
) (
  input  logic               clk_i,
  input  logic               rst_ni,
  input  logic               load_i,   // b and its flag move down a row
  input  logic               move_i,   // a and sums move
  input  logic signed [7:0]  b_i,
  input  logic               enter_i,  // this k is the last of a chunk
  input  logic signed [7:0]  a_i,
  input  logic [SumBits-1:0] sum_i,
  output logic signed [7:0]  b_o,
  output logic               enter_o,
  output logic signed [7:0]  a_o,
  output logic [SumBits-1:0] sum_o
);
  logic signed [7:0]          a_q, b_q;
  logic [SumBits-1:0]         sum, sum_q;
  logic                       enter;
  logic signed [PsumBits-1:0] psum, new_psum;
  logic signed [AccBits-1:0]  acc;

  mac_accumulator #(
    .AccBits(AccBits), .Saturate(Saturate), .AccShift(AccShift), .AccRounding(AccRounding),
    .RandomBits(1), .Chunk(Chunk), .PsumBits(PsumBits)
  ) u_accumulator (
    .product_i(16'(a_i) * 16'(b_q)), .enter_i(enter), .nearest_i(1'b0), .draw_i(1'b0),
    .acc_i(sum_i[AccBits-1:0]), .psum_i(psum), .acc_o(acc), .psum_o(new_psum)
  );

  if (Chunk > 0) begin : gen_chunk
    logic enter_q;
    assign enter   = enter_q;
    assign enter_o = enter_q;
    assign psum    = sum_i[AccBits +: PsumBits];
    assign sum     = {new_psum, acc};
    always_ff @(posedge clk_i or negedge rst_ni) begin
      if (!rst_ni) enter_q <= 1'b0;
      else if (load_i) enter_q <= enter_i;
    end
  end else begin : gen_single
    logic unused_chunk;
    assign unused_chunk = ^{enter_i, new_psum};
    assign enter   = 1'b1;
    assign enter_o = 1'b0;
    assign psum    = '0;
    assign sum     = acc;
  end

  assign a_o   = a_q;
  assign b_o   = b_q;
  assign sum_o = sum_q;

  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) begin
      a_q   <= '0;
      b_q   <= '0;
      sum_q <= '0;
    end else begin
      if (load_i) b_q <= b_i;
      if (move_i) begin
        a_q   <= a_i;
        sum_q <= sum;
      end
    end
  end
endmodule
