// The constants of one term, or of the addend (numerics 9 and 10): one for all, or a vector with
// one for each last index, kept on the chip. What a plan needs of a vector, the extremes of the
// exponents of those that are not zero, is found while it is loaded.
module affine_constant #(
  parameter int Lanes  = 16,
  parameter int Bits   = 16,   // of a mantissa: 16, of the addend 32
  parameter int Vector = 1024  // most constants
) (
  input  logic                  clk_i,
  input  logic                  clear_i,     // before a vector is loaded
  input  logic                  vector_i,
  // The one constant; mantissa 0 where there is no term.
  input  logic [Bits-1:0]       mantissa_i,
  input  logic [15:0]           exp_i,
  // The vector, beat by beat.
  input  logic                  write_i,
  input  logic [15:0]           beat_i,
  input  logic [Lanes-1:0]      valid_i,
  input  logic [Lanes*32-1:0]   mantissas_i,
  input  logic [Lanes*16-1:0]   exps_i,
  // The lanes: constants of their last indices.
  input  logic                  read_i,
  input  logic [Lanes*16-1:0]   index_i,
  output logic [Lanes*Bits-1:0] c_o,
  output logic [Lanes*16-1:0]   c_exp_o,
  // For the plan of a cell, as affine_plan takes it.
  input  logic                  split_i,     // cells split along the last index; this is its own
  input  logic [15:0]           cell_i,
  output logic                  counts_o,
  output logic [Bits-1:0]       mantissa_o,
  output logic [15:0]           high_o,
  output logic [15:0]           low_o
);
  logic [Lanes*Bits-1:0]     mantissas;
  logic [(Lanes+1)*16-1:0]   index, exps;
  logic [(Lanes+1)*Bits-1:0] constants;
  logic                      read;

  assign index = {cell_i, index_i};
  assign read  = read_i && vector_i;

  affine_store #(.Lanes(Lanes), .Bits(Bits), .Depth(Vector), .Ports(Lanes + 1)) u_mantissas (
    .clk_i, .write_i, .beat_i, .data_i(mantissas), .read_i(read), .index_i(index),
    .data_o(constants)
  );
  affine_store #(.Lanes(Lanes), .Bits(16), .Depth(Vector), .Ports(Lanes + 1)) u_exps (
    .clk_i, .write_i, .beat_i, .data_i(exps_i), .read_i(read), .index_i(index), .data_o(exps)
  );

  for (genvar l = 0; l < Lanes; l++) begin : gen_lane
    assign mantissas[l*Bits +: Bits] = mantissas_i[l*32 +: Bits];
    if (Bits < 32) begin : gen_high
      logic unused_high;
      assign unused_high = ^mantissas_i[l*32 + Bits +: 32 - Bits];
    end
    assign c_o[l*Bits +: Bits]   = vector_i ? constants[l*Bits +: Bits] : mantissa_i;
    assign c_exp_o[l*16 +: 16]   = vector_i ? exps[l*16 +: 16] : exp_i;
  end

  // The extremes.
  logic               any_d, any_q;
  logic signed [15:0] high_d, high_q, low_d, low_q;

  always_comb begin
    any_d  = any_q;
    high_d = high_q;
    low_d  = low_q;
    if (write_i) begin
      for (int l = 0; l < Lanes; l++) begin
        if (valid_i[l] && mantissas[l*Bits +: Bits] != '0) begin
          if (!any_d || $signed(exps_i[l*16 +: 16]) > high_d) high_d = exps_i[l*16 +: 16];
          if (!any_d || $signed(exps_i[l*16 +: 16]) < low_d)  low_d  = exps_i[l*16 +: 16];
          any_d = 1'b1;
        end
      end
    end
  end

  always_ff @(posedge clk_i) begin
    if (clear_i) begin
      any_q <= 1'b0;
    end else if (write_i) begin
      any_q  <= any_d;
      high_q <= high_d;
      low_q  <= low_d;
    end
  end

  // The plan.
  logic [Bits-1:0] own;
  assign own = constants[Lanes*Bits +: Bits];

  always_comb begin
    counts_o   = mantissa_i != '0;
    mantissa_o = mantissa_i[Bits-1] ? -mantissa_i : mantissa_i;
    high_o     = exp_i;
    low_o      = exp_i;
    if (vector_i) begin
      mantissa_o = {1'b1, {(Bits-1){1'b0}}};
      if (split_i) begin
        counts_o = own != '0;
        high_o   = exps[Lanes*16 +: 16];
        low_o    = exps[Lanes*16 +: 16];
      end else begin
        counts_o = any_q;
        high_o   = high_q;
        low_o    = low_q;
      end
    end
  end
endmodule
