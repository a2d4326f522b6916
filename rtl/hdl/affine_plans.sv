// The plans of a command's cells (numerics 9), made one a cycle by affine_plan ahead of the
// elements that want them, and kept until these have passed: Cells at a time. What of them is the
// output's, exponents in order and the largest width, leaves from here too.
module affine_plans #(
  parameter int Lanes = 16,
  parameter int Cells = 1024    // kept at a time, a power of two, at most 2^15
) (
  input  logic                clk_i,
  input  logic                rst_ni,
  input  logic                start_i,
  input  logic [31:0]         cells_i,      // at least 1
  // Cells as affine_plan takes them: the next one, in the cycle of next_o.
  input  logic                ready_i,
  output logic                next_o,
  input  logic [4:0]          counts_i,
  input  logic [4*16-1:0]     step_i,
  input  logic [4*5-1:0]      bits_i,
  input  logic [4*16-1:0]     mantissa_i,
  input  logic [31:0]         c0_mantissa_i,
  input  logic [5*16-1:0]     high_i,
  input  logic [5*16-1:0]     low_i,
  // The lanes: their cells, mod 2^16; which are still wanted, and whether they are there.
  input  logic                read_i,
  input  logic                passed_i,     // all elements have passed
  input  logic [15:0]         from_i,       // the first that is wanted
  input  logic [15:0]         upto_i,       // the one behind the last
  output logic                there_o,
  input  logic [Lanes*16-1:0] index_i,
  output logic [Lanes*17-1:0] top_o,
  output logic [Lanes*5-1:0]  floor_o,
  // Exponents, and when all are out the largest width.
  output logic                valid_o,
  input  logic                ready_exp_i,
  output logic [15:0]         exp_o,
  output logic                last_o,       // all are out
  output logic [4:0]          bits_o
);
  localparam int CellBits = $clog2(Cells);

  // Numbers of cells: given to the planner, planned, their exponents out.
  logic [31:0] given_q, planned_q, out_q;
  logic [15:0] ahead, unwritten;
  logic        running_q, planned, leave;
  logic [4:0]  floor, bits, bits_q;

  logic signed [16:0] top;
  logic signed [15:0] exp;

  // Room: neither elements nor exponents want the cell that was in the place.
  assign ahead     = given_q[15:0] - from_i;
  assign unwritten = given_q[15:0] - out_q[15:0];
  assign next_o    = running_q && ready_i && given_q != cells_i
                  && (passed_i || ahead < 16'(Cells)) && unwritten < 16'(Cells);

  affine_plan u_plan (
    .clk_i, .rst_ni, .valid_i(next_o), .counts_i, .step_i, .bits_i, .mantissa_i, .c0_mantissa_i,
    .high_i, .low_i, .valid_o(planned), .top_o(top), .floor_o(floor), .exp_o(exp), .bits_o(bits)
  );

  logic [21:0] plans_q [Cells];
  logic [15:0] exps_q [Cells];

  always_ff @(posedge clk_i) begin
    if (planned) begin
      plans_q[planned_q[CellBits-1:0]] <= {floor, top};
      exps_q[planned_q[CellBits-1:0]]  <= exp;
    end
  end

  logic [15:0] done, wanted;
  assign done    = planned_q[15:0] - from_i;
  assign wanted  = upto_i - from_i;
  assign there_o = done >= wanted || planned_q == cells_i;

  for (genvar l = 0; l < Lanes; l++) begin : gen_lane
    logic [21:0] plan;
    logic [15:0] index;
    logic        unused_index;
    assign index        = index_i[l*16 +: 16];
    assign unused_index = ^index[15:CellBits];
    assign plan         = read_i ? plans_q[index[CellBits-1:0]] : '0;
    assign top_o[l*17 +: 17] = plan[16:0];
    assign floor_o[l*5 +: 5] = plan[21:17];
  end

  assign valid_o = running_q && out_q != planned_q;
  assign exp_o   = exps_q[out_q[CellBits-1:0]];
  assign leave   = valid_o && ready_exp_i;
  assign last_o  = out_q == cells_i;
  assign bits_o  = bits_q;

  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) begin
      running_q <= 1'b0;
      given_q   <= '0;
      planned_q <= '0;
      out_q     <= '0;
      bits_q    <= '0;
    end else if (start_i) begin
      running_q <= 1'b1;
      given_q   <= '0;
      planned_q <= '0;
      out_q     <= '0;
      bits_q    <= '0;
    end else if (running_q) begin
      running_q <= !last_o;
      given_q   <= given_q + 32'(next_o);
      planned_q <= planned_q + 32'(planned);
      out_q     <= out_q + 32'(leave);
      if (planned && bits > bits_q) bits_q <= bits;
    end
  end
endmodule
