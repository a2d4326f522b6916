// The affine unit (numerics 9 and 9.1): y = c0 + sum of c_i * x_i over up to four terms, Lanes
// elements a cycle, with ReLU and its mask, or a given mask.
//
// A stream without stalls: a beat with a lane of valid_i set enters in each cycle, its results
// stand on the outputs four clocks later. n elements take ceil(n / Lanes) + 4 cycles. Everything
// on the inputs belongs to the beat, so commands may follow each other without a gap.
//
// What is decided before a sum, and by whom. For each cell of the output affine_plan works out,
// from constants, widths and exponents alone, top, the largest exponent of the cell's terms
// (a = top - 8 in the contract), and t, the final floor. Each lane gets those of its element's
// cell. The lane itself adds the exponents of operand and constant, takes the term's distance
// below top, aligns, floors, sums and floors; constants of any last index may so differ in
// mantissa and exponent. The result leaves with its step exponent, as bfp_quantizer takes it.
//
// - A term that a command does not have, or c0, has the constant 0 (any exponent).
// - Operands are int32: int8 and int16 mantissas sign-extended, bytes zero-extended.
// - Where every constant of a cell is zero: top -504, t 0 give 0 at exponent -512.
// - gate (9.1) is one term of constant 1 * 2^0, exponents 0, top 8, t 0, with the mask: y = x.
// - Beats of term k are in x_i[k*Lanes*32 +: Lanes*32], lane l's at l*32; constants alike.
//
// Lanes without valid_i hold their registers and give kept_o = 0; their y_o is stale.
module affine_unit #(
  parameter int Lanes = 16
) (
  input  logic                  clk_i,
  input  logic                  rst_ni,
  input  logic [Lanes-1:0]      valid_i,
  // What is done with sums; of a whole beat.
  input  logic                  relu_i,    // y = max(y, 0)
  input  logic                  masked_i,  // y = 0 where mask_i is 0
  input  logic [Lanes-1:0]      mask_i,
  // Operands and constants, with their exponents.
  input  logic [4*Lanes*32-1:0] x_i,
  input  logic [4*Lanes*16-1:0] x_exp_i,
  input  logic [4*Lanes*16-1:0] c_i,
  input  logic [4*Lanes*16-1:0] c_exp_i,
  input  logic [Lanes*32-1:0]   c0_i,
  input  logic [Lanes*16-1:0]   c0_exp_i,
  // Of the elements' cells.
  input  logic [Lanes*17-1:0]   top_i,     // two's complement
  input  logic [Lanes*5-1:0]    floor_i,   // t, 0..26
  // Results.
  output logic [Lanes-1:0]      valid_o,
  output logic [Lanes*32-1:0]   y_o,
  output logic [Lanes*16-1:0]   y_exp_o,   // step exponents
  output logic [Lanes-1:0]      kept_o     // the sum is above 0
);
  localparam int Terms = 4;

  logic [Lanes-1:0] valid1_q, valid2_q, valid3_q, valid4_q, positive;

  assign valid_o = valid4_q;
  assign kept_o  = positive & valid4_q;

  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) begin
      valid1_q <= '0;
      valid2_q <= '0;
      valid3_q <= '0;
      valid4_q <= '0;
    end else begin
      valid1_q <= valid_i;
      valid2_q <= valid1_q;
      valid3_q <= valid2_q;
      valid4_q <= valid3_q;
    end
  end

  for (genvar l = 0; l < Lanes; l++) begin : gen_lane
    logic [Terms*32-1:0] x;
    logic [Terms*16-1:0] x_exp, c, c_exp;

    for (genvar k = 0; k < Terms; k++) begin : gen_slice
      assign x[k*32 +: 32]     = x_i[(k*Lanes+l)*32 +: 32];
      assign x_exp[k*16 +: 16] = x_exp_i[(k*Lanes+l)*16 +: 16];
      assign c[k*16 +: 16]     = c_i[(k*Lanes+l)*16 +: 16];
      assign c_exp[k*16 +: 16] = c_exp_i[(k*Lanes+l)*16 +: 16];
    end

    affine_lane u_lane (
      .clk_i, .en_i({valid3_q[l], valid2_q[l], valid1_q[l], valid_i[l]}),
      .x_i(x), .x_exp_i(x_exp), .c_i(c), .c_exp_i(c_exp),
      .c0_i(c0_i[l*32 +: 32]), .c0_exp_i(c0_exp_i[l*16 +: 16]),
      .top_i(top_i[l*17 +: 17]), .floor_i(floor_i[l*5 +: 5]),
      .relu_i, .clear_i(masked_i && !mask_i[l]),
      .y_o(y_o[l*32 +: 32]), .y_exp_o(y_exp_o[l*16 +: 16]), .positive_o(positive[l])
    );
  end
endmodule
