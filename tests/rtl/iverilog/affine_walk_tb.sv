// The block numbers of affine_walk against divisions, on a simulator that is not Verilator: rows
// and blocks of drawn sizes, one lane and four, with pauses.
module affine_walk_tb;
  localparam int Lanes = 4;
  localparam int Walks = 400;

  logic clk = 0, rst_n = 1, start = 0, next = 0;
  int   errors = 0, checks = 0, seed = 1, wraps = 0, shorts = 0, edges = 0, forever_rows = 0;

  logic [31:0]         width, rows, cols, whole, over;
  logic                ready, ready1;
  logic [Lanes*16-1:0] base, index;
  logic [15:0]         base1, index1;

  affine_walk #(.Lanes(Lanes)) u_walk (
    .clk_i(clk), .rst_ni(rst_n), .start_i(start), .width_i(width), .rows_i(rows), .cols_i(cols),
    .whole_i(whole), .over_i(over), .ready_o(ready), .next_i(next), .base_o(base),
    .index_o(index)
  );
  affine_walk #(.Lanes(1)) u_one (
    .clk_i(clk), .rst_ni(rst_n), .start_i(start), .width_i(width), .rows_i(rows), .cols_i(cols),
    .whole_i(whole), .over_i(over), .ready_o(ready1), .next_i(next), .base_o(base1),
    .index_o(index1)
  );

  task automatic tick;
    #1 clk = 1;
    #1 clk = 0;
  endtask

  // Of element i: numerics 2.3's formula for tiles.
  function automatic int row_base(input int i);
    row_base = (rows == 32'hFFFF_FFFF) ? 0
             : ((i / width) / rows) * ((width + cols - 1) / cols);
  endfunction
  function automatic int block(input int i);
    block = row_base(i) + (i % width) / cols;
  endfunction

  task automatic check(input logic [15:0] got, input int want, input int element);
    checks++;
    if (got !== want[15:0]) begin
      errors++;
      if (errors < 10)
        $display("rows of %0d in %0d x %0d, element %0d: %0d, expected %0d", width, rows, cols,
                 element, got, want);
    end
  endtask

  task automatic walk;
    int beats;
    width = 1 + $urandom(seed) % (($urandom(seed) % 2 == 0) ? 6 : 50);
    rows  = 1 + $urandom(seed) % 5;
    cols  = 1 + $urandom(seed) % 12;
    case ($urandom(seed) % 5)
      0: rows = 32'hFFFF_FFFF;
      1: cols = width;
      2: cols = 1;
      default: ;
    endcase
    whole = width / cols;
    over  = width % cols;
    if (width < Lanes) shorts++;
    if (over != 0 && whole != 0) edges++;
    if (rows == 32'hFFFF_FFFF) forever_rows++;
    start = 1;
    tick;
    start = 0;
    while (!(ready && ready1)) tick;
    beats = $urandom(seed) % 60;
    for (int b = 0; b < beats; b++) begin
      for (int l = 0; l < Lanes; l++) begin
        check(index[l*16 +: 16], block(b * Lanes + l), b * Lanes + l);
        check(base[l*16 +: 16], row_base(b * Lanes + l), b * Lanes + l);
      end
      check(index1, block(b), b);
      check(base1, row_base(b), b);
      if (b * Lanes / width != (b + 1) * Lanes / width) wraps++;
      if ($urandom(seed) % 4 == 0) tick;
      next = 1;
      tick;
      next = 0;
    end
  endtask

  initial begin
    rst_n = 0;
    tick;
    rst_n = 1;
    for (int n = 0; n < Walks; n++) walk;
    $display("%0d checks, %0d errors; %0d ends of rows", checks, errors, wraps);
    $display("%0d rows shorter than a beat, %0d edge tiles, %0d without end", shorts, edges,
             forever_rows);
    if (errors == 0 && checks > 50000 && wraps > 1000 && shorts > 20 && edges > 50
        && forever_rows > 20)
      $display("BENCH PASSED");
    else $display("BENCH FAILED");
    $finish;
  end
endmodule
