// The pool unit against numerics 13 and 13.1 written out as loops, on a simulator that is not
// Verilator: the four commands on drawn images with ties, left-over rows and columns, and fewer and
// more channels than lanes; loads and results come and go with gaps.
module pool_unit_tb;
  localparam int Lanes = 4;
  localparam int Depth = 256;
  localparam int Most  = 8192;  // elements of an image

  logic clk = 0, rst_n = 1;
  int   errors = 0, checks = 0, seed = 1, commands = 0, wraps = 0, refusals = 0;
  bit   refused;

  logic                start = 0, back, sums, load_valid = 0, ready = 0;
  logic                unit_ready, too_large, busy, work, load_ready, valid;
  logic [Lanes*16-1:0] load_value;
  logic [Lanes*8-1:0]  load_index, index, sample;
  logic [31:0]         beat;
  logic [Lanes-1:0]    mask;
  logic [Lanes*32-1:0] value;

  // n x h x w x c, windows k x k: oh x ow of them.
  int n, h, w, c, k, oh, ow, larger, smaller, loads, leaving, works, loaded, left;
  int image [Most], pooled [Most], place [Most], expected [Most], expected_place [Most];

  logic [31:0] gap;
  assign gap = back ? 0 : (h - oh * k) * w * c;

  pool_unit #(.Lanes(Lanes), .Depth(Depth)) u_unit (
    .clk_i(clk), .rst_ni(rst_n), .start_i(start), .ready_o(unit_ready), .too_large_o(too_large),
    .busy_o(busy), .work_o(work), .back_i(back), .sums_i(sums), .window_i(k[6:0]),
    .channels_i(c[15:0]), .columns_i(back ? w[15:0] : ow[15:0]),
    .rows_i(back ? h[15:0] : oh[15:0]), .columns_left_i(back ? 6'(w % k) : 6'd0),
    .rows_left_i(back ? 6'(h % k) : 6'd0), .column_i(back ? c : k * c),
    .columns_all_i(back ? ow * c : ow * k * c), .line_i(back ? ow * c : k * w * c), .gap_i(gap),
    .aligned_i(((back ? w * c : ow * c) % Lanes) == 0), .down_i((w - k + 1) * c),
    .loads_i(loads), .elements_i(leaving), .load_valid_i(load_valid), .load_ready_o(load_ready),
    .load_value_i(load_value), .load_index_i(load_index), .valid_o(valid), .ready_i(ready),
    .beat_o(beat), .mask_o(mask), .value_o(value), .index_o(index), .sample_o(sample)
  );

  task automatic tick;
    #1 clk = 1;
    #1 clk = 0;
  endtask

  // What numerics 13 and 13.1 say: element j of the smaller side has its first place at `at`.
  task automatic expect_results;
    int at, best, sum, i;
    for (int j = 0; j < larger; j++) if (back) expected[j] = 0;
    for (int j = 0; j < smaller; j++) begin
      at   = ((j / (oh * ow * c)) * h + ((j / (ow * c)) % oh) * k) * w * c + ((j / c) % ow) * k * c
           + j % c;
      best = at;
      sum  = 0;
      if (!back) expected_place[j] = 0;
      for (int y = 0; y < k; y++) begin
        for (int x = 0; x < k; x++) begin
          i   = at + (y * w + x) * c;
          sum = sum + image[i];
          if (back) begin
            if (sums || place[j] == y * k + x) expected[i] = pooled[j];
          end else if (image[i] > image[best]) begin
            best              = i;
            expected_place[j] = y * k + x;
          end
        end
      end
      if (!back) expected[j] = sums ? sum : image[best];
    end
  endtask

  task automatic compare;
    for (int l = 0; l < Lanes; l++) begin
      int j, want;
      j = beat * Lanes + l;
      checks++;
      if (mask[l] !== (j < leaving)) errors++;
      if (mask[l]) begin
        want = expected[j];
        if (value[l*32 +: 32] !== want[31:0]
            || (!back && !sums && index[l*8 +: 8] !== expected_place[j][7:0])
            || sample[l*8 +: 8] !== 8'(j / (leaving / n))) begin
          errors++;
          if (errors < 10)
            $display("back %b sums %b, %0d x %0d x %0d x %0d by %0d: element %0d is %0d, not %0d",
                     back, sums, n, h, w, c, k, j, $signed(value[l*32 +: 32]), want);
        end
      end
    end
    left = left - 1;
  endtask

  task automatic present;
    load_valid = ($urandom(seed) % 4) != 0;
    for (int l = 0; l < Lanes; l++) begin
      int j;
      j = loaded + l;
      load_value[l*16 +: 16] = (j >= loads) ? 16'hxxxx : back ? pooled[j][15:0] : image[j][15:0];
      load_index[l*8 +: 8]   = (j >= loads) ? 8'hxx : place[j][7:0];
    end
  endtask

  task automatic command;
    int clocks;
    expect_results;
    left    = (leaving + Lanes - 1) / Lanes;
    loaded  = 0;
    works   = 0;
    refused = 0;
    clocks  = 0;
    start   = 1;
    tick;
    start = 0;
    while (busy && clocks < 100000) begin
      present;
      ready = ($urandom(seed) % 4) != 0;
      #1;
      refused = refused || (unit_ready && too_large);
      if (work) works++;
      if (valid && ready) compare;
      if (!refused && load_valid && load_ready) loaded = loaded + Lanes;
      tick;
      clocks++;
    end
    load_valid = 0;
    ready      = 0;
    checks++;
    if (refused) begin
      if (works != 0 || loaded != 0) errors++;
      refusals++;
    end else if (left != 0 || works != (back ? 1 : k * k) * ((leaving + Lanes - 1) / Lanes)) begin
      errors++;
      $display("%0d beats are missing, work %0d", left, works);
    end
    if (!refused) commands++;
    if (!refused && loads > Depth) wraps++;
  endtask

  initial begin
    rst_n = 0;
    tick;
    rst_n = 1;
    for (int number = 0; number < 400; number++) begin
      {back, sums} = number[1:0];
      k  = 1 + (number / 4) % 4;
      n  = 1 + $urandom(seed) % 6;
      h  = k + $urandom(seed) % (2 * k + 2);
      w  = k + $urandom(seed) % (2 * k);
      c  = 1 + $urandom(seed) % 6;
      oh = h / k;
      ow = w / k;
      larger  = n * h * w * c;
      smaller = n * oh * ow * c;
      loads   = back ? smaller : larger - gap;
      leaving = back ? larger : smaller;
      for (int i = 0; i < larger; i++) image[i] = $signed($urandom(seed)) % ((number < 40) ? 2 : 9);
      for (int i = 0; i < smaller; i++) begin
        pooled[i] = $signed($urandom(seed)) % 100 - 50;
        place[i] = $urandom(seed) % (k * k);
      end
      #1;
      loads = back ? smaller : larger - gap;
      command;
    end
    $display("%0d commands, %0d with wraps of the ring, %0d refused, %0d checks, %0d errors",
             commands, wraps, refusals, checks, errors);
    if (errors == 0 && commands > 200 && wraps > 20 && refusals > 5) $display("BENCH PASSED");
    else $display("BENCH FAILED");
    $finish;
  end
endmodule
