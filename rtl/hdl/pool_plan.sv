// What a pooling command's descriptor says of its walk (numerics 13, docs/rtl.md): products of
// sizes, one a cycle on one multiplier, and whether the machine can do it.
module pool_plan (
  input  logic          clk_i,
  input  logic          rst_ni,
  input  logic          start_i,
  input  logic [4095:0] desc_i,         // stable
  output logic          ready_o,        // what follows stands
  output logic [7:0]    status_o,
  output logic          back_o,         // as in pool_unit
  output logic          sums_o,
  output logic [15:0]   columns_o,
  output logic [15:0]   rows_o,
  output logic [5:0]    columns_left_o,
  output logic [5:0]    rows_left_o,
  output logic [31:0]   column_o,
  output logic [31:0]   columns_all_o,
  output logic [31:0]   line_o,
  output logic [31:0]   gap_o,
  output logic [31:0]   beat_line_o,    // elements of a line of the side that leaves
  output logic [31:0]   down_o,
  output logic [31:0]   loads_o,
  output logic [31:0]   elements_o,
  output logic [3:0]    sum_bits_o      // clog2(window * window)
);
  localparam logic [3:0] Steps = 4'd13;

  // The descriptor.
  logic [7:0]  op, window;
  logic [31:0] images, height, width, channels, high, wide;
  logic [31:0] in_format, in_count, in_blocks, out_format, out_count, out_blocks;
  logic [31:0] index_format, index_count;
  assign op         = desc_i[7:0];
  assign window     = desc_i[15:8];
  assign images     = desc_i[1*32 +: 32];
  assign height     = desc_i[2*32 +: 32];
  assign width      = desc_i[3*32 +: 32];
  assign channels   = desc_i[4*32 +: 32];
  assign high       = desc_i[5*32 +: 32];
  assign wide       = desc_i[6*32 +: 32];
  assign in_format  = desc_i[34*32 +: 32];
  assign in_count   = desc_i[36*32 +: 32];
  assign in_blocks  = desc_i[37*32 +: 32];
  assign out_format = desc_i[114*32 +: 32];
  assign out_count  = desc_i[116*32 +: 32];
  assign out_blocks = desc_i[117*32 +: 32];
  assign index_format = back_o ? desc_i[42*32 +: 32] : desc_i[122*32 +: 32];
  assign index_count  = back_o ? desc_i[44*32 +: 32] : desc_i[124*32 +: 32];

  logic known, indexed;
  assign known   = op == 8'd6 || op == 8'd7 || op == 8'd11 || op == 8'd12;
  assign back_o  = op == 8'd7 || op == 8'd12;
  assign sums_o  = op == 8'd11 || op == 8'd12;
  assign indexed = !sums_o;

  // What is wrong at once, and formats of the two sides that do not fit each other.
  logic bfp, kinds_good, formats_fit, zero, oversize;
  logic [31:0] blocks;
  assign bfp    = in_format[2:0] == 3'd1 || in_format[2:0] == 3'd2;
  assign blocks = (in_format[12:10] == 3'd1) ? images : 32'd1;
  always_comb begin
    kinds_good  = bfp && in_format[12:11] == 2'd0 && in_format[7:3] >= 5'd2
               && in_format[7:3] <= ((in_format[2:0] == 3'd1) ? 5'd8 : 5'd16)
               && (!indexed || index_format[2:0] == 3'd4)
               && (op != 8'd11 || (out_format[2:0] == 3'd3 && !out_format[13] && !out_format[15]));
    formats_fit = in_blocks == blocks && out_blocks == blocks;
    if (op != 8'd11)
      formats_fit = formats_fit && out_format[8:0] == in_format[8:0]
                 && out_format[12:10] == in_format[12:10];
  end
  assign zero  = images == '0 || height == '0 || width == '0 || channels == '0 || high == '0
              || wide == '0;
  assign oversize = |{images[31:16], height[31:16], width[31:16], channels[31:16], high[31:16],
                      wide[31:16]};

  // Products.
  logic [3:0]  step_q;
  logic        busy_q, over_q;
  logic [31:0] factor;
  logic [15:0] by;
  logic [47:0] product;
  logic [12:0] places_q;
  logic [31:0] row_q, across_q, band_q, image_q, small_row_q, small_image_q, columns_q, rows_q;
  logic [31:0] bands_q, all_q, elements_q, small_elements_q;

  always_comb begin
    factor = 32'(window);
    by     = 16'(window);
    case (step_q)
      4'd1:    begin factor = width;         by = channels[15:0]; end
      4'd2:    begin factor = channels;      by = 16'(window);    end
      4'd3:    begin factor = row_q;         by = 16'(window);    end
      4'd4:    begin factor = row_q;         by = height[15:0];   end
      4'd5:    begin factor = wide;          by = channels[15:0]; end
      4'd6:    begin factor = small_row_q;   by = high[15:0];     end
      4'd7:    begin factor = wide;          by = 16'(window);    end
      4'd8:    begin factor = high;          by = 16'(window);    end
      4'd9:    begin factor = band_q;        by = high[15:0];     end
      4'd10:   begin factor = across_q;      by = wide[15:0];     end
      4'd11:   begin factor = image_q;       by = images[15:0];   end
      4'd12:   begin factor = small_image_q; by = images[15:0];   end
      default: begin end
    endcase
  end
  assign product = 48'(factor) * 48'(by);
  assign ready_o = !busy_q;

  // Sizes that agree: windows are all that there is room for.
  logic        agree;
  logic [31:0] columns_left, rows_left, larger, smaller;
  assign columns_left = width - columns_q;
  assign rows_left    = height - rows_q;
  assign larger       = back_o ? out_count : in_count;
  assign smaller      = back_o ? in_count : out_count;
  assign agree = width >= columns_q && columns_left < 32'(window) && height >= rows_q
              && rows_left < 32'(window) && larger == elements_q && smaller == small_elements_q
              && (!indexed || index_count == small_elements_q);

  always_comb begin
    status_o = 8'd0;
    if (!known)                                                          status_o = 8'd1;
    else if (window == '0 || window > (indexed ? 8'd16 : 8'd64))         status_o = 8'd2;
    else if (zero)                                                       status_o = 8'd3;
    else if (!kinds_good)                                                status_o = 8'd7;
    else if (oversize || over_q)                                            status_o = 8'd8;
    else if (!formats_fit || !agree)                                     status_o = 8'd10;
  end

  // The walk. Forward over windows, backward over places.
  assign columns_o      = back_o ? width[15:0] : wide[15:0];
  assign rows_o         = back_o ? height[15:0] : high[15:0];
  assign columns_left_o = back_o ? columns_left[5:0] : '0;
  assign rows_left_o    = back_o ? rows_left[5:0] : '0;
  assign column_o       = back_o ? channels : across_q;
  assign columns_all_o  = back_o ? small_row_q : all_q;
  assign line_o         = back_o ? small_row_q : band_q;
  assign gap_o          = back_o ? '0 : image_q - bands_q;
  assign beat_line_o    = back_o ? row_q : small_row_q;
  assign down_o         = row_q - across_q + channels;
  assign loads_o        = back_o ? small_elements_q : elements_q - gap_o;
  assign elements_o     = back_o ? elements_q : small_elements_q;

  always_comb begin
    sum_bits_o = '0;
    for (int i = 0; i < 12; i++) if (places_q > 13'(1 << i)) sum_bits_o = 4'(i + 1);
  end

  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) begin
      step_q           <= '0;
      busy_q           <= 1'b0;
      over_q           <= 1'b0;
      places_q         <= '0;
      row_q            <= '0;
      across_q         <= '0;
      band_q           <= '0;
      image_q          <= '0;
      small_row_q      <= '0;
      small_image_q    <= '0;
      columns_q        <= '0;
      rows_q           <= '0;
      bands_q          <= '0;
      all_q            <= '0;
      elements_q       <= '0;
      small_elements_q <= '0;
    end else if (start_i) begin
      step_q <= '0;
      busy_q <= 1'b1;
      over_q <= 1'b0;
    end else if (busy_q) begin
      step_q <= step_q + 4'd1;
      busy_q <= step_q != Steps - 4'd1;
      over_q <= over_q || |product[47:31];
      case (step_q)
        4'd0:    places_q         <= product[12:0];
        4'd1:    row_q            <= product[31:0];
        4'd2:    across_q         <= product[31:0];
        4'd3:    band_q           <= product[31:0];
        4'd4:    image_q          <= product[31:0];
        4'd5:    small_row_q      <= product[31:0];
        4'd6:    small_image_q    <= product[31:0];
        4'd7:    columns_q        <= product[31:0];
        4'd8:    rows_q           <= product[31:0];
        4'd9:    bands_q          <= product[31:0];
        4'd10:   all_q            <= product[31:0];
        4'd11:   elements_q       <= product[31:0];
        default: small_elements_q <= product[31:0];
      endcase
    end
  end

  logic unused_desc;
  assign unused_desc = ^{desc_i, in_format, out_format, index_format};
endmodule
