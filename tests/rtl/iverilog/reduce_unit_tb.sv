// reduce_unit: drawn commands of all kinds, with gaps between beats and results that wait, against
// sums formed element by element.
`timescale 1ns / 1ps
module reduce_unit_tb;
  localparam int Lanes  = 4;
  localparam int Depth  = 8;
  localparam int Blocks = 4;

  logic clk = 1'b0, rst_n = 1'b0;
  always #1 clk = !clk;

  logic                sums, extreme, negate, products;
  logic                table_write, merge, quiet, merge_ready, valid, ready;
  logic [1:0]          table_place;
  logic [4:0]          table_shift;
  logic [Lanes-1:0]    mask;
  logic [Lanes*3-1:0]  index;
  logic [Lanes*2-1:0]  block;
  logic [Lanes*16-1:0] x, y;
  logic [2:0]          merge_index;
  logic [63:0]         sum, product;
  reduce_unit #(.Lanes(Lanes), .Depth(Depth), .Blocks(Blocks)) dut (
    .clk_i(clk), .rst_ni(rst_n), .sums_i(sums), .extreme_i(extreme), .negate_i(negate),
    .products_i(products), .table_write_i(table_write), .table_place_i(table_place),
    .table_shift_i(table_shift), .mask_i(mask), .index_i(index), .block_i(block), .x_i(x), .y_i(y),
    .merge_i(merge), .quiet_i(quiet), .merge_index_i(merge_index), .merge_ready_o(merge_ready),
    .valid_o(valid), .ready_i(ready), .sum_o(sum), .product_o(product)
  );

  longint want_sum [Depth];
  longint want_product [Depth];
  longint want_least [Depth];
  longint want_most [Depth];
  int     shift_of [Blocks];
  int     last, n, i, taken, shift, b, kind, results, checks, failures, wait_left;
  longint xi, yi, scale, expected;

  function integer drawn16(input integer unused);
    case ($random & 3)
      0: drawn16 = -32768;
      1: drawn16 = 32767;
      default: drawn16 = $signed($random) % 32768;
    endcase
  endfunction

  task tick;
    begin
      @(posedge clk);
      #0.5;
    end
  endtask

  // A result that stands is taken in one cycle out of two.
  task results_of_cycle;
    begin
      ready = $random;
      #0.1;
      if (valid && ready) begin
        expected = (kind < 2) ? want_sum[results] : (kind == 2) ? want_least[results]
                                                                : want_most[results];
        if (sum !== expected) begin
          failures = failures + 1;
          $display("kind %0d, index %0d: %0d, expected %0d", kind, results, $signed(sum), expected);
        end
        if (products && product !== want_product[results]) begin
          failures = failures + 1;
          $display("product %0d: %0d, expected %0d", results, $signed(product),
                   want_product[results]);
        end
        checks  = checks + 1;
        results = results + 1;
      end
    end
  endtask

  task command;
    begin
      kind     = $unsigned($random) % 4;  // sums, sums and products, smallest, largest
      sums     = 1'b1;
      extreme  = kind >= 2;
      negate   = kind == 2;
      products = kind == 1;
      last     = 1 + $unsigned($random) % Depth;
      n        = last * (1 + $unsigned($random) % 12);
      for (int k = 0; k < Depth; k++) begin
        want_sum[k]     = 0;
        want_product[k] = 0;
        want_least[k]   = 1 << 20;
        want_most[k]    = -(1 << 20);
      end
      for (int k = 0; k < Blocks; k++) begin
        shift_of[k] = $unsigned($random) % 19;
        if (shift_of[k] > 16) shift_of[k] = 31;
        table_write = 1'b1;
        table_place = k[1:0];
        table_shift = shift_of[k][4:0];
        tick;
      end
      table_write = 1'b0;
      i = 0;
      while (i < n) begin
        mask = '0;
        if (($random & 3) != 0) begin
          for (int l = 0; l < Lanes; l++) begin
            if (i + l < n) begin
              b  = (i + l) % last;
              xi = drawn16(0);
              yi = drawn16(0);
              mask[l]          = 1'b1;
              index[l*3 +: 3]  = b[2:0];
              block[l*2 +: 2]  = (i + l) / 5;
              x[l*16 +: 16]    = xi[15:0];
              y[l*16 +: 16]    = yi[15:0];
              shift            = shift_of[((i + l) / 5) % Blocks];
              scale            = (shift == 31) ? 0 : 64'd1 << shift;
              want_sum[b]      = want_sum[b] + xi * scale;
              want_product[b]  = want_product[b] + xi * yi;
              if (xi < want_least[b]) want_least[b] = xi;
              if (xi > want_most[b]) want_most[b] = xi;
            end
          end
          i = i + Lanes;
        end
        tick;
      end
      mask    = '0;
      results = 0;
      taken   = 0;
      wait_left = 0;
      while (results < last && wait_left < 1000) begin
        wait_left = wait_left + 1;
        results_of_cycle;
        merge       = taken < last;
        merge_index = taken[2:0];
        if (merge && merge_ready) taken = taken + 1;
        else merge = 1'b0;
        tick;
      end
      merge = 1'b0;
      if (results != last) begin
        failures = failures + 1;
        $display("%0d results of %0d", results, last);
      end
    end
  endtask

  initial begin
    checks = 0;
    failures = 0;
    {mask, table_write, merge, quiet, ready} = '0;
    #3 rst_n = 1'b1;
    tick;
    // The memories are cleared before their first use.
    quiet = 1'b1;
    merge = 1'b1;
    for (int k = 0; k < Depth; k++) begin
      merge_index = k[2:0];
      tick;
    end
    quiet = 1'b0;
    merge = 1'b0;
    for (int k = 0; k < 400; k++) command;
    $display("%0d results", checks);
    if (failures == 0 && checks > 1000) $display("BENCH PASSED");
    else $display("BENCH FAILED");
    $finish;
  end
endmodule
