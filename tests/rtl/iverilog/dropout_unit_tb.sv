// Dropout's decisions against numerics 5.1, 5.2 and 5.5 written out element by element, on a
// simulator that is not Verilator; results leave with gaps.
module dropout_unit_tb;
  localparam int Lanes = 4;
  localparam logic [63:0] G = 64'h9E3779B97F4A7C15;

  logic clk = 0, rst_n = 1, start = 0, ready = 0, busy, work, valid;
  int   errors = 0, checks = 0, draws = 1, kept = 0, dropped = 0, left, works;
  logic [63:0]      seed, epoch, first, h0, h1, h2, value;
  logic [16:0]      threshold;
  logic [31:0]      elements, beat;
  logic [Lanes-1:0] mask, keep;

  dropout_unit #(.Lanes(Lanes)) u_unit (
    .clk_i(clk), .rst_ni(rst_n), .start_i(start), .seed_i(seed), .epoch_i(epoch), .first_i(first),
    .threshold_i(threshold), .elements_i(elements), .busy_o(busy), .work_o(work), .valid_o(valid),
    .ready_i(ready), .beat_o(beat), .mask_o(mask), .keep_o(keep)
  );

  task automatic tick;
    #1 clk = 1;
    #1 clk = 0;
  endtask

  function automatic logic [63:0] mix(input logic [63:0] from);
    logic [63:0] z;
    z = from;
    z = z ^ (z >> 30);
    z = z * 64'hBF58476D1CE4E5B9;
    z = z ^ (z >> 27);
    z = z * 64'h94D049BB133111EB;
    mix = z ^ (z >> 31);
  endfunction

  function automatic logic [63:0] draw64(input int bits);
    draw64 = {$urandom(draws), $urandom(draws)} >> (64 - bits);
  endfunction

  task automatic command;
    h0    = mix(seed + G);
    h1    = mix(h0 + 5 * G);
    h2    = mix(h1 + (epoch + 1) * G);
    left  = (elements + Lanes - 1) / Lanes;
    works = 0;
    start = 1;
    tick;
    start = 0;
    while (busy) begin
      ready = ($urandom(draws) % 3) != 0;
      #1;
      if (work) works++;
      if (valid && ready) begin
        left = left - 1;
        for (int l = 0; l < Lanes; l++) begin
          value = mix(h2 + (first + beat * Lanes + l + 1) * G);
          checks++;
          if (mask[l] !== (beat * Lanes + l < elements)) errors++;
          if (mask[l]) begin
            if (keep[l] !== ((value >> 48) >= threshold)) begin
              errors++;
              if (errors < 10) $display("element %0d: %b", beat * Lanes + l, keep[l]);
            end
            if (keep[l]) kept++;
            else dropped++;
          end
        end
      end
      tick;
    end
    checks++;
    if (left != 0 || works != (elements + Lanes - 1) / Lanes) begin
      errors++;
      $display("%0d beats are missing, work %0d", left, works);
    end
  endtask

  initial begin
    // SplitMix64 from 1: its first output (numerics 4.3).
    if (mix(64'd1 + G) !== 64'h910A2DEC89025CC1) errors++;
    rst_n = 0;
    tick;
    rst_n = 1;
    for (int n = 0; n < 150; n++) begin
      seed     = draw64(1 + $urandom(draws) % 64);
      epoch    = draw64(1 + $urandom(draws) % 64);
      first    = draw64(1 + $urandom(draws) % 64);
      elements = 1 + $urandom(draws) % 40;
      case (n % 6)
        0:       threshold = 17'd0;
        1:       threshold = 17'd1;
        2:       threshold = 17'd65535;
        3:       threshold = 17'd65536;
        default: threshold = 17'($urandom(draws) % 65536);
      endcase
      command;
    end
    $display("%0d checks, %0d errors, %0d kept, %0d dropped", checks, errors, kept, dropped);
    if (errors == 0 && checks > 3000 && kept > 500 && dropped > 500) $display("BENCH PASSED");
    else $display("BENCH FAILED");
    $finish;
  end
endmodule
