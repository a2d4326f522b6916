// A processing element: products of its operands enter its accumulator (numerics 8.1).
// Operands are passed on to the right and down, their flags to the right; accumulators leave
// downwards when draining. Flags are needed, and kept, only with chunks or draws.
module mac_pe #(
  parameter int AccBits     = 32,  // these: see mac_accumulator
  parameter int Saturate    = 1,
  parameter int AccShift    = 0,
  parameter int AccRounding = 3,
  parameter int RandomBits  = 16,
  parameter int Chunk       = 0,
  parameter int PsumBits    = 32,
  parameter int FaultBit    = -1   // for tests: flips this bit of the sum in the pass's last cycle
) (
  input  logic                      clk_i,
  input  logic                      rst_ni,
  input  logic                      compute_i,
  input  logic                      last_i,     // the last cycle of a pass
  input  logic                      drain_i,    // never with compute_i
  input  logic                      nearest_i,  // nearest_even in place of stochastic
  input  logic [RandomBits-1:0]     draw_i,     // of the operands' k
  input  logic                      step_i,     // flags: a k of the pass, or one passed over
  input  logic                      product_i,  // a k of the pass
  input  logic                      enter_i,    // the last k of a chunk
  input  logic signed [7:0]         a_i,
  input  logic signed [7:0]         b_i,
  input  logic signed [AccBits-1:0] acc_i,
  output logic                      step_o,
  output logic                      product_o,
  output logic                      enter_o,
  output logic signed [7:0]         a_o,
  output logic signed [7:0]         b_o,
  output logic signed [AccBits-1:0] acc_o
);
  localparam bit Draws = AccShift > 0 && AccRounding == 0;

  logic signed [7:0]          a_d, a_q, b_d, b_q;
  logic signed [AccBits-1:0]  acc_d, acc_q, sum, fault;
  logic signed [PsumBits-1:0] psum, new_psum;
  logic [RandomBits-1:0]      draw;

  mac_accumulator #(
    .AccBits(AccBits), .Saturate(Saturate), .AccShift(AccShift), .AccRounding(AccRounding),
    .RandomBits(RandomBits), .Chunk(Chunk), .PsumBits(PsumBits)
  ) u_accumulator (
    .product_i(16'(a_i) * 16'(b_i)), .enter_i(enter_i), .nearest_i,
    .draw_i(draw), .acc_i(acc_q), .psum_i(psum), .acc_o(sum), .psum_o(new_psum)
  );

  if (FaultBit >= 0) begin : gen_fault
    assign fault = last_i ? AccBits'(1) << FaultBit : '0;
  end else begin : gen_sound
    logic unused_last;
    assign unused_last = last_i;
    assign fault = '0;
  end

  if (Chunk > 0) begin : gen_psum
    logic signed [PsumBits-1:0] psum_q;
    assign psum = psum_q;
    always_ff @(posedge clk_i or negedge rst_ni) begin
      if (!rst_ni) psum_q <= '0;
      else if (compute_i) psum_q <= new_psum;
    end
  end else begin : gen_no_psum
    logic unused_psum;
    assign unused_psum = ^new_psum;
    assign psum = '0;
  end

  // A chunk takes the draw of its first product: it is kept until the last one.
  if (Chunk > 1 && Draws) begin : gen_kept_draw
    logic                  open_d, open_q;
    logic [RandomBits-1:0] kept_q;
    assign draw   = open_q ? kept_q : draw_i;
    assign open_d = product_i ? !enter_i : open_q;
    always_ff @(posedge clk_i or negedge rst_ni) begin
      if (!rst_ni) begin
        open_q <= 1'b0;
        kept_q <= '0;
      end else if (compute_i) begin
        open_q <= open_d;
        kept_q <= draw;
      end
    end
  end else begin : gen_draw
    assign draw = draw_i;
  end

  if (Chunk > 0 || Draws) begin : gen_flags
    logic [2:0] flags_q;
    assign {step_o, product_o, enter_o} = flags_q;
    always_ff @(posedge clk_i or negedge rst_ni) begin
      if (!rst_ni) flags_q <= '0;
      else if (compute_i) flags_q <= {step_i, product_i, enter_i};
    end
  end else begin : gen_no_flags
    assign {step_o, product_o, enter_o} = '0;
  end
  logic unused_flags;
  assign unused_flags = ^{step_i, product_i, enter_i};

  always_comb begin
    a_d   = a_q;
    b_d   = b_q;
    acc_d = acc_q;
    if (compute_i) begin
      a_d   = a_i;
      b_d   = b_i;
      acc_d = sum ^ fault;
    end else if (drain_i) begin
      acc_d = acc_i;
    end
  end

  assign a_o   = a_q;
  assign b_o   = b_q;
  assign acc_o = acc_q;

  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) begin
      a_q   <= '0;
      b_q   <= '0;
      acc_q <= '0;
    end else begin
      a_q   <= a_d;
      b_q   <= b_d;
      acc_q <= acc_d;
    end
  end
endmodule
