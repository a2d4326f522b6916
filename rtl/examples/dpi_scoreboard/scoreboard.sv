// A bench that holds flexquant, a quantizer of another house, to bittrue's reference through DPI-C.
// Each block: stimuli are drawn, the device and the reference quantize them with the same random
// bits, mantissas, exponent and clips are compared. Counts, and the first difference, are printed.
module scoreboard #(
  parameter int Blocks   = 1000,
  parameter int Saturate = 1      // 0 plants the bug: no clip behind the rounding
);
  `include "bittrue_dpi.svh"

  localparam int N     = 40;      // elements of a block: the last round leaves lanes out
  localparam int Lanes = 16;

  // ---- the device
  logic               clk = 1'b0, clr = 1'b0, scan = 1'b0, emit = 1'b0, even = 1'b0;
  logic        [4:0]  wl;
  logic signed [31:0] x;
  logic signed [15:0] xe, q;
  logic        [15:0] noise;
  logic               clipped, empty, over, under;
  logic signed [7:0]  bexp;
  flexquant #(.SATURATE(Saturate)) dut (
    .CLK(clk), .CLR(clr), .SCAN(scan), .EMIT(emit), .EVEN(even), .WL(wl), .X(x), .XE(xe),
    .NOISE(noise), .Q(q), .CLIPPED(clipped), .BEXP(bexp), .EMPTY(empty), .OVER(over), .UNDER(under)
  );

  task tick;
    #5 clk = 1'b1;
    #5 clk = 1'b0;
  endtask

  // ---- three handles: what is expected, the device's random bits, the stimuli's
  chandle golden, bits, stimuli;

  int      mantissa[N], step[N], exponent[1], draw[N];
  shortint want[N], got[N];
  int      compared = 0, different = 0, clips = 0, refused = 0;
  string   first;

  // What a call returned: not 0 is a mistake of the bench.
  task must(input int status, input chandle handle);
    if (status != 0) begin
      refused++;
      $display("bench: %s", bittrue_dpi_error(handle));
    end
  endtask

  function automatic int random(input int below);
    int r;
    if (bittrue_dpi_draw(stimuli, 0, 24, r) != 0) return 0;
    return r % below;
  endfunction

  task make_stimuli(input int block);
    int base;
    base = random(60) - 30;
    for (int i = 0; i < N; i++) begin
      // Mantissas of all lengths, of both signs; now and then a block that ends a range.
      mantissa[i] = (random(65536) * 65536 + random(65536)) >>> random(32);
      step[i]     = base - random(12);
      if (block % 50 == 7) mantissa[i] = 0;
      if (block % 50 == 8) step[i] = 110 - random(4);
      if (block % 50 == 9) step[i] = -165 + random(4);
    end
    if (block % 4 == 1) mantissa[0] = 32'h7fffffff;
  endtask

  // Both sides of one block.
  task run_reference(input int width);
    must(bittrue_dpi_format(golden, $sformatf("bfp%0d", width), "tensor", 1'b0), golden);
    must(bittrue_dpi_rounding(golden, even ? "nearest_even" : "stochastic", 16, 1'b0), golden);
    must(bittrue_dpi_quantize(golden, 1, N, mantissa, step, want, exponent), golden);
  endtask

  task run_device;
    int unused;
    clr = 1'b1;
    tick();
    clr = 1'b0;
    scan = 1'b1;
    for (int i = 0; i < N; i++) begin
      x = mantissa[i];
      xe = step[i][15:0];
      tick();
    end
    scan = 1'b0;
    emit = 1'b1;
    for (int i = 0; i < N; i++) begin
      draw[i] = 0;
      if (!even) must(bittrue_dpi_draw(bits, i % Lanes, 16, draw[i]), bits);
      x = mantissa[i];
      xe = step[i][15:0];
      noise = draw[i][15:0];
      tick();
      got[i] = q;
      clips += int'(clipped);
    end
    emit = 1'b0;
    // A command advances all lanes alike (numerics 4.3).
    for (int i = N; !even && i < (N + Lanes - 1) / Lanes * Lanes; i++)
      must(bittrue_dpi_draw(bits, i % Lanes, 16, unused), bits);
  endtask

  task differs(input string text);
    different++;
    if (different == 1) first = text;
  endtask

  task compare(input int block);
    compared++;
    if (int'(bexp) != exponent[0])
      differs($sformatf("block %0d: exponent %0d, the reference's %0d", block, bexp, exponent[0]));
    for (int i = 0; i < N; i++) begin
      compared++;
      if (got[i] != want[i])
        differs({$sformatf("block %0d, element %0d: %0d, the reference's %0d; ", block, i, got[i],
                           want[i]),
                 $sformatf("bfp%0d of %0d * 2^%0d at exponent %0d, draw %0d", wl, mantissa[i],
                           step[i], exponent[0], draw[i])});
    end
  endtask

  task compare_generators;
    int a, b;
    for (int l = 0; l < Lanes; l++) begin
      must(bittrue_dpi_lane(golden, l, a), golden);
      must(bittrue_dpi_lane(bits, l, b), bits);
      compared++;
      if (a != b) differs($sformatf("lane %0d: %08x, the reference's %08x", l, b, a));
    end
  endtask

  initial begin
    golden  = bittrue_dpi_open(7, Lanes);
    bits    = bittrue_dpi_open(7, Lanes);
    stimuli = bittrue_dpi_open(1, 1);
    for (int block = 0; block < Blocks; block++) begin
      make_stimuli(block);
      even = block % 3 == 2;
      wl   = 5'(2 + block % 15);
      run_reference(int'(wl));
      run_device();
      compare(block);
    end
    compare_generators();
    if (longint'(clips) != bittrue_dpi_count(golden, "clipped"))
      differs($sformatf("%0d clips, the reference's %0d", clips,
                        bittrue_dpi_count(golden, "clipped")));
    $display("%0d blocks, %0d results compared, %0d differ; clipped %0d, overflow %0d, flushed %0d",
             Blocks, compared, different, bittrue_dpi_count(golden, "clipped"),
             bittrue_dpi_count(golden, "overflow"), bittrue_dpi_count(golden, "flushed"));
    if (different > 0) $display("first: %s", first);
    if (different == 0 && refused == 0 && compared == Blocks * (N + 1) + Lanes)
      $display("SCOREBOARD PASSED");
    else
      $display("SCOREBOARD FAILED");
    bittrue_dpi_close(golden);
    bittrue_dpi_close(bits);
    bittrue_dpi_close(stimuli);
    $finish;
  end
endmodule
