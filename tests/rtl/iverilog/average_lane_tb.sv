// average_lane behind average_plan: drawn snapshots and sums, many of them about 2^62, against
// integers of 400 bits that are shifted, added and compared without a thought for width.
`timescale 1ns / 1ps
module average_lane_tb;
  localparam int Wide = 400;

  logic clk = 1'b0;
  always #1 clk = !clk;

  logic [15:0]        entry, emin, new_emin;
  logic               plan_sums, en, element, over;
  logic [5:0]         plan_shift;
  logic signed [15:0] mantissa;
  logic signed [63:0] sum, result;
  average_plan u_plan (
    .entry_i(entry), .emin_i(emin), .sums_o(plan_sums), .shift_o(plan_shift), .emin_o(new_emin)
  );
  average_lane dut (
    .clk_i(clk), .en_i(en), .element_i(element), .mantissa_i(mantissa), .sum_i(sum),
    .sums_i(plan_sums), .shift_i(plan_shift), .over_o(over), .sum_o(result)
  );

  logic signed [Wide-1:0] a, b, total, limit;
  logic                   want_over;
  int                     e, low, old, checks, failures, overs, fits, edges;

  task tick;
    begin
      @(posedge clk);
      #0.5;
    end
  endtask

  task draw;
    begin
      e   = $unsigned($random) % 256 - 128;
      old = e;
      case ($unsigned($random) % 4)
        0: old = e + $unsigned($random) % 4 - 2;
        1: old = e + $unsigned($random) % 128 - 64;
        2: old = $unsigned($random) % 256 - 128;
        default: ;
      endcase
      if (old > 127) old = 127;
      if (old < -128) old = -128;
      mantissa = $random;
      case ($random & 7)
        0: mantissa = 16'sd32767;
        1: mantissa = -16'sd32768;
        2: mantissa = 16'sd1;
        3: mantissa = -16'sd1;
        default: ;
      endcase
      sum = {$random, $random};
      sum = sum >>> (2 + $unsigned($random) % 62);
      case ($random & 7)
        0: sum = 64'sd4611686018427387903;
        1: sum = -64'sd4611686018427387903;
        2: sum = -(64'sd1 << ($unsigned($random) % 62));
        3: sum = (64'sd1 << ($unsigned($random) % 62)) - 64'sd1;
        4: sum = 64'sd4611686018427387903 - $unsigned($random) % 65536;
        5: sum = '0;
        default: ;
      endcase
      entry = e[15:0];
      emin  = old[15:0];
      case ($unsigned($random) % 16)
        0: begin
          entry    = 16'h8000;  // a zero block
          mantissa = '0;
        end
        1: begin
          emin = 16'h7FFF;      // no snapshot yet
          sum  = '0;
          old  = e;
        end
        default: ;
      endcase
    end
  endtask

  initial begin
    checks = 0;
    failures = 0;
    overs = 0;
    fits = 0;
    edges = 0;
    limit = 400'd1 << 62;
    en = 1'b1;
    for (int k = 0; k < 20000; k++) begin
      draw;
      low   = (entry == 16'h8000) ? old : (e < old) ? e : old;
      a     = sum;
      b     = mantissa;
      if (entry != 16'h8000) begin
        a = a <<< (old - low);
        b = b <<< (e - low);
      end
      total = a + b;
      want_over = a >= limit || a <= -limit || b >= limit || b <= -limit ||
                  total >= limit || total <= -limit;
      element = 1'b1;
      tick;
      element = 1'b0;
      if (k & 1) begin  // held
        en = 1'b0;
        tick;
        en = 1'b1;
      end
      tick;
      tick;
      checks = checks + 1;
      overs  = overs + want_over;
      fits   = fits + !want_over;
      edges  = edges + (total == limit || total == -limit || total == limit - 1
                        || total == 1 - limit);
      if (over !== want_over || (!want_over && result !== total[63:0])) begin
        failures = failures + 1;
        $display("E %0d, Emin %0d, %0d and %0d: %0d over %b, expected %0d over %b", $signed(entry),
                 $signed(emin), sum, mantissa, result, over, total, want_over);
      end
      if (entry == 16'h8000 ? new_emin !== emin : new_emin !== low[15:0]) begin
        failures = failures + 1;
        $display("E %0d, Emin %0d: new Emin %0d", $signed(entry), $signed(emin),
                 $signed(new_emin));
      end
      tick;
      if (over !== 1'b0) failures = failures + 1;  // no element, nothing over
    end
    $display("%0d checks, %0d over, %0d within, %0d at the limit", checks, overs, fits, edges);
    if (failures == 0 && overs > 1000 && fits > 1000 && edges > 100) $display("BENCH PASSED");
    else $display("BENCH FAILED");
    $finish;
  end
endmodule
