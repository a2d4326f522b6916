// Operand buffers against the table of numerics 8: for geometries of all directions every tile and
// chunk of both operands is loaded in order, and each element read is the byte that the table
// names, or 0 outside of the image. A byte of memory is a hash of its address.
module contract_operand_tb;
  localparam int Lanes = 4;
  localparam int Units = 3;
  localparam int Banks = 4;
  localparam int Depth = 16;
  localparam int BaseA = 64;
  localparam int BaseB = 8192;

  logic             clk = 1'b0, rst_n = 1'b0;
  logic [4095:0]    desc = '0;
  logic             setup = 1'b0, setup_busy;
  logic [21*32-1:0] view_a, view_b, view;
  logic [31:0]      inner, tile_bytes;
  always #5 clk = !clk;

  // Of more rows than here: short runs are then up to four elements.
  contract_setup #(.Rows(8), .Depth(Depth)) u_setup (
    .clk_i(clk), .rst_ni(rst_n), .start_i(setup), .desc_i(desc), .busy_o(setup_busy),
    .view_a_o(view_a), .view_b_o(view_b), .inner_o(inner), .tile_o(tile_bytes)
  );

  logic        is_b = 1'b0, clear = 1'b0, start = 1'b0, ready, final_chunk = 1'b0, half = 1'b0;
  logic        done, read = 1'b0, ask, rsp_valid = 1'b0;
  logic [1:0]  place_seek = '0, run_seek = '0;
  logic [31:0] places = '0, length = '0, addr, rsp_addr = '0;
  logic [3:0]  read_k = '0;
  logic [Units*8-1:0]  bytes;
  logic [Lanes*32-1:0] word;
  assign view = is_b ? view_b : view_a;

  contract_operand #(.Lanes(Lanes), .Banks(Banks), .Units(Units), .Depth(Depth)) u_operand (
    .clk_i(clk), .rst_ni(rst_n), .view_i(view), .clear_i(clear), .start_i(start),
    .ready_o(ready), .place_seek_i(place_seek), .run_seek_i(run_seek), .places_i(places),
    .length_i(length), .final_i(final_chunk), .half_i(half), .high_i(1'b0), .done_o(done),
    .read_i(read), .read_half_i(half), .read_k_i(read_k), .rows_o(bytes), .req_valid_o(ask),
    .req_ready_i(1'b1), .req_addr_o(addr), .rsp_valid_i(rsp_valid), .rsp_data_i(word)
  );

  function [7:0] stored(input int address);
    stored = 8'((address * 37) ^ (address >> 4) * 11 ^ (address >> 9));
  endfunction

  always @(posedge clk) begin
    rsp_valid <= ask;
    rsp_addr  <= addr;
  end
  always_comb begin
    for (int i = 0; i < Lanes * 4; i++) word[i*8 +: 8] = stored(int'(rsp_addr) + i);
  end

  // The geometry, and numerics 8's table.
  int d, n, h, w, c, o, kh, kw, s, p, oh, ow, rows, cols, depth_k;
  int checks = 0, failures = 0;

  // Element (r, k) of A, (j, k) of B.
  function [7:0] x_at(input int base, input int nn, input int y, input int xx, input int cc);
    x_at = (y < p || y - p >= h || xx < p || xx - p >= w) ? 8'd0
         : stored(base + ((nn * h + y - p) * w + xx - p) * c + cc);
  endfunction

  function [7:0] expected(input int b, input int r, input int k);
    int y, xx;
    if (d == 0) begin
      if (b == 0) expected = x_at(BaseA, r / (oh * ow), r / ow % oh * s + k / (kw * c),
                                  r % ow * s + k / c % kw, k % c);
      else        expected = stored(BaseB + r * depth_k + k);
    end else if (d == 1) begin
      if (b == 0) begin
        y  = r / w % h + p - k / kw % kh;
        xx = r % w + p - k % kw;
        if (y < 0 || xx < 0 || y % s != 0 || xx % s != 0 || y / s >= oh || xx / s >= ow)
          expected = 8'd0;
        else
          expected = stored(BaseA + ((r / (h * w) * oh + y / s) * ow + xx / s) * o
                            + k / (kh * kw));
      end else expected = stored(BaseB + k * c + r);
    end else begin
      if (b == 0) expected = stored(BaseA + k * o + r);
      else        expected = x_at(BaseB, k / (oh * ow), k / ow % oh * s + r / (kw * c),
                                  k % ow * s + r / c % kw, r % c);
    end
  endfunction

  task load_and_check(input int b, input int first_r, input int first_k, input int len_r,
                      input int len_k);
    logic across;
    logic [1:0] seek_r, seek_k;
    begin
      across = (b == 0) ? (d == 2) : (d != 0);
      seek_r = (first_r == 0 && first_k == 0) ? 2'd2 : (first_k == 0) ? 2'd1 : 2'd0;
      seek_k = (first_k == 0) ? 2'd2 : 2'd1;
      place_seek  = across ? seek_k : seek_r;
      run_seek    = across ? seek_r : seek_k;
      places      = across ? len_k : len_r;
      length      = across ? len_r : len_k;
      final_chunk = first_k + len_k == depth_k;
      half        = !half;
      start       = 1'b1;
      @(negedge clk);
      start = 1'b0;
      while (!done) @(negedge clk);
      @(negedge clk);
      for (int k = 0; k < len_k; k++) begin
        read   = 1'b1;
        read_k = 4'(k);
        @(negedge clk);
        for (int r = 0; r < len_r; r++) begin
          checks++;
          if (bytes[r*8 +: 8] !== expected(b, first_r + r, first_k + k)) begin
            failures++;
            if (failures < 10)
              $display("direction %0d operand %0d row %0d k %0d: %h, expected %h", d, b,
                       first_r + r, first_k + k, bytes[r*8 +: 8],
                       expected(b, first_r + r, first_k + k));
          end
        end
      end
      read = 1'b0;
    end
  endtask

  task geometry(input int gn, input int gh, input int gw, input int gc, input int go,
                input int gkh, input int gkw, input int gs, input int gp);
    int units;
    begin
      n = gn; h = gh; w = gw; c = gc; o = go; kh = gkh; kw = gkw; s = gs; p = gp;
      oh = (h + 2 * p - kh) / s + 1;
      ow = (w + 2 * p - kw) / s + 1;
      for (d = 0; d < 3; d++) begin
        rows    = (d == 0) ? n * oh * ow : (d == 1) ? n * h * w : o;
        cols    = (d == 0) ? o : (d == 1) ? c : kh * kw * c;
        depth_k = (d == 0) ? kh * kw * c : (d == 1) ? o * kh * kw : n * oh * ow;
        desc = '0;
        desc[15:8] = 8'(d);
        desc[1*32 +: 14*32] = {32'(depth_k), 32'(cols), 32'(rows), 32'(ow), 32'(oh), 32'(p),
                               32'(s), 32'(kw), 32'(kh), 32'(o), 32'(c), 32'(w), 32'(h), 32'(n)};
        desc[32*32 +: 32] = 32'(BaseA);
        desc[40*32 +: 32] = 32'(BaseB);
        desc[42*32 +: 32] = 32'd1;
        setup = 1'b1;
        @(negedge clk);
        setup = 1'b0;
        while (setup_busy) @(negedge clk);
        for (int b = 0; b < 2; b++) begin
          is_b  = b[0];
          clear = 1'b1;
          @(negedge clk);
          clear = 1'b0;
          units = (b == 0) ? rows : cols;
          for (int r = 0; r < units; r += Units)
            for (int k = 0; k < depth_k; k += Depth)
              load_and_check(b, r, k, (units - r < Units) ? units - r : Units,
                             (depth_k - k < Depth) ? depth_k - k : Depth);
        end
      end
    end
  endtask

  initial begin
    repeat (2) @(negedge clk);
    rst_n = 1'b1;
    @(negedge clk);
    geometry(2, 5, 5, 3, 4, 3, 3, 1, 1);
    geometry(2, 6, 7, 2, 5, 2, 3, 2, 2);
    geometry(1, 7, 5, 1, 6, 5, 5, 1, 2);
    geometry(2, 4, 9, 5, 3, 1, 4, 3, 3);
    geometry(7, 1, 1, 21, 10, 1, 1, 1, 0);
    geometry(2, 6, 6, 4, 4, 2, 2, 2, 0);
    geometry(2, 5, 9, 1, 5, 3, 3, 1, 1);
    geometry(1, 7, 11, 2, 4, 2, 2, 1, 2);
    geometry(2, 4, 13, 1, 3, 2, 3, 2, 3);
    geometry(2, 4, 19, 1, 3, 1, 2, 4, 1);
    if (failures == 0 && checks > 5000) $display("%0d checks, BENCH PASSED", checks);
    else $display("%0d checks, %0d failures, BENCH FAILED", checks, failures);
    $finish;
  end
endmodule
