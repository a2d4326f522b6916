// Where one lane stands on its walk over the elements of the side that leaves (numerics 13): its
// channel, column and row, the place of column and row in their window, and where its window is on
// the other side. Steps are additions of digits with carries, so nothing is divided.
module pool_place (
  input  logic        clk_i,
  input  logic        rst_ni,
  input  logic        load_i,
  // {kh 6, kw 6, row 16, column 16, channel 16}
  input  logic [59:0] digits_i,
  input  logic [7:0]  sample_i,      // mod 256
  input  logic [63:0] address_i,     // {of the line's first element, within the line}
  input  logic        next_i,        // adds a step, which is given as the element of its number
  input  logic [59:0] step_digits_i,
  input  logic [7:0]  step_sample_i,
  input  logic [63:0] step_address_i,
  // The walk; stable. Windows are 1 on a walk over the side that has no windows.
  input  logic [15:0] channels_i,
  input  logic [15:0] columns_i,
  input  logic [15:0] rows_i,
  input  logic [6:0]  window_i,
  input  logic [5:0]  columns_left_i, // columns and rows mod window
  input  logic [5:0]  rows_left_i,
  input  logic [31:0] column_i,       // on the other side: from a window to the next,
  input  logic [31:0] columns_all_i,  // over all windows of a row,
  input  logic [31:0] line_i,         // from a line to the next,
  input  logic [31:0] gap_i,          // from behind an image's last line to the next image
  output logic [59:0] digits_o,
  output logic [7:0]  sample_o,
  output logic [63:0] address_o
);
  logic [59:0] digits_d, digits_q;
  logic [7:0]  sample_d, sample_q;
  logic [63:0] address_d, address_q;
  assign digits_o  = digits_q;
  assign sample_o  = sample_q;
  assign address_o = address_q;

  logic [16:0] channel, column, row;
  logic [6:0]  kw, kh;
  logic [31:0] across, line;
  logic        next_column, next_row, next_sample;

  always_comb begin
    digits_d    = digits_q;
    sample_d    = sample_q;
    address_d   = address_q;
    channel     = '0;
    column      = '0;
    row         = '0;
    kw          = '0;
    kh          = '0;
    across      = '0;
    line        = '0;
    next_column = 1'b0;
    next_row    = 1'b0;
    next_sample = 1'b0;
    if (load_i) begin
      digits_d  = digits_i;
      sample_d  = sample_i;
      address_d = address_i;
    end else if (next_i) begin
      across = address_q[31:0] + step_address_i[31:0];
      line   = address_q[63:32] + step_address_i[63:32];

      channel     = 17'(digits_q[15:0]) + 17'(step_digits_i[15:0]);
      next_column = channel >= 17'(channels_i);
      if (next_column) begin
        channel = channel - 17'(channels_i);
        across  = across - 32'(channels_i);
      end

      column   = 17'(digits_q[31:16]) + 17'(step_digits_i[31:16]) + 17'(next_column);
      kw       = 7'(digits_q[53:48]) + 7'(step_digits_i[53:48]) + 7'(next_column);
      next_row = column >= 17'(columns_i);
      if (kw >= window_i) begin
        kw     = kw - window_i;
        across = across + column_i;
      end
      if (next_row) begin
        column = column - 17'(columns_i);
        across = across - columns_all_i;
        if (kw < 7'(columns_left_i)) begin
          kw     = kw + window_i;
          across = across - column_i;
        end
        kw = kw - 7'(columns_left_i);
      end

      row         = 17'(digits_q[47:32]) + 17'(step_digits_i[47:32]) + 17'(next_row);
      kh          = 7'(digits_q[59:54]) + 7'(step_digits_i[59:54]) + 7'(next_row);
      next_sample = row >= 17'(rows_i);
      if (kh >= window_i) begin
        kh   = kh - window_i;
        line = line + line_i;
      end
      if (next_sample) begin
        row  = row - 17'(rows_i);
        line = line + gap_i;
        if (kh < 7'(rows_left_i)) begin
          kh   = kh + window_i;
          line = line - line_i;
        end
        kh = kh - 7'(rows_left_i);
      end

      digits_d  = {kh[5:0], kw[5:0], row[15:0], column[15:0], channel[15:0]};
      sample_d  = sample_q + step_sample_i + 8'(next_sample);
      address_d = {line, across};
    end
  end

  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) begin
      digits_q  <= '0;
      sample_q  <= '0;
      address_q <= '0;
    end else begin
      digits_q  <= digits_d;
      sample_q  <= sample_d;
      address_q <= address_d;
    end
  end
endmodule
