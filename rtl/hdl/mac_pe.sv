// A processing element: acc = over(acc + a * b), numerics 8.1 with acc_shift 0 and no chunks.
// Operands are passed on to the right and down; accumulators leave downwards when draining.
module mac_pe #(
  parameter int AccBits  = 32,  // 8..32
  parameter int Saturate = 1,   // 0: wrap
  parameter int FaultBit = -1   // for tests: flips this bit of the sum in the pass's last cycle
) (
  input  logic                      clk_i,
  input  logic                      rst_ni,
  input  logic                      compute_i,
  input  logic                      last_i,   // the last cycle of a pass
  input  logic                      drain_i,  // never with compute_i
  input  logic signed [7:0]         a_i,
  input  logic signed [7:0]         b_i,
  input  logic signed [AccBits-1:0] acc_i,
  output logic signed [7:0]         a_o,
  output logic signed [7:0]         b_o,
  output logic signed [AccBits-1:0] acc_o
);
  localparam int SumBits = ((AccBits > 16) ? AccBits : 16) + 1;

  localparam logic signed [AccBits-1:0] TOP    = {1'b0, {(AccBits-1){1'b1}}};
  localparam logic signed [AccBits-1:0] BOTTOM = {1'b1, {(AccBits-1){1'b0}}};

  logic signed [7:0]         a_d, a_q, b_d, b_q;
  logic signed [AccBits-1:0] acc_d, acc_q, limited, fault;
  logic signed [15:0]        product;
  logic signed [SumBits-1:0] sum;

  assign product = 16'(a_i) * 16'(b_i);
  assign sum     = SumBits'(acc_q) + SumBits'(product);

  if (Saturate != 0) begin : gen_saturate
    always_comb begin
      limited = AccBits'(sum);
      if (sum > SumBits'(TOP)) limited = TOP;
      else if (sum < SumBits'(BOTTOM)) limited = BOTTOM;
    end
  end else begin : gen_wrap
    assign limited = AccBits'(sum);
  end

  if (FaultBit >= 0) begin : gen_fault
    assign fault = last_i ? AccBits'(1) << FaultBit : '0;
  end else begin : gen_sound
    logic unused_last;
    assign unused_last = last_i;
    assign fault = '0;
  end

  always_comb begin
    a_d   = a_q;
    b_d   = b_q;
    acc_d = acc_q;
    if (compute_i) begin
      a_d   = a_i;
      b_d   = b_i;
      acc_d = limited ^ fault;
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
