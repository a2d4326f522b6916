// Two halves of Depth k, for each k an element of each row of a tile (or column, of the second
// operand). Element (row, k) is in bank (row + k) mod Banks: a write of up to Banks elements of one
// row and successive k, of successive rows and one k, or of one row and every stride-th k, stride
// odd, meets each bank once. An even stride needs writes of Banks / gcd(stride, Banks) elements.
module contract_buffer #(
  parameter int Lanes = 16,
  parameter int Banks = 16,    // a power of two, at least 2
  parameter int Units = 16,    // rows, at most Banks
  parameter int Depth = 2048
) (
  input  logic        clk_i,
  input  logic        rst_ni,
  input  logic [21*32-1:0] view_i,
  // A write: count_i elements from element (row, k) on, its bank bank_i; from_i..to_i-1 of them
  // are in the word, the others are 0.
  input  logic        write_i,
  input  logic        half_i,
  input  logic [$clog2(Depth)-1:0]   k_i,
  input  logic [$clog2(Banks)-1:0]   bank_i,
  input  logic [$clog2(Banks):0]     count_i,
  input  logic [$clog2(Banks):0]     from_i,
  input  logic [$clog2(Banks):0]     to_i,
  input  logic        high_i,
  input  logic [$clog2(Lanes*4)-1:0] offset_i,  // byte of element 0 in the word, mod the word
  input  logic [Lanes*32-1:0]        word_i,
  // All rows of one k, in the cycle after.
  input  logic        read_i,
  input  logic        read_half_i,
  input  logic [$clog2(Depth)-1:0] read_k_i,
  output logic [Units*8-1:0]       rows_o
);
  // Fields of a view, 32 bits each: see contract_setup.
  localparam int VIEW_MODE   = 0;
  localparam int VIEW_WINDOW = 16;
  localparam int VIEW_WIDE   = 20;
  localparam logic [1:0] VIEW_ACROSS = 2'd1;
  localparam logic [1:0] VIEW_SPREAD = 2'd2;

  localparam int BankBits   = $clog2(Banks);
  localparam int KBits      = $clog2(Depth);
  localparam int CountBits  = BankBits + 1;
  localparam int OffsetBits = $clog2(Lanes * 4);

  logic                wide, across, unused_view;
  logic [1:0]          apart;   // log2 of the bytes from an element to the next
  logic [KBits-1:0]    stride;  // of k
  logic [BankBits-1:0] odd;     // the stride's odd part, and its inverse mod Banks
  logic [BankBits-1:0] inverse, elements;
  logic [BankBits:0]   even;    // zeros below the odd part
  assign wide        = view_i[VIEW_WIDE*32 + 2];
  assign apart       = view_i[VIEW_WIDE*32 +: 2];
  assign across      = view_i[VIEW_MODE*32 +: 2] == VIEW_ACROSS;
  assign unused_view = ^view_i;

  logic [31:0] windows;
  logic        spread;
  assign windows = view_i[VIEW_WINDOW*32 +: 32];
  assign spread  = view_i[VIEW_MODE*32 +: 2] == VIEW_SPREAD;
  assign stride  = spread ? windows[KBits-1:0] : across ? '0 : KBits'(1);
  always_comb begin
    even = '0;
    odd  = BankBits'(1);
    if (spread) begin
      odd = windows[BankBits-1:0];
      for (int z = 0; z < BankBits; z++) begin
        if ((windows & 32'((2 << z) - 1)) == '0) begin
          even = (BankBits+1)'(z + 1);
          odd  = BankBits'(windows >> (z + 1));
        end
      end
    end
  end
  // Newton: right mod 8, then mod 64.
  assign inverse  = BankBits'(32'(odd) * (32'd2 - 32'(odd) * 32'(odd)));
  assign elements = BankBits'(even == '0 ? {BankBits{1'b1}} : {BankBits{1'b1}} >> even);

  logic [Banks*8-1:0]  read, turned;
  logic [BankBits-1:0] turn_q;

  for (genvar b = 0; b < Banks; b++) begin : gen_bank
    // Which element of the write is this bank's.
    logic [BankBits-1:0]   distance, element;
    logic [OffsetBits-1:0] place;
    logic [15:0]           both;
    logic                  take, there, unused_top;
    assign distance   = BankBits'(b) - bank_i;
    assign element    = BankBits'((32'(distance) >> even) * 32'(inverse)) & elements;
    assign place      = offset_i + OffsetBits'(32'(element) << apart);
    assign both       = {word_i[(place | OffsetBits'(1))*8 +: 8], word_i[place*8 +: 8]};
    assign unused_top = both[15];
    assign take       = write_i && CountBits'(element) < count_i
                     && (distance & ~({BankBits{1'b1}} << even)) == '0;
    assign there     = CountBits'(element) >= from_i && CountBits'(element) < to_i;

    logic [7:0] bytes_q [2*Depth];
    logic [7:0] read_q;
    always_ff @(posedge clk_i) begin
      if (take) begin
        bytes_q[{half_i, k_i + KBits'(32'(element) * 32'(stride))}]
            <= !there ? 8'd0 : !wide ? both[7:0] : high_i ? both[14:7] : {1'b0, both[6:0]};
      end
      if (read_i) read_q <= bytes_q[{read_half_i, read_k_i}];
    end
    assign read[b*8 +: 8] = read_q;
  end

  // Row r is in bank (r + k) mod Banks.
  assign turned = (Banks*8)'({read, read} >> {turn_q, 3'b000});
  assign rows_o = turned[Units*8-1:0];
  if (Units < Banks) begin : gen_unused
    logic unused_rows;
    assign unused_rows = ^turned[Banks*8-1:Units*8];
  end

  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni)     turn_q <= '0;
    else if (read_i) turn_q <= read_k_i[BankBits-1:0];
  end
endmodule
