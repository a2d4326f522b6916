// What a contraction's geometry amounts to in memory: how each operand lies there (a view, which
// contract_walk follows), and a few products besides. One multiplication a cycle, divisions in 32.
//
// A view has a field of 32 bits for each of
//    0 mode: bytes of a run are successive k of a row (0), rows of one k (1), or every w-th k (2);
//      bit 2: not of a run, but of successive places of a line
//    1 byte address
//    2 places in a line, 3 lines in an image of places
//    4 lines of the operand's own image, 5 bytes of a line, 6 bytes of an image
//    7 gap: places from one that meets the operand to the next; from there to there
//    8 bytes along x, 9 lines along y, 10 their bytes
//   11, 12, 13 place (0, 0) in window (0, 0): byte in the line, line, and its byte in the image;
//   14 places since the last one that meets the operand, in x and y
//   15 elements of a run, or channels
//   16 w, the windows, 17 those in a line, 18 and 19 Depth divided by w, and the rest (mode 2)
//   20 bits 1:0 log2 of the bytes from an element to the next; bit 2: elements have two bytes
module contract_setup #(
  parameter int Rows  = 16,
  parameter int Depth = 2048
) (
  input  logic             clk_i,
  input  logic             rst_ni,
  input  logic             start_i,
  input  logic [4095:0]    desc_i,   // stable while in use
  output logic             busy_o,
  output logic [21*32-1:0] view_a_o,
  output logic [21*32-1:0] view_b_o,
  output logic [31:0]      inner_o,  // k for each index n or o of the backward directions
  output logic [31:0]      tile_o    // bytes of Rows rows of the output
);
  // The descriptor's words (docs/rtl.md).
  logic [31:0] h, w, c, o, kh, kw, stride, pad, oh, ow, cols, k;
  logic [1:0]  direction;
  logic        back, wide, unused_desc;
  assign {k, cols} = {desc_i[14*32 +: 32], desc_i[13*32 +: 32]};
  assign {ow, oh, pad, stride, kw, kh, o, c, w, h} = desc_i[2*32 +: 10*32];
  assign direction   = desc_i[9:8];
  assign back        = direction == 2'd1;
  assign wide        = desc_i[42*32 +: 3] == 3'd2;  // weights of 9 to 15 bits
  assign unused_desc = ^desc_i;

  // The factors of each step, and the products so far.
  localparam int LINE   = 0;   // bytes of a line of the operand with the image, and of its image
  localparam int IMAGE  = 1;
  localparam int DX     = 2;   // a stride along x and y
  localparam int DLINE  = 3;
  localparam int X      = 4;   // what lies left of and above place (0, 0)
  localparam int YLINE  = 5;
  localparam int RUN    = 6;   // elements of a line of the window
  localparam int LINE2  = 7;   // of the operand without a window
  localparam int IMAGE2 = 8;
  localparam int WINDOW = 9;
  localparam int INNER  = 10;
  localparam int TILE   = 11;
  localparam int Steps  = 12;

  logic [31:0] product_q [Steps];

  // pad / stride first, Depth / windows last.
  typedef enum logic [1:0] {IDLE, PADDING, MULTIPLY, CHUNK} state_e;
  state_e      state_q;
  logic [4:0]  bits_q;
  logic [31:0] dividend_q, quotient_q, rest_q, shifted, divisor;
  logic [31:0] pad_quotient_q, pad_rest_q;
  assign busy_o  = state_q != IDLE;
  assign divisor = (state_q == CHUNK) ? product_q[WINDOW] : stride;
  assign shifted = {rest_q[30:0], dividend_q[31]};

  logic [31:0] left, right, channels, padding;
  logic [3:0]  step_q;
  assign channels = back ? o : c;
  assign padding  = back ? quotient_q : pad;

  always_comb begin
    left  = product_q[LINE];
    right = channels;
    case (step_q)
      4'd0:    left = back ? ow : w;
      4'd1:    right = back ? oh : h;
      4'd2:    left = stride;
      4'd3:    right = stride;
      4'd4:    left = padding;
      4'd5:    right = padding;
      4'd6:    begin left = kw; right = c; end
      4'd7:    begin left = back ? kw : ow; right = back ? c : o; end
      4'd8:    begin left = product_q[LINE2]; right = back ? kh : oh; end
      4'd9:    begin left = kh; right = kw; end
      4'd10:   begin left = back ? kh : oh; right = back ? kw : ow; end
      default: begin left = 32'(Rows * 4); right = cols; end
    endcase
  end

  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) begin
      state_q    <= IDLE;
      step_q     <= '0;
      bits_q     <= '0;
      dividend_q <= '0;
      quotient_q <= '0;
      rest_q     <= '0;
      pad_rest_q <= '0;
      pad_quotient_q <= '0;
      for (int i = 0; i < Steps; i++) product_q[i] <= '0;
    end else begin
      case (state_q)
        IDLE: begin
          if (start_i) begin
            state_q    <= PADDING;
            step_q     <= '0;
            bits_q     <= '0;
            dividend_q <= pad;
            rest_q     <= '0;
          end
        end
        MULTIPLY: begin
          product_q[step_q] <= left * right;
          step_q            <= step_q + 4'd1;
          if (step_q == 4'(Steps - 1)) begin
            state_q    <= CHUNK;
            dividend_q <= 32'(Depth);
            pad_rest_q <= rest_q;
            pad_quotient_q <= quotient_q;
            rest_q     <= '0;
          end
        end
        default: begin  // a bit of a quotient
          dividend_q <= dividend_q << 1;
          rest_q     <= shifted >= divisor ? shifted - divisor : shifted;
          quotient_q <= {quotient_q[30:0], shifted >= divisor};
          bits_q     <= bits_q + 5'd1;
          if (bits_q == 5'd31) state_q <= (state_q == PADDING) ? MULTIPLY : IDLE;
        end
      endcase
    end
  end

  // The views. The operand with the image: x under a window, or e seen from the pixels of x.
  logic [21*32-1:0] image, matrix;
  logic [31:0]      slot_a, slot_b, slot_image, slot_matrix, height;
  assign slot_a      = desc_i[32*32 +: 32];
  assign slot_b      = desc_i[40*32 +: 32];
  assign slot_image  = (direction == 2'd2) ? slot_b : slot_a;
  assign slot_matrix = (direction == 2'd2) ? slot_a : slot_b;
  assign height      = back ? h : oh;

  // Short runs of the window, long lines of places that are 1, 2 or 4 bytes apart: see
  // contract_walk.
  logic lines;
  assign lines = !back && (product_q[DX] == 32'd1 || product_q[DX] == 32'd2
                           || product_q[DX] == 32'd4)
              && product_q[RUN] <= 32'(Rows / 2) && product_q[RUN] < ow;

  always_comb begin
    image = '0;
    image[0*32 +: 32]  = {29'd0, lines, back ? 2'd2 : {1'b0, (direction == 2'd2) != lines}};
    image[1*32 +: 32]  = slot_image;
    image[2*32 +: 32]  = back ? w : ow;
    image[3*32 +: 32]  = height;
    image[4*32 +: 32]  = back ? oh : h;
    image[5*32 +: 32]  = product_q[LINE];
    image[6*32 +: 32]  = product_q[IMAGE];
    image[7*32 +: 32]  = back ? stride : 32'd1;
    image[8*32 +: 32]  = back ? o : product_q[DX];
    image[9*32 +: 32]  = back ? 32'd1 : stride;
    image[10*32 +: 32] = back ? product_q[LINE] : product_q[DLINE];
    image[11*32 +: 32] = back ? product_q[X] : 32'd0 - product_q[X];
    image[12*32 +: 32] = back ? pad_quotient_q : 32'd0 - pad;
    image[13*32 +: 32] = back ? product_q[YLINE] : 32'd0 - product_q[YLINE];
    image[14*32 +: 32] = back ? pad_rest_q : 32'd0;
    image[15*32 +: 32] = back ? o : product_q[RUN];
    image[16*32 +: 32] = product_q[WINDOW];
    image[17*32 +: 32] = back ? kw : 32'd1;
    image[18*32 +: 32] = quotient_q;
    image[19*32 +: 32] = rest_q;
    image[20*32 +: 32] = {30'd0, !lines ? 2'd0 : product_q[DX][2:1]};

    // w, or e in the weight gradient: all of a row (forward), or all of one k, is one run.
    matrix = '0;
    matrix[0*32 +: 32]  = {31'd0, direction != 2'd0};
    matrix[1*32 +: 32]  = slot_matrix;
    matrix[7*32 +: 32]  = 32'd1;
    matrix[9*32 +: 32]  = 32'd1;
    matrix[16*32 +: 32] = 32'd1;
    matrix[17*32 +: 32] = 32'd1;
    if (direction == 2'd0) begin
      matrix[2*32 +: 32]  = 32'd1;
      matrix[3*32 +: 32]  = 32'd1;
      matrix[4*32 +: 32]  = 32'd1;
      matrix[5*32 +: 32]  = k << wide;
      matrix[6*32 +: 32]  = k << wide;
      matrix[15*32 +: 32] = k;
      matrix[20*32 +: 3]  = {wide, 1'b0, wide};
    end else begin
      matrix[2*32 +: 32]  = back ? kw : ow;
      matrix[3*32 +: 32]  = back ? kh : oh;
      matrix[4*32 +: 32]  = back ? kh : oh;
      matrix[5*32 +: 32]  = product_q[LINE2];
      matrix[6*32 +: 32]  = product_q[IMAGE2];
      matrix[8*32 +: 32]  = back ? c : o;
      matrix[10*32 +: 32] = product_q[LINE2];
      matrix[15*32 +: 32] = back ? c : o;
    end
  end

  assign view_a_o = (direction == 2'd2) ? matrix : image;
  assign view_b_o = (direction == 2'd2) ? image : matrix;
  assign inner_o  = product_q[INNER];
  assign tile_o   = product_q[TILE];
endmodule
