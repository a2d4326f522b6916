// Rows of softmax against numerics 14 written out with plain products, quotients and halvings, its
// powers by numerics 12.2 and the logarithm by 12.3: the error of each class, the row's loss, the
// cycles, with logits that come and errors that are taken when they like.
module softmax_row_tb;
  logic               clk = 0, rst_n = 1, valid = 0, ready, last, row_valid = 0, row_done, correct;
  logic               error_valid, error_ready = 0, idle, work;
  logic [31:0]        classes = 1, loss, error;
  logic [15:0]        logit = 0;
  logic [5:0]         places = 0;
  logic [7:0]         label = 0;
  int                 seed = 1, errors = 0, checks = 0, cycles;

  softmax_row #(.Classes(64)) u_row (
    .clk_i(clk), .rst_ni(rst_n), .classes_i(classes), .error_i(1'b1), .logit_valid_i(valid),
    .logit_ready_o(ready), .logit_i(logit), .logit_last_o(last), .row_valid_i(row_valid),
    .places_i(places), .label_i(label), .row_done_o(row_done), .loss_o(loss),
    .correct_o(correct), .error_valid_o(error_valid), .error_ready_i(error_ready),
    .error_o(error), .idle_o(idle), .work_o(work)
  );

  task automatic tick;
    #1 cycles += int'(work);
    clk = 1;
    #1 clk = 0;
  endtask

  // 2^(30 - t / 2^16), floored as numerics 14 floors it.
  function automatic longint unsigned power(input longint unsigned t);
    longint unsigned f, y, c;
    f = (65536 - t % 65536) % 65536;
    y = 64'd1 << 30;
    for (int b = 1; b <= 16; b++) begin
      case (b)
        1:  c = 1518500250;
        2:  c = 1276901417;
        3:  c = 1170923762;
        4:  c = 1121280436;
        5:  c = 1097253708;
        6:  c = 1085434106;
        7:  c = 1079572136;
        8:  c = 1076653033;
        9:  c = 1075196443;
        10: c = 1074468888;
        11: c = 1074105294;
        12: c = 1073923544;
        13: c = 1073832680;
        14: c = 1073787251;
        15: c = 1073764537;
        default: c = 1073753181;
      endcase
      if ((f >> (16 - b)) % 2 == 1) y = (y * c) / (64'd1 << 30);
    end
    for (longint unsigned i = 0; i < t / 65536 + 64'(f != 0) && i < 64; i++) y = y / 2;
    power = y;
  endfunction

  int              x [64];
  longint unsigned t [64], u [64];
  longint unsigned total, s, r, bits, log, product;
  longint          expected;
  int              n, e, most, at, k, got;

  task automatic row;
    most = x[0];
    at   = 0;
    for (int i = 1; i < n; i++) begin
      if (x[i] > most) begin
        most = x[i];
        at   = i;
      end
    end
    total = 0;
    for (int i = 0; i < n; i++) begin
      t[i] = 64'(most - x[i]) * 23637;
      for (int j = 0; j < e + 2 && t[i] < 64'd4194304; j++) t[i] = t[i] * 2;
      if (e + 2 < 0) t[i] = (e + 2 < -60) ? 0 : t[i] >> -(e + 2);
      if (t[i] > 64'd4194304) t[i] = 64'd4194304;
      u[i]  = power(t[i]);
      total = total + u[i];
    end
    k = 0;
    s = total;
    if (s < 64'h8000_0000) begin
      s = s * 2;
      k = -1;
    end
    while (s >= 64'h1_0000_0000) begin
      s = s / 2;
      k++;
    end
    r = (64'd1 << 62) / s;
    // The logarithm: bit by bit from squares.
    log = 64'(k + 31);
    product = s;
    for (int i = 0; i < 16; i++) begin
      product = (product * product) / 64'h8000_0000;
      log     = log * 2;
      if (product >= 64'h1_0000_0000) begin
        product = product / 2;
        log     = log + 1;
      end
    end
  endtask

  initial begin
    rst_n = 0;
    tick;
    rst_n = 1;
    for (int count = 0; count < 60; count++) begin
      n = (count % 5 == 0) ? 1 + $urandom(seed) % 3 : 1 + $urandom(seed) % 64;
      e = -8 + $urandom(seed) % 10;
      if (count % 7 == 0) e = -140 + $urandom(seed) % 270;
      for (int i = 0; i < n; i++) begin
        x[i] = $signed($urandom(seed) % 255) - 127;
        if (count % 4 == 1) x[i] = $signed($urandom(seed) % 65536) - 32768;
        if (count % 6 == 2) x[i] = $urandom(seed) % 2;
      end
      row;
      classes = n;
      label   = $urandom(seed) % n;
      places  = (e > 6) ? 0 : (6 - e > 63) ? 63 : 6 - e;
      cycles  = 0;
      for (int i = 0; i < n; i++) begin
        valid = 0;
        while ($urandom(seed) % 4 == 0) tick;
        valid = 1;
        logit = x[i];
        #1 if (!ready || last !== (i == n - 1)) errors++;
        tick;
      end
      valid = 0;
      for (int i = $urandom(seed) % 4; i > 0; i--) tick;
      row_valid = 1;
      #1 while (!row_done) tick;
      checks++;
      if (loss !== 32'(log - 30 * 65536 + t[label]) || correct !== (at == int'(label))) begin
        errors++;
        if (errors < 10) $display("row %0d: loss %0d, expected %0d; correct %b", count, loss,
                                  log - 30 * 65536 + t[label], correct);
      end
      tick;
      row_valid = 0;
      got = 0;
      while (got < n) begin
        error_ready = $urandom(seed) % 4 != 0;
        #1 if (error_valid && error_ready) begin
          expected = 64'((u[got] * r) >> (32 + k));
          if (got == int'(label)) expected = expected - 64'd1073741824;
          checks++;
          if ($signed(error) !== 32'(expected)) begin
            errors++;
            if (errors < 10) $display("row %0d of %0d, class %0d: %0d, expected %0d", count, n, got,
                                      $signed(error), expected);
          end
          got++;
        end
        tick;
      end
      error_ready = 0;
      #1 if (!idle || cycles != 3 * n + 48) begin
        errors++;
        if (errors < 10) $display("row %0d of %0d: %0d cycles", count, n, cycles);
      end
    end
    $display("%0d checks, %0d errors", checks, errors);
    if (errors == 0 && checks > 1000) $display("BENCH PASSED");
    else $display("BENCH FAILED");
    $finish;
  end
endmodule
