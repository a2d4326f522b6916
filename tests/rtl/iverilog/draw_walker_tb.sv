// Walkers and jumps against powers of the LFSR's step as 32 x 32 matrices over GF(2) (numerics
// 4.1), squared column by column, on a simulator that is not Verilator.
module draw_walker_tb;
  localparam int Lanes = 16;
  localparam int RandomBits = 16;

  logic        clk = 0, rst_n = 1, load = 0, step = 0, start = 0;
  logic [5:0]  lane = 0, walker_lane, jump_lane;
  logic [31:0] state = 1, walker_state, jump_state, lane0, expected;
  logic [47:0] index = 0;
  logic        busy, done;
  logic [RandomBits-1:0] draw;
  int          errors = 0, checks = 0, seed = 1;

  logic [31:0] column [32*32];  // of the matrix of 2^n steps, at 32 n

  draw_walker #(.Lanes(Lanes), .RandomBits(RandomBits)) u_walker (
    .clk_i(clk), .rst_ni(rst_n), .load_i(load), .lane_i(lane), .state_i(state), .step_i(step),
    .draw_o(draw), .lane_o(walker_lane), .state_o(walker_state)
  );
  draw_jump #(.Lanes(Lanes), .RandomBits(RandomBits)) u_jump (
    .clk_i(clk), .rst_ni(rst_n), .start_i(start), .index_i(index), .state_i(lane0),
    .busy_o(busy), .done_o(done), .lane_o(jump_lane), .state_o(jump_state)
  );

  task automatic tick;
    #1 clk = 1;
    #1 clk = 0;
    #1;
  endtask

  function automatic logic [31:0] steps(input int n, input logic [31:0] x);
    steps = '0;
    for (int i = 0; i < 32; i++) if (x[i]) steps = steps ^ column[32*n + i];
  endfunction

  // The state of an element's lane, by single squares of the step.
  task automatic at(input logic [47:0] element, output logic [31:0] x);
    logic [63:0] n;
    n = 64'(element % Lanes) * (64'hFFFF_FFFF / Lanes) + 64'(element / Lanes) * RandomBits;
    n = n % 64'hFFFF_FFFF;
    x = lane0;
    for (int i = 0; i < 32; i++) if (n[i]) x = steps(i, x);
  endtask

  initial begin
    for (int i = 0; i < 32; i++) column[i] = (i == 0) ? 32'hA3000000 : 32'h1 << (i - 1);
    for (int n = 1; n < 32; n++) begin
      for (int i = 0; i < 32; i++) column[32*n + i] = steps(n - 1, column[32*(n-1) + i]);
    end
    rst_n = 0;
    tick;
    rst_n = 1;
    for (int n = 0; n < 100; n++) begin
      lane0 = $urandom(seed) | 32'h1;
      index = {16'($urandom(seed)), $urandom(seed)} >> ($urandom(seed) % 48);
      start = 1;
      tick;
      start = 0;
      while (!done) tick;
      at(index, expected);
      checks++;
      if (jump_state !== expected || jump_lane !== 6'(index % Lanes)) begin
        errors++;
        $display("jump to %0d: lane %0d state %h, expected %h", index, jump_lane, jump_state,
                 expected);
      end
      load  = 1;
      lane  = 6'(index % Lanes);
      state = expected;
      tick;
      load  = 0;
      step  = 1;
      for (int i = 0; i < 20; i++) begin
        at(index + 48'(i), expected);
        checks++;
        if (walker_state !== expected || draw !== expected[RandomBits-1:0] ||
            walker_lane !== 6'((index + 48'(i)) % Lanes)) begin
          errors++;
          $display("element %0d: lane %0d state %h, expected %h", index + 48'(i), walker_lane,
                   walker_state, expected);
        end
        tick;
      end
      step = 0;
    end
    $display("%0d checks, %0d errors", checks, errors);
    if (errors == 0 && checks == 2100) $display("BENCH PASSED");
    else $display("BENCH FAILED");
    $finish;
  end
endmodule
