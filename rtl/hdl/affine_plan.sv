// What numerics 9 decides before the sums of a cell: the largest exponent of its terms, the final
// floor t, the exponent and the width of the result. One cell enters each cycle; what is said of
// it stands on the outputs three clocks later.
//
// A term counts if its constant is not zero; c0 is a term of its own, of the operand 1 (bits 0,
// step exponent 0). Of a vector of constants: a term counts if one of those at the cell's last
// indices is not zero; high_i and low_i are the largest and smallest exponents of these,
// mantissa_i is 2^15 (c0: 2^31). Of one constant: high_i and low_i are its exponent,
// mantissa_i its magnitude.
module affine_plan (
  input  logic               clk_i,
  input  logic               rst_ni,
  input  logic               valid_i,
  // Index 4 is c0's.
  input  logic [4:0]         counts_i,
  input  logic [4*16-1:0]    step_i,
  input  logic [4*5-1:0]     bits_i,
  input  logic [4*16-1:0]    mantissa_i,
  input  logic [31:0]        c0_mantissa_i,
  input  logic [5*16-1:0]    high_i,
  input  logic [5*16-1:0]    low_i,
  output logic               valid_o,
  output logic signed [16:0] top_o,
  output logic [4:0]         floor_o,  // t
  output logic signed [15:0] exp_o,
  output logic [4:0]         bits_o
);
  localparam int Terms    = 4;
  localparam int Guard    = 8;
  localparam int MostBits = 48;               // a term's bound is at most 2^46, negated here
  localparam int TermBits = MostBits + Guard;
  localparam int SumBits  = 58;

  // All constants are zero: 0 at exponent -512 (numerics 6).
  localparam logic signed [16:0] NONE = -17'sd512 + 17'(Guard);

  // Stage 1: the terms' bounds, and the largest exponent of those that count.
  logic [(Terms+1)*16-1:0]       step_d, step_q, high_q, low_q;
  logic [(Terms+1)*MostBits-1:0] least_d, least_q;  // minus the bound
  logic [Terms:0]                counts_q;
  logic signed [16:0]            top_d, top_q;
  logic                          any_d;

  assign step_d = {16'd0, step_i};

  always_comb begin
    any_d = 1'b0;
    top_d = NONE;
    for (int k = 0; k <= Terms; k++) begin
      if (counts_i[k] &&
          (!any_d || $signed(step_d[k*16 +: 16]) + 17'($signed(high_i[k*16 +: 16])) > top_d)) begin
        any_d = 1'b1;
        top_d = 17'($signed(step_d[k*16 +: 16])) + 17'($signed(high_i[k*16 +: 16]));
      end
    end
  end

  for (genvar k = 0; k <= Terms; k++) begin : gen_least
    logic signed [MostBits-1:0] most;
    if (k < Terms) begin : gen_product
      assign most = $signed({{(MostBits-16){1'b0}}, mantissa_i[k*16 +: 16]}) <<< bits_i[k*5 +: 5];
    end else begin : gen_addend
      assign most = $signed({{(MostBits-32){1'b0}}, c0_mantissa_i});
    end
    assign least_d[k*MostBits +: MostBits] = counts_i[k] ? $unsigned(-most) : '0;
  end

  // Stage 2: bounds at the sum's exponent, rounded up: the floors of the negated ones.
  logic [(Terms+1)*TermBits-1:0] floor_d, floor_q;
  logic [Terms:0]                right_d, right_q;
  logic signed [16:0]            top2_q;

  for (genvar k = 0; k <= Terms; k++) begin : gen_align
    logic [5:0] distance, farthest;

    affine_distance u_distance (
      .step_i(step_q[k*16 +: 16]), .exp_i(high_q[k*16 +: 16]), .top_i(top_q),
      .distance_o(distance)
    );
    affine_distance u_farthest (
      .step_i(step_q[k*16 +: 16]), .exp_i(low_q[k*16 +: 16]), .top_i(top_q),
      .distance_o(farthest)
    );
    affine_align #(.TermBits(MostBits), .Guard(Guard)) u_align (
      .term_i(least_q[k*MostBits +: MostBits]), .distance_i(distance),
      .term_o(floor_d[k*TermBits +: TermBits])
    );
    assign right_d[k] = counts_q[k] && farthest > 6'(Guard);
  end

  // Stage 3: M, its length, and what follows from it.
  logic signed [SumBits-1:0] bound;
  logic [5:0]                length;
  logic [4:0]                final_d, final_q, bits_d, bits_q;
  logic signed [16:0]        top3_q, exp;
  logic signed [15:0]        exp_d, exp_q;
  logic                      unused_top;

  for (genvar k = 0; k <= Terms; k++) begin : gen_bound
    logic signed [SumBits-1:0] own, upto;
    assign own = $signed({{(SumBits-1){1'b0}}, right_q[k]})
               - SumBits'($signed(floor_q[k*TermBits +: TermBits]));
    if (k == 0) begin : gen_first
      assign upto = own;
    end else begin : gen_rest
      assign upto = gen_bound[k-1].upto + own;
    end
  end
  assign bound = gen_bound[Terms].upto;

  always_comb begin
    length = '0;
    for (int i = 0; i < SumBits; i++) begin
      if (bound[i]) length = 6'(i + 1);
    end
  end

  always_comb begin
    final_d = '0;
    bits_d  = 5'(length);
    if (length > 6'd31) begin
      final_d = 5'(length - 6'd31);
      bits_d  = 5'd31;
    end
  end

  assign exp        = top2_q - 17'(Guard) + $signed({12'b0, final_d});
  assign exp_d      = exp[15:0];
  assign unused_top = exp[16];

  logic [2:0] valid_q;

  assign valid_o = valid_q[2];
  assign top_o   = top3_q;
  assign floor_o = final_q;
  assign exp_o   = exp_q;
  assign bits_o  = bits_q;

  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) valid_q <= '0;
    else         valid_q <= {valid_q[1:0], valid_i};
  end

  always_ff @(posedge clk_i) begin
    counts_q <= counts_i;
    step_q   <= step_d;
    high_q   <= high_i;
    low_q    <= low_i;
    least_q  <= least_d;
    top_q    <= top_d;
    floor_q  <= floor_d;
    right_q  <= right_d;
    top2_q   <= top_q;
    top3_q   <= top2_q;
    final_q  <= final_d;
    exp_q    <= exp_d;
    bits_q   <= bits_d;
  end
endmodule
