// The quantizer's bands and stalls on a simulator that is not Verilator: drawn bands of tiles, and
// fixed point, against numerics 7, 3 and 4 written out in 64 bits, element by element.
module bfp_quantizer_tb;
  localparam int Lanes = 4;
  localparam int Tiles = 8;
  localparam int Bands = 500;

  logic                clk = 0, rst_n = 1, load = 0, half = 0, asymmetric = 0, fixed = 0;
  logic                clear = 0, start = 0, stall = 0, busy, work, ready, done, tile_valid, zero;
  logic                over, under;
  logic [Lanes*32-1:0] state, state_out, mant_in = 0;
  logic [4:0]          wl_in = 8, bits_in = 16;
  logic [1:0]          mode_in = 0;
  logic [7:0]          fixed_exp = 0, shared;
  logic [3:0]          tiles_in = 1;
  logic [31:0]         beats = 1, cycles;
  logic [Lanes-1:0]    own = 0, step_in = 0, valid, clipped, overflowed, lost;
  logic [Lanes*16-1:0] exp_in = 0, result;
  logic [Lanes*3-1:0]  tile_in = 0;

  bfp_quantizer #(.Lanes(Lanes), .Tiles(Tiles)) u_quantizer (
    .clk_i(clk), .rst_ni(rst_n), .load_i(load), .state_i(state), .state_o(state_out),
    .wl_i(wl_in), .mode_i(mode_in), .asymmetric_i(asymmetric), .random_bits_i(bits_in),
    .half_i(half), .fixed_i(fixed), .fixed_exp_i(fixed_exp), .tiles_i(tiles_in), .clear_i(clear),
    .start_i(start), .beats_i(beats), .stall_i(stall), .busy_o(busy), .work_o(work),
    .ready_o(ready), .done_o(done), .valid_i(own), .step_i(step_in), .mant_i(mant_in),
    .exp_i(exp_in), .tile_i(tile_in), .tile_o(tile_valid), .zero_o(zero), .shared_exp_o(shared),
    .overflow_o(over), .flushed_o(under), .valid_o(valid), .mant_o(result), .clipped_o(clipped),
    .overflowed_o(overflowed), .lost_o(lost), .cycles_o(cycles)
  );

  int     seed = 1, errors = 0, checks = 0, tiled = 0, zeros = 0, clips = 0, overs = 0, flushes = 0;
  int     stalls = 0, mode, bits, wl, n, first, tiles, worked = 0, want_cycles = 0, command;
  longint mant [64];
  int     step [64], tile [64], top [Tiles];
  logic [31:0] lane [Lanes];

  function automatic int below(input int limit);
    below = int'($unsigned($urandom(seed)) % limit);
  endfunction

  task automatic check(input bit good, input int i, input longint got, input longint want);
    checks++;
    if (!good) begin
      errors++;
      if (errors < 10) $display("band %0d, %0d: %0d, expected %0d", command, i, got, want);
    end
  endtask

  task automatic tick;
    #1 worked += 32'(work);
    clk = 1;
    #1 clk = 0;
    #1;
  endtask

  function automatic longint floor_shift(input longint m, input int s);
    floor_shift = (s > 62) ? ((m < 0) ? -1 : 0) : m >>> s;
  endfunction

  // numerics 3; the draw is r of R bits.
  function automatic longint rounded(input longint m, input int s, input longint r, input int big);
    longint low, rest, unit;
    if (s <= 0) begin
      rounded = (s < -20) ? ((m > 0) ? 64'sd1 <<< 40 : (m < 0) ? -(64'sd1 <<< 40) : 0) : m <<< -s;
    end else if (mode == 0) begin
      if (s <= big) rounded = floor_shift(m + (r >>> (big - s)), s);
      else if (s > 50) rounded = (m < 0 && r == 0) ? -1 : 0;
      else rounded = floor_shift(m + (r <<< (s - big)), s);
    end else if (s > 40) begin
      rounded = (mode == 3 && m < 0) ? -1 : 0;
    end else begin
      unit = 64'sd1 <<< s;
      low  = m >>> s;
      rest = m - (low <<< s);
      rounded = low;
      if (mode == 1 && (2 * rest > unit || (2 * rest == unit && low[0]))) rounded = low + 1;
      if (mode == 2 && (2 * rest > unit || (2 * rest == unit && m > 0))) rounded = low + 1;
    end
  endfunction

  function automatic int log2_floor(input longint m);
    longint a;
    a = (m < 0) ? -m : m;
    log2_floor = -1;
    while (a != 0) begin
      a = a >>> 1;
      log2_floor++;
    end
  endfunction

  // Cycles in which nothing may move, with other values on the inputs.
  task automatic wait_some;
    logic [Lanes*17-1:0] held;
    held = {valid, result};
    while (below(3) == 0) begin
      stall = 1;
      stalls++;
      tick;
      check({valid, result} === held, 700, 0, 0);
    end
    stall = 0;
  endtask

  // The beat of elements first + b * Lanes - first mod Lanes ..
  task automatic give(input int b);
    for (int l = 0; l < Lanes; l++) begin
      int i;
      i = b * Lanes + l - first;
      own[l] = i >= 0 && i < n;
      mant_in[l*32 +: 32] = own[l] ? mant[i][31:0] : $urandom(seed);
      exp_in[l*16 +: 16]  = own[l] ? 16'(step[i]) : 16'($urandom(seed));
      tile_in[l*3 +: 3]   = own[l] ? 3'(tile[i]) : 3'(below(8));
    end
    step_in = own;
  endtask

  // What the beat before the last tick became.
  task automatic expect_beat(input int b);
    for (int l = 0; l < Lanes; l++) begin
      int     i, e, high, low;
      longint r, x, y;
      bit     none;
      i = b * Lanes + l - first;
      check(valid[l] == (i >= 0 && i < n), 100 + i, longint'(valid[l]), 0);
      if (i >= 0 && i < n) begin
        r = longint'(lane[l] & ((32'd1 << bits) - 32'd1));
        if (mode == 0)
          for (int k = 0; k < bits; k++)
            lane[l] = (lane[l] >> 1) ^ (lane[l][0] ? 32'hA3000000 : 32'h0);
        none = !fixed && top[tile[i]] < -128;
        e = fixed ? int'($signed(fixed_exp)) : (top[tile[i]] > 127) ? 127 : top[tile[i]];
        x = none ? 0 : rounded(mant[i], e - (wl - 2) - step[i], half ? 2 * r + 1 : r,
                               half ? bits + 1 : bits);
        high = (1 << (wl - 1)) - 1;
        low  = asymmetric ? -high - 1 : -high;
        y = (x > high) ? high : (x < low) ? low : x;
        check($signed(result[l*16 +: 16]) == y, i, longint'($signed(result[l*16 +: 16])), y);
        check(clipped[l] == (x != y), 200 + i, longint'(clipped[l]), 0);
        check(overflowed[l] == (!fixed && top[tile[i]] > 127), 300 + i, 0, 0);
        check(lost[l] == (!fixed && top[tile[i]] > -100000 && none && mant[i] != 0), 400 + i, 0, 0);
        clips += 32'(x != y);
      end
    end
  endtask

  task automatic band;
    int from, count, base;
    first = below(Lanes);
    n     = 1 + below(60);
    count = (first + n - 1) / Lanes + 1;
    base  = below(6) == 0 ? 110 : below(6) == 0 ? -150 : below(40) - 30;
    for (int t = 0; t < Tiles; t++) top[t] = -100000;
    for (int i = 0; i < n; i++) begin
      tile[i] = (i % 15) * tiles / 15;
      step[i] = base + below(12);
      mant[i] = longint'($signed($urandom(seed))) >>> below(24);
      if (below(30) == 0 || tile[i] == n % 8) mant[i] = 0;
      if (mant[i] != 0 && log2_floor(mant[i]) + step[i] > top[tile[i]])
        top[tile[i]] = log2_floor(mant[i]) + step[i];
    end
    want_cycles += fixed ? count + 1 : 2 * count + tiles + 1;
    tiled += 32'(!fixed && tiles > 1);
    beats = count;
    start = 1;
    stall = 0;
    tick;  // also the last cycle of the band before
    start = 0;
    if (!fixed) begin
      for (int b = 0; b < count; b++) begin
        give(b);
        wait_some;
        tick;
      end
      for (int t = 0; t < tiles; t++) begin
        wait_some;
        check(tile_valid && zero == (top[t] < -128) && over == (top[t] > 127) &&
              under == (top[t] < -128 && top[t] > -100000) &&
              (zero || over || int'($signed(shared)) == top[t]), 500 + t, longint'(shared),
              longint'(top[t]));
        zeros   += 32'(zero);
        overs   += 32'(over);
        flushes += 32'(under);
        tick;
      end
    end
    for (int b = 0; b < count; b++) begin
      give(b);
      wait_some;
      tick;
      expect_beat(b);
    end
    for (int l = 0; l < Lanes; l++)
      check(state_out[l*32 +: 32] == lane[l], 600 + l, longint'(state_out[l*32 +: 32]),
            longint'(lane[l]));
  endtask

  initial begin
    rst_n = 0;
    tick;
    rst_n = 1;
    for (int l = 0; l < Lanes; l++) begin
      lane[l] = 32'h1234567 * (l + 1) + 32'd1;
      state[l*32 +: 32] = lane[l];
    end
    load = 1;
    tick;
    load = 0;
    for (command = 0; command < Bands; command++) begin
      if (command % 5 == 0) begin  // another command
        tick;
        tiles = 1 + below(Tiles);
        tiles_in   = 4'(tiles);
        wl         = 2 + below(15);
        wl_in      = 5'(wl);
        mode       = (below(2) != 0) ? 0 : below(4);
        mode_in    = 2'(mode);
        bits       = 1 + below(24);
        bits_in    = 5'(bits);
        half       = below(3) == 0;
        asymmetric = below(2) != 0;
        fixed      = below(5) == 0;
        fixed_exp  = 8'(below(40) - 20);
        clear = 1;
        tick;
        clear = 0;
        while (busy) tick;
      end
      band;
    end
    tick;
    check(!busy && worked == want_cycles && cycles == want_cycles, -1, longint'(cycles),
          longint'(want_cycles));
    $display("%0d checks, %0d errors; %0d tiled, %0d zero, %0d overflowed, %0d flushed", checks,
             errors, tiled, zeros, overs, flushes);
    $display("%0d clips, %0d stalls", clips, stalls);
    if (errors == 0 && tiled > 100 && zeros > 20 && overs > 20 && flushes > 9 && clips > 20
        && stalls > 100)
      $display("BENCH PASSED");
    else
      $display("BENCH FAILED");
    $finish;
  end
endmodule
