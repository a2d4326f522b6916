// Drives bfp8_quantizer with one command's golden vectors: +vectors=FOLDER, +results=FOLDER, and
// the command's own plusargs. Writes out0.hex and out0.exp.hex.
module bench;
  parameter BUG = 0;
  localparam LANES = 8;
  localparam MOST  = 1 << 20; // elements
  localparam CELLS = 1 << 16; // exponents, of operand or result

  reg [31:0] operand [0:MOST-1];
  reg [15:0] draw    [0:MOST-1];
  reg [7:0]  result  [0:MOST-1];
  reg [15:0] step    [0:CELLS-1];
  reg [7:0]  shared  [0:CELLS-1];

  reg clk = 0, clear = 0, scan = 0, emit = 0;
  reg  [LANES-1:0]    present;
  reg  [LANES*32-1:0] value;
  reg  [LANES*16-1:0] scale, random;
  wire [7:0]          exponent;
  wire [LANES*8-1:0]  mantissa;
  bfp8_quantizer #(.LANES(LANES), .BUG(BUG)) dut (
    .clk(clk), .clear(clear), .scan(scan), .emit(emit), .present(present), .value(value),
    .scale(scale), .random(random), .shared(exponent), .mantissa(mantissa));

  reg [8*1024-1:0] vectors, results, text;
  integer elements, steps, n0, nl, last, blocks, bits, half, wl, length, b, i, lane;

  function integer step_of(input integer i);
    step_of = i / (elements / n0) * nl + (nl > 1 ? i % last : 0);
  endfunction

  task give_up(input [8*64-1:0] why);
    begin
      $display("bench: %0s: %0s", vectors, why);
      $finish_and_return(2);
    end
  endtask

  // One beat: LANES elements from number `first` on, as far as they are below `past`.
  task beat(input integer first, input integer past);
    begin
      for (lane = 0; lane < LANES; lane = lane + 1) begin
        i = first + lane < past ? first + lane : first;
        present[lane] = first + lane < past;
        value[lane*32 +: 32]  = operand[i];
        scale[lane*16 +: 16]  = step[step_of(i)];
        random[lane*16 +: 16] = draw[i];
      end
      #1 clk = 1;
      #1 clk = 0;
    end
  endtask

  task block(input integer first, input integer past);
    integer at;
    begin
      for (at = first; at < past; at = at + LANES) begin
        {clear, scan, emit} = {at == first, 2'b10};
        beat(at, past);
      end
      shared[b] = exponent;
      for (at = first; at < past; at = at + LANES) begin
        {clear, scan, emit} = 3'b001;
        beat(at, past);
        for (lane = 0; lane < LANES; lane = lane + 1)
          if (present[lane]) result[at + lane] = mantissa[lane*8 +: 8];
      end
    end
  endtask

  initial begin
    if (!$value$plusargs("vectors=%s", vectors) || !$value$plusargs("results=%s", results))
      give_up("expected +vectors=FOLDER +results=FOLDER");
    if (!$value$plusargs("in0_elements=%d", elements) || !$value$plusargs("in0_n0=%d", n0) ||
        !$value$plusargs("in0_nl=%d", nl) || !$value$plusargs("in0_exponents_elements=%d", steps) ||
        !$value$plusargs("out0_exponents_elements=%d", blocks) ||
        !$value$plusargs("out0_wl=%d", wl) || !$value$plusargs("random_bits=%d", bits) ||
        !$value$plusargs("sr_half=%d", half) || !$value$plusargs("out0_block=%s", text))
      give_up("expected wide values, bfp out, stochastic rounding");
    if (wl != 8 || bits != 16 || half != 0 || $test$plusargs("out0_clip=asymmetric") ||
        (text != "tensor" && text != "dim0" && text != "sample"))
      give_up("expected bfp8, 16 random bits, a block tensor, dim0, sample");
    if (elements > MOST || steps > CELLS || blocks > CELLS) give_up("too large");
    last   = steps / n0;
    length = elements / blocks;
    $readmemh({vectors, "/in0.hex"}, operand, 0, elements - 1);
    $readmemh({vectors, "/in0.exp.hex"}, step, 0, steps - 1);
    $readmemh({vectors, "/draws.hex"}, draw, 0, elements - 1);
    for (b = 0; b < blocks; b = b + 1) block(b * length, (b + 1) * length);
    $writememh({results, "/out0.hex"}, result, 0, elements - 1);
    $writememh({results, "/out0.exp.hex"}, shared, 0, blocks - 1);
    $finish;
  end
endmodule
