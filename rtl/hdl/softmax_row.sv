// Rows of softmax cross-entropy (numerics 14), one after another, with a scalar unit of its own.
// A row of n logits takes 3n + 48 cycles with work_o: n for the largest, as they come; n + 16 for
// the powers and their sum; 32 for its reciprocal, in which its logarithm is ready; n products.
module softmax_row #(
  parameter int Classes = 1024  // the most, a power of two, at least 16
) (
  input  logic        clk_i,
  input  logic        rst_ni,
  input  logic [31:0] classes_i,       // 1..Classes; stable
  input  logic        error_i,         // the error is wanted; stable
  // Logits, in order.
  input  logic        logit_valid_i,
  output logic        logit_ready_o,
  input  logic [15:0] logit_i,         // signed
  output logic        logit_last_o,    // the row's last one is next
  // What belongs to the row: stands until row_done_o.
  input  logic        row_valid_i,
  input  logic [5:0]  places_i,        // 6 - step exponent, held to 0..63
  input  logic [7:0]  label_i,
  output logic        row_done_o,      // the row's loss and whether it is correct stand
  output logic [31:0] loss_o,          // units of 2^-16 bits
  output logic        correct_o,
  // The error, in order; what is held stays until it is taken.
  output logic        error_valid_o,
  input  logic        error_ready_i,
  output logic [31:0] error_o,
  output logic        idle_o,          // between rows, and no error is held
  output logic        work_o
);
  localparam int ExpBits   = 20;
  localparam int PlaceBits = $clog2(Classes);
  localparam int CountBits = $clog2(Classes + 17);
  localparam int SumBits   = 31 + PlaceBits;
  localparam int Stages    = 16;               // of scalar_exp2
  localparam logic [2:0] OP_MUL = 3'd0, OP_RECIP = 3'd4;

  localparam logic [1:0] LARGEST = 2'd0, POWERS = 2'd1, INVERSE = 2'd2, PRODUCTS = 2'd3;
  logic [1:0] phase_d, phase_q;

  logic [CountBits-1:0] count_d, count_q, classes;
  logic                 take, power_step, power_in, invert, multiply, last;

  assign classes       = classes_i[CountBits-1:0];
  assign last          = count_q == classes - CountBits'(1);
  assign logit_ready_o = phase_q == LARGEST;
  assign logit_last_o  = last;
  assign take          = logit_ready_o && logit_valid_i;
  assign power_step    = phase_q == POWERS && row_valid_i;
  assign power_in      = power_step && count_q < classes;
  assign work_o        = take || power_step || invert || multiply;
  assign idle_o        = phase_q == LARGEST && count_q == '0 && !held_q;
  assign row_done_o    = phase_q == INVERSE && count_q == CountBits'(31);

  always_comb begin
    phase_d = phase_q;
    count_d = count_q;
    case (phase_q)
      LARGEST: begin
        if (take) count_d = count_q + CountBits'(1);
        if (take && last) phase_d = POWERS;
      end
      POWERS: begin
        if (power_step) count_d = count_q + CountBits'(1);
        if (count_q == classes + CountBits'(Stages - 1)) phase_d = INVERSE;
      end
      INVERSE: begin
        if (invert) count_d = count_q + CountBits'(1);
        if (row_done_o) phase_d = PRODUCTS;
      end
      default: begin
        if (multiply) count_d = count_q + CountBits'(1);
        if (multiply && last) phase_d = LARGEST;
      end
    endcase
    if (phase_d != phase_q) count_d = '0;
  end

  // The logits, and in their place their powers: u of logit i is stored 16 cycles after logit i
  // was read.
  logic [30:0]          store_q [Classes];
  logic [PlaceBits-1:0] place, power_place;
  logic [30:0]          stored, power, u;
  logic                 power_out;

  assign place       = count_q[PlaceBits-1:0];
  assign power_place = place - PlaceBits'(Stages);
  assign stored      = store_q[place];

  always_ff @(posedge clk_i) begin
    if (take) store_q[place] <= {15'b0, logit_i};
    else if (power_out) store_q[power_place] <= u;
  end

  // First pass: the largest logit, and where it is first.
  logic signed [15:0]   largest_d, largest_q;
  logic [CountBits-1:0] argmax_d, argmax_q;
  logic                 larger;

  assign larger = take && (count_q == '0 || $signed(logit_i) > largest_q);

  always_comb begin
    largest_d = larger ? $signed(logit_i) : largest_q;
    argmax_d  = larger ? count_q : argmax_q;
  end

  // Second pass: the powers; the shift of each waits for it.
  logic [15:0]        distance, fraction;
  logic [22:0]        halvings, label_halvings_d, label_halvings_q;
  logic [4:0]         shift, shift_q [Stages];
  logic [SumBits-1:0] sum_d, sum_q;

  assign distance = largest_q - stored[15:0];
  assign u        = power >> shift_q[count_q[3:0]];

  softmax_halvings u_halvings (
    .distance_i(distance), .places_i, .halvings_o(halvings), .fraction_o(fraction), .shift_o(shift)
  );

  always_ff @(posedge clk_i) begin
    if (power_in) shift_q[count_q[3:0]] <= shift;
  end

  always_comb begin
    sum_d            = sum_q;
    label_halvings_d = label_halvings_q;
    if (power_out) sum_d = sum_q + SumBits'(u);
    if (take) begin
      sum_d            = '0;
      label_halvings_d = '0;
    end
    if (power_in && 32'(count_q) == 32'(label_i)) label_halvings_d = halvings;
  end

  // Third pass. The sum is made a scalar s * 2^k; the reciprocal is there with the first product.
  logic [31:0]               s;
  logic signed [ExpBits-1:0] k;
  logic [127:0]              exact;
  logic [31:0]               inverse, inverse_q;
  logic                      inverse_now, unit_start, hold;
  logic                      held_d, held_q, label_d, label_q;
  logic [7:0]                row_label_q;
  logic signed [ExpBits+16:0] log;

  logic unused_s_negative;
  scalar_make #(.ExpBits(ExpBits)) u_make (
    .negative_i(1'b0), .magnitude_i(128'(sum_q)), .exp_i(ExpBits'(0)),
    .negative_o(unused_s_negative), .mant_o(s), .exp_o(k)
  );

  assign inverse_now = phase_q == PRODUCTS && count_q == '0;
  assign inverse     = inverse_now ? exact[31:0] : inverse_q;
  assign invert      = phase_q == INVERSE && !hold;
  assign multiply    = phase_q == PRODUCTS && !hold;
  assign unit_start  = multiply || (invert && count_q == '0);

  // A product stands in the unit until the next operation, which waits until it is taken.
  assign hold = held_q && !error_ready_i;

  always_comb begin
    held_d  = hold;
    label_d = label_q;
    if (multiply) begin
      held_d  = error_i;
      label_d = 32'(count_q) == 32'(row_label_q);
    end
  end

  logic [32:0] high;
  logic [5:0]  places_d, places_q;  // the row's, which outlasts its sum where the error waits
  assign high          = exact[63:31];
  assign places_d      = row_done_o ? 6'(k) + 6'd1 : places_q;
  assign error_valid_o = held_q;
  assign error_o       = 32'(high >> places_q) - {1'b0, label_q, 30'b0};

  assign loss_o    = 32'(log) - 32'(30 * 65536) + 32'(label_halvings_q);
  assign correct_o = 32'(argmax_q) == 32'(label_i);

  logic                      unused_ready, unused_done, unused_negative, unused_exact_negative;
  logic [31:0]               unused_mant;
  logic signed [ExpBits-1:0] unused_exp;

  scalar_unit #(.ExpBits(ExpBits)) u_unit (
    .clk_i, .rst_ni, .start_i(unit_start), .op_i(multiply ? OP_MUL : OP_RECIP),
    .ready_o(unused_ready), .a_negative_i(1'b0), .a_mant_i(multiply ? {1'b0, stored} : s),
    .a_exp_i(multiply ? ExpBits'(0) : k), .b_negative_i(1'b0), .b_mant_i(inverse),
    .b_exp_i(ExpBits'(0)),
    .x0_i(64'd0), .y0_i(64'd0), .x1_i(64'd0), .y1_i(64'd0),
    .done_o(unused_done), .negative_o(unused_negative), .mant_o(unused_mant), .exp_o(unused_exp),
    .exact_negative_o(unused_exact_negative), .exact_o(exact), .log_o(log),
    .exp2_valid_i(power_in), .exp2_fraction_i(fraction), .exp2_valid_o(power_out), .exp2_o(power)
  );

  logic unused_bits;
  assign unused_bits = ^{exact[127:64], log[ExpBits+16:32], k[ExpBits-1:6], classes_i};

  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) begin
      phase_q          <= LARGEST;
      count_q          <= '0;
      largest_q        <= '0;
      argmax_q         <= '0;
      sum_q            <= '0;
      label_halvings_q <= '0;
      inverse_q        <= '0;
      row_label_q      <= '0;
      places_q         <= '0;
      held_q           <= 1'b0;
      label_q          <= 1'b0;
    end else begin
      phase_q          <= phase_d;
      count_q          <= count_d;
      largest_q        <= largest_d;
      argmax_q         <= argmax_d;
      sum_q            <= sum_d;
      label_halvings_q <= label_halvings_d;
      inverse_q        <= inverse;
      row_label_q      <= row_done_o ? label_i : row_label_q;
      places_q         <= places_d;
      held_q           <= held_d;
      label_q          <= label_d;
    end
  end
endmodule
