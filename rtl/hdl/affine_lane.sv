// One lane of the affine unit (numerics 9), four stages: products and distances; terms at the
// sum's exponent, each floored; their sum; the final floor, ReLU and mask. A beat enters each
// cycle; en_i has, for the stage of its number, whether an element is in it. See affine_unit.
module affine_lane (
  input  logic               clk_i,
  input  logic [3:0]         en_i,
  input  logic [4*32-1:0]    x_i,
  input  logic [4*16-1:0]    x_exp_i,
  input  logic [4*16-1:0]    c_i,
  input  logic [4*16-1:0]    c_exp_i,
  input  logic signed [31:0] c0_i,
  input  logic signed [15:0] c0_exp_i,
  input  logic signed [16:0] top_i,
  input  logic [4:0]         floor_i,
  input  logic               relu_i,
  input  logic               clear_i,  // the mask says 0
  output logic signed [31:0] y_o,
  output logic signed [15:0] y_exp_o,
  output logic               positive_o
);
  localparam int Terms    = 4;
  localparam int Guard    = 8;
  localparam int ProdBits = 48;
  localparam int TermBits = ProdBits + Guard;
  localparam int SumBits  = 58;  // |a term| <= 2^54, |c0's| < 2^39: never left

  // Stage 1.
  logic [Terms*ProdBits-1:0] prod_d, prod_q;
  logic [Terms*6-1:0]        distance_d, distance_q;
  logic signed [31:0]        c0_q;
  logic [5:0]                c0_distance_d, c0_distance_q;

  // Stage 2.
  logic [Terms*TermBits-1:0]    term_d, term_q;
  logic signed [32+Guard-1:0]   c0_term_d, c0_term_q;

  for (genvar k = 0; k < Terms; k++) begin : gen_term
    logic signed [ProdBits-1:0] x, c, prod;

    assign x    = ProdBits'($signed(x_i[k*32 +: 32]));
    assign c    = ProdBits'($signed(c_i[k*16 +: 16]));
    assign prod = x * c;

    assign prod_d[k*ProdBits +: ProdBits] = prod;

    affine_distance u_distance (
      .step_i(x_exp_i[k*16 +: 16]), .exp_i(c_exp_i[k*16 +: 16]), .top_i,
      .distance_o(distance_d[k*6 +: 6])
    );
    affine_align #(.TermBits(ProdBits), .Guard(Guard)) u_align (
      .term_i(prod_q[k*ProdBits +: ProdBits]), .distance_i(distance_q[k*6 +: 6]),
      .term_o(term_d[k*TermBits +: TermBits])
    );
  end

  affine_distance u_c0_distance (
    .step_i(16'sd0), .exp_i(c0_exp_i), .top_i, .distance_o(c0_distance_d)
  );
  affine_align #(.TermBits(32), .Guard(Guard)) u_c0_align (
    .term_i(c0_q), .distance_i(c0_distance_q), .term_o(c0_term_d)
  );

  // Stage 3.
  logic signed [SumBits-1:0] sum_d, sum_q;

  for (genvar k = 0; k < Terms; k++) begin : gen_sum
    logic signed [SumBits-1:0] term, upto;
    assign term = SumBits'($signed(term_q[k*TermBits +: TermBits]));
    if (k == 0) begin : gen_first
      assign upto = SumBits'(c0_term_q) + term;
    end else begin : gen_rest
      assign upto = gen_sum[k-1].upto + term;
    end
  end
  assign sum_d = gen_sum[Terms-1].upto;

  // What goes along: a and t, the exponent of the result in the end; and what is done to it.
  logic signed [16:0] top1_q, top2_q, top3_q, exp;
  logic [4:0]         floor1_q, floor2_q, floor3_q;
  logic               relu1_q, relu2_q, relu3_q, clear1_q, clear2_q, clear3_q;

  // Stage 4.
  logic signed [SumBits-1:0] floored;
  logic signed [31:0]        result, y_d, y_q;
  logic signed [15:0]        y_exp_d, y_exp_q;
  logic                      positive_d, positive_q, unused_high;

  assign floored    = sum_q >>> floor3_q;
  assign result     = floored[31:0];  // t makes it fit
  assign positive_d = !result[31] && |result;
  assign y_d        = (clear3_q || (relu3_q && !positive_d)) ? '0 : result;
  assign exp        = top3_q - 17'(Guard) + $signed({12'b0, floor3_q});
  assign y_exp_d    = exp[15:0];
  assign unused_high = ^{floored[SumBits-1:32], exp[16]};

  assign y_o        = y_q;
  assign y_exp_o    = y_exp_q;
  assign positive_o = positive_q;

  // Not reset: the valid bits of affine_unit are.
  always_ff @(posedge clk_i) begin
    if (en_i[0]) begin
      prod_q        <= prod_d;
      distance_q    <= distance_d;
      c0_q          <= c0_i;
      c0_distance_q <= c0_distance_d;
      top1_q        <= top_i;
      floor1_q      <= floor_i;
      relu1_q       <= relu_i;
      clear1_q      <= clear_i;
    end
    if (en_i[1]) begin
      term_q    <= term_d;
      c0_term_q <= c0_term_d;
      top2_q    <= top1_q;
      floor2_q  <= floor1_q;
      relu2_q   <= relu1_q;
      clear2_q  <= clear1_q;
    end
    if (en_i[2]) begin
      sum_q    <= sum_d;
      top3_q   <= top2_q;
      floor3_q <= floor2_q;
      relu3_q  <= relu2_q;
      clear3_q <= clear2_q;
    end
    if (en_i[3]) begin
      y_q        <= y_d;
      y_exp_q    <= y_exp_d;
      positive_q <= positive_d;
    end
  end
endmodule
