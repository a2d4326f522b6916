// Visits of the weight-stationary array, of two groups in several folds, against saturating sums in
// the order of k, on a simulator that is not Verilator.
module mac_tile_ws_tb;
  localparam int Rows = 3;
  localparam int Cols = 2;
  localparam int AccBits = 16;

  logic        clk = 0, rst_n = 1, stall = 0, start = 0, open = 0, close = 0, first = 0, last = 0;
  logic [31:0] rows = 1, cycles;
  logic [7:0]  len = 1;
  logic [4:0]  lshift = 0;
  logic        busy, done, load, stream, valid;
  logic [15:0] b = 0, row;
  logic [23:0] a = 0;
  logic [63:0] sum;
  int          errors = 0, checks = 0, seed = 1, visit_k, seen, stop, next;
  int          expected_cycles = 0;

  logic signed [7:0] x [8*32], y [32*Cols];  // A: row * 32 + k, B: k * Cols + column
  int                split;                   // k of the first group

  mac_tile_ws #(.Rows(Rows), .Cols(Cols), .Depth(8), .AccBits(AccBits)) u_tile (
    .clk_i(clk), .rst_ni(rst_n), .stall_i(stall), .start_i(start), .rows_i(rows), .len_i(len),
    .open_i(open), .close_i(close), .first_i(first), .last_i(last), .drop_i(1'b0),
    .lshift_i(lshift), .rshift_i(6'd0), .busy_o(busy), .done_o(done), .load_o(load), .b_i(b),
    .stream_o(stream), .a_i(a), .valid_o(valid), .row_o(row), .sum_o(sum), .cycles_o(cycles)
  );

  function automatic longint group_sum(input int i, input int j, input int from, input int to);
    longint acc;
    acc = 0;
    for (int k = from; k < to; k++) begin
      acc = acc + x[i*32 + k] * y[k*Cols + j];
      if (acc > 32767) acc = 32767;
      if (acc < -32768) acc = -32768;
    end
    group_sum = acc;
  endfunction

  task automatic tick;
    longint expected;
    #1 clk = 1;
    #1 clk = 0;
    #1;
    if (valid) begin
      seen++;
      for (int j = 0; j < Cols; j++) begin
        expected = group_sum(row, j, 0, split) + 8 * group_sum(row, j, split, visit_k);
        checks++;
        if (sum[j*32 +: 32] !== expected[31:0]) begin
          errors++;
          $display("row %0d column %0d: %0d, expected %0d", row, j, $signed(sum[j*32 +: 32]),
                   expected);
        end
      end
    end
  endtask

  task automatic wait_or_not;
    while ($urandom(seed) % 4 == 0) begin
      stall = 1;
      tick;
      stall = 0;
    end
  endtask

  task automatic fold(input int from, input int to);
    len   = 8'((to - from > Rows) ? Rows : to - from);
    start = 1;
    tick;
    start = 0;
    for (int r = Rows - 1; r >= 0; r--) begin
      b = (r < len) ? {y[(from+r)*Cols + 1], y[(from+r)*Cols]} : 16'h5555;
      wait_or_not;
      tick;
    end
    for (int i = 0; i < rows; i++) begin
      for (int r = 0; r < Rows; r++) a[r*8 +: 8] = (r < len) ? x[i*32 + from + r] : 8'h55;
      wait_or_not;
      tick;
    end
    while (!done) tick;
    expected_cycles = expected_cycles + 2 * Rows + Cols + rows - 2;
  endtask

  initial begin
    rst_n = 0;
    tick;
    rst_n = 1;
    for (int n = 0; n < 300; n++) begin
      rows    = 1 + $urandom(seed) % 8;
      visit_k = 2 + $urandom(seed) % 12;
      split   = 1 + $urandom(seed) % (visit_k - 1);
      seen    = 0;
      for (int i = 0; i < 8*32; i++) x[i] = (n % 4 == 0) ? -8'sd128 : $urandom(seed);
      for (int i = 0; i < 32*Cols; i++) y[i] = (n % 4 == 0) ? 8'sd127 : $urandom(seed);
      for (int k = 0; k < visit_k; k = next) begin
        stop   = (k < split) ? split : visit_k;
        first  = k < split;
        last   = k >= split;
        lshift = (k < split) ? 5'd0 : 5'd3;
        open   = k == 0 || k == split;
        close  = k + Rows >= stop;
        fold(k, stop);
        next = (k + Rows >= stop) ? stop : k + Rows;
      end
      tick;
      tick;
      tick;
      checks++;
      if (seen != rows || cycles != expected_cycles) begin
        errors++;
        $display("visit %0d: %0d rows of %0d, %0d cycles of %0d", n, seen, rows, cycles,
                 expected_cycles);
      end
    end
    $display("%0d checks, %0d errors", checks, errors);
    if (errors == 0 && checks > 1000) $display("BENCH PASSED");
    else $display("BENCH FAILED");
    $finish;
  end
endmodule
