// The LFSR's steps against single steps of numerics 4.1, on a simulator that is not Verilator.
module lfsr_tb;
  logic                  clk = 0, rst_n = 1, load = 0, step = 0;
  logic [31:0]           start = 1, state, expected;
  logic [4:0]            bits = 16;
  logic [23:0]           draw;
  int                    errors = 0, checks = 0, seed = 1;

  lfsr u_lfsr (
    .clk_i(clk), .rst_ni(rst_n), .load_i(load), .state_i(start), .step_i(step), .bits_i(bits),
    .draw_o(draw), .state_o(state)
  );

  task automatic tick;
    #1 clk = 1;
    #1 clk = 0;
  endtask

  function automatic logic [31:0] one_step(input logic [31:0] x);
    one_step = (x >> 1) ^ (x[0] ? 32'hA3000000 : 32'h0);
  endfunction

  initial begin
    rst_n = 0;
    tick;
    rst_n = 1;
    for (int n = 0; n < 2000; n++) begin
      start = (n < 32) ? 32'h1 << n : ($urandom(seed) | 32'h1);
      bits  = 5'd1 + 5'(n % 24);
      load  = 1;
      tick;
      load     = 0;
      expected = start;
      step     = 1;
      for (int d = 0; d < 5; d++) begin
        #1;
        checks++;
        if (state !== expected || draw !== 24'(expected << (5'd24 - bits))) begin
          errors++;
          $display("from %h, %0d bits, draw %0d: state %h draw %h, expected %h", start, bits, d,
                   state, draw, expected);
        end
        for (int i = 0; i < int'(bits); i++) expected = one_step(expected);
        tick;
      end
      step = 0;
    end
    $display("%0d checks, %0d errors", checks, errors);
    if (errors == 0 && checks == 10000) $display("BENCH PASSED");
    else $display("BENCH FAILED");
    $finish;
  end
endmodule
