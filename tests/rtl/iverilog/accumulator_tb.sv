// Processing elements with the accumulators of numerics 8.1 against sums in 64 bits, where a
// rounding is a floored division, on a simulator that is not Verilator.
module accumulator_case #(
  parameter int AccBits = 8,
  parameter int Saturate = 1,
  parameter int AccShift = 0,
  parameter int AccRounding = 3,
  parameter int RandomBits = 16,
  parameter int Chunk = 0,
  parameter int PsumBits = 32
) (
  output int errors_o,
  output int checks_o,
  output int full_o
);
  logic                      clk = 0, rst_n = 1, compute = 0, drain = 0, nearest = 0, enter = 0;
  logic [RandomBits-1:0]     draw = 0;
  logic signed [7:0]         a = 0, b = 0, a_out, b_out;
  logic signed [AccBits-1:0] acc;
  logic [2:0]                flags_out;
  int                        errors = 0, checks = 0, full = 0, seed = 1, length;
  longint                    sum, psum, kept;

  assign errors_o = errors;
  assign checks_o = checks;
  assign full_o   = full;

  mac_pe #(
    .AccBits(AccBits), .Saturate(Saturate), .AccShift(AccShift), .AccRounding(AccRounding),
    .RandomBits(RandomBits), .Chunk(Chunk), .PsumBits(PsumBits)
  ) u_pe (
    .clk_i(clk), .rst_ni(rst_n), .compute_i(compute), .last_i(1'b0), .drain_i(drain),
    .nearest_i(nearest), .draw_i(draw), .step_i(1'b1), .product_i(compute), .enter_i(enter),
    .a_i(a), .b_i(b), .acc_i({AccBits{1'b0}}), .step_o(flags_out[0]), .product_o(flags_out[1]),
    .enter_o(flags_out[2]), .a_o(a_out), .b_o(b_out), .acc_o(acc)
  );

  task automatic tick;
    #1 clk = 1;
    #1 clk = 0;
  endtask

  function automatic longint floored(input longint x, input longint y);
    floored = x / y;
    if (x % y != 0 && x < 0) floored = floored - 1;
  endfunction

  // One addition in so many bits; counts those that leave them.
  task automatic add(input longint x, input longint y, input int bits, output longint z);
    longint span;
    span = 64'd1 << bits;
    z    = x + y;
    if (z >= span / 2 || z < -span / 2) begin
      full++;
      if (Saturate != 0) z = (z < 0) ? -span / 2 : span / 2 - 1;
      else z = z - span * floored(z + span / 2, span);
    end
  endtask

  task automatic round(input longint x, input longint r, output longint z);
    longint unit, twice;
    unit  = 64'd1 << AccShift;
    twice = 2 * (x - unit * floored(x, unit));
    z     = floored(x, unit);
    if (AccRounding == 0 && !nearest) begin
      z = floored(x * (64'd1 << RandomBits) + r * unit, unit * (64'd1 << RandomBits));
    end else if (AccRounding != 3) begin
      if (twice > unit || (twice == unit && z % 2 != 0)) z = z + 1;
    end
  endtask

  initial begin
    longint entry;
    rst_n = 0;
    #1 tick;
    rst_n = 1;
    for (int n = 0; n < 1500; n++) begin
      compute = 0;
      drain   = 1;
      tick;
      drain   = 0;
      compute = 1;
      nearest = ($urandom(seed) % 3) == 0;
      sum     = 0;
      psum    = 0;
      kept    = 0;
      length  = 1 + $urandom(seed) % 20;
      for (int k = 0; k < length; k++) begin
        a     = ($urandom(seed) % 3 == 0) ? -8'sd128 : $urandom(seed);
        b     = ($urandom(seed) % 3 == 0) ? 8'sd127 - 8'(n % 2) : $urandom(seed);
        draw  = $urandom(seed);
        enter = (Chunk == 0) || (k % Chunk == Chunk - 1) || (k == length - 1);
        if (Chunk == 0) begin
          psum = a * b;
        end else begin
          add(psum, a * b, PsumBits, entry);
          psum = entry;
        end
        if (Chunk == 0 || k % Chunk == 0) kept = draw;
        if (enter) begin
          round(psum, kept, entry);
          add(sum, entry, AccBits, entry);
          sum  = entry;
          psum = 0;
        end
        tick;
      end
      checks++;
      if (acc !== AccBits'(sum)) begin
        errors++;
        $display("%m: sum %0d of %0d: %0d, expected %0d", n, length, acc, sum);
      end
    end
  end
endmodule

module accumulator_tb;
  int errors[6], checks[6], full[6];

  accumulator_case #(.AccBits(16)) u_plain (errors[0], checks[0], full[0]);
  accumulator_case #(.AccBits(14), .Saturate(0)) u_wrap (errors[1], checks[1], full[1]);
  accumulator_case #(.AccBits(12), .AccShift(4)) u_floor (errors[2], checks[2], full[2]);
  accumulator_case #(.AccBits(8), .AccShift(7), .AccRounding(1)) u_nearest (
    errors[3], checks[3], full[3]
  );
  accumulator_case #(.AccBits(11), .AccShift(5), .AccRounding(0), .Chunk(3), .PsumBits(15)) u_draws
    (errors[4], checks[4], full[4]);
  accumulator_case #(.AccBits(8), .Saturate(0), .AccShift(9), .AccRounding(0), .RandomBits(4),
                     .Chunk(4), .PsumBits(17)) u_few_bits (errors[5], checks[5], full[5]);

  initial begin
    int total, bad;
    #200000;
    total = 0;
    bad   = 0;
    for (int i = 0; i < 6; i++) begin
      total = total + checks[i];
      bad   = bad + errors[i];
      $display("case %0d: %0d sums, %0d errors, %0d additions that left their bits", i, checks[i],
               errors[i], full[i]);
      if (full[i] == 0) bad++;
    end
    if (bad == 0 && total == 9000) $display("BENCH PASSED");
    else $display("BENCH FAILED");
    $finish;
  end
endmodule
