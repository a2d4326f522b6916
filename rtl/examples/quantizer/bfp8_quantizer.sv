// A quantizer as a stranger would write it: 32-bit integers, each with a binary exponent of its
// own, become 8-bit mantissas that share one exponent. A block goes by twice, LANES elements a
// clock: with `scan` high the largest magnitude is found, with `emit` high the elements are rounded.
//
// It knows nothing of bittrue's Verilog; the random numbers of its stochastic rounding come from
// outside. BUG plants a fault: 1 adds the random number one bit too high, 2 forgets the last lane
// in the search for the largest magnitude.
module bfp8_quantizer #(
  parameter LANES = 8,
  parameter BUG   = 0
) (
  input                            clk,
  input                            clear,   // before the first scan of a block
  input                            scan,
  input                            emit,
  input      [LANES-1:0]           present, // lanes that hold an element
  input      [LANES*32-1:0]        value,
  input      [LANES*16-1:0]        scale,   // the element is value * 2^scale, both signed
  input      [LANES*16-1:0]        random,
  output     [7:0]                 shared,  // exponent of the block; of use after its last scan
  output reg [LANES*8-1:0]         mantissa // one clock after emit
);
  localparam NOTHING = -100000;

  integer largest; // floor(log2) of the largest magnitude so far
  wire signed [31:0] limited = (largest > 127) ? 127 : (largest < -128) ? -128 : largest;
  assign shared = limited[7:0];

  // floor(log2 |v|) for v other than 0
  function integer log2_of(input signed [31:0] v);
    reg [31:0] left;
    begin
      left = v < 0 ? -v : v;
      log2_of = 0;
      if (left[31:16] != 0) begin log2_of = 16; left = left >> 16; end
      if (left[15:8] != 0) begin log2_of = log2_of + 8; left = left >> 8; end
      if (left[7:4] != 0) begin log2_of = log2_of + 4; left = left >> 4; end
      if (left[3:2] != 0) begin log2_of = log2_of + 2; left = left >> 2; end
      if (left[1]) log2_of = log2_of + 1;
    end
  endfunction

  // v / 2^drop, rounded up with the probability of what is dropped, held in -127 .. 127
  function signed [7:0] round_one(input signed [31:0] v, input integer drop, input [15:0] dice);
    reg signed [95:0] sum;
    integer places;
    begin
      places = drop > 48 ? 48 : drop; // beyond, only the sign is left
      if (places <= 0)
        sum = {{64{v[31]}}, v} <<< (places < -40 ? 40 : -places);
      else if (BUG == 1)
        sum = {{64{v[31]}}, v} + ({48'b0, dice, 32'b0} >> (47 - places));
      else
        sum = {{64{v[31]}}, v} + ({48'b0, dice, 32'b0} >> (48 - places));
      if (places > 0) sum = sum >>> places;
      if (sum > 127) round_one = 8'sd127;
      else if (sum < -127) round_one = -8'sd127;
      else round_one = sum[7:0];
    end
  endfunction

  integer lane, top;
  reg signed [31:0] v;
  reg signed [15:0] e;

  always @(posedge clk) begin
    if (clear) largest = NOTHING;
    if (scan)
      for (lane = 0; lane < (BUG == 2 ? LANES - 1 : LANES); lane = lane + 1) begin
        v = value[lane*32 +: 32];
        e = scale[lane*16 +: 16];
        top = log2_of(v) + e;
        if (present[lane] && v != 0 && top > largest) largest = top;
      end
    if (emit)
      for (lane = 0; lane < LANES; lane = lane + 1) begin
        v = value[lane*32 +: 32];
        e = scale[lane*16 +: 16];
        mantissa[lane*8 +: 8] <=
          (largest < -128) ? 8'd0 : round_one(v, limited - 6 - e, random[lane*16 +: 16]);
      end
  end
endmodule
