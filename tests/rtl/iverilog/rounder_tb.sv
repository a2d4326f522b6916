// The rounder against numerics 3 written out in 128 bits, on a simulator that is not Verilator.
module rounder_tb;
  logic signed [31:0] mant;
  logic signed [17:0] shift;
  logic [15:0]        draw;
  logic [1:0]         mode;
  logic [4:0]         wl;
  logic               asymmetric;
  logic signed [15:0] rounded;
  logic               clipped;
  int                 errors = 0, checks = 0, seed = 1;

  rounder u_rounder (
    .mant_i(mant), .shift_i(shift), .draw_i(draw), .mode_i(mode), .wl_i(wl),
    .asymmetric_i(asymmetric), .mant_o(rounded), .clipped_o(clipped)
  );

  logic signed [127:0] m, r, unit, low, rest, exact, top, bottom, result;

  // Twice the rest of a division by 2^s tells on which side of a tie it is.
  task automatic expect_result;
    m      = mant;
    r      = {112'b0, draw};
    unit   = (shift > 0) ? 128'sd1 <<< shift : 128'sd1;
    low    = (shift > 0) ? m >>> shift : m;
    rest   = m - low * unit;
    exact  = low;
    if (shift <= 0) exact = m <<< -shift;
    else if (mode == 0) exact = (m * 128'sd65536 + r * unit) >>> (shift + 16);
    else if (mode == 1 && (rest * 2 > unit || (rest * 2 == unit && low[0]))) exact = low + 1;
    else if (mode == 2 && (rest * 2 > unit || (rest * 2 == unit && m > 0))) exact = low + 1;
    top    = (128'sd1 <<< (wl - 1)) - 1;
    bottom = asymmetric ? -top - 1 : -top;
    result = (exact > top) ? top : (exact < bottom) ? bottom : exact;
  endtask

  initial begin
    for (int n = 0; n < 60000; n++) begin
      mant       = $random(seed) >>> ($urandom(seed) % 32);
      if (n % 64 == 0) mant = 32'h8000_0000;
      shift      = $signed($urandom(seed) % 70) - 16;
      draw       = $urandom(seed);
      if (n % 5 == 0) draw = (n % 2 == 0) ? 16'h0 : 16'hffff;
      mode       = n[1:0];
      wl         = 2 + $urandom(seed) % 15;
      asymmetric = $urandom(seed);
      #1 expect_result;
      checks++;
      if (rounded !== result[15:0] || clipped !== (exact != result)) begin
        errors++;
        if (errors < 10)
          $display("m %0d shift %0d draw %h mode %0d wl %0d asymmetric %b: %0d clipped %b, expected %0d",
                   mant, shift, draw, mode, wl, asymmetric, rounded, clipped, result);
      end
    end
    $display("%0d checks, %0d errors", checks, errors);
    if (errors == 0 && checks == 60000) $display("BENCH PASSED");
    else $display("BENCH FAILED");
    $finish;
  end
endmodule
