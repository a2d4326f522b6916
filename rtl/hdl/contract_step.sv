// The next place of a contraction's operand (contract_walk), or count_i places on: to the right in
// its line of places, to the next line, or to the next image. Combinational.
module contract_step (
  input  logic [21*32-1:0] view_i,
  input  logic [5*32-1:0] origin_i,  // x parts at the left edge, y parts at the top, see below
  input  logic [8*32-1:0] place_i,
  input  logic [7:0]      count_i,   // up to the end of the line; above 1 only where the gap is 1
  output logic [8*32-1:0] place_o
);
  // Fields of a view, 32 bits each: see contract_setup.
  localparam int VIEW_PLACES_X = 2;
  localparam int VIEW_PLACES_Y = 3;
  localparam int VIEW_IMAGE    = 6;
  localparam int VIEW_GAP      = 7;
  localparam int VIEW_DX       = 8;
  localparam int VIEW_DY       = 9;
  localparam int VIEW_DLINE    = 10;

  // A place: rest_x, x (bytes), rest_y, y (lines), yline (bytes); then px, py and image (bytes).
  // Its operand is there where both rests are zero. An origin is the first five.
  localparam int REST_X = 0;
  localparam int X      = 1;
  localparam int REST_Y = 2;
  localparam int Y      = 3;
  localparam int YLINE  = 4;
  localparam int PX     = 5;
  localparam int PY     = 6;
  localparam int IMAGE  = 7;

  logic [31:0] gap, px, py, rest_x, rest_y;
  logic        line_ends, image_ends, unused_view;

  assign gap        = view_i[VIEW_GAP*32 +: 32];
  assign px         = place_i[PX*32 +: 32] + 32'(count_i);
  assign py         = place_i[PY*32 +: 32] + 32'd1;
  assign rest_x     = place_i[REST_X*32 +: 32] + 32'd1;
  assign rest_y     = place_i[REST_Y*32 +: 32] + 32'd1;
  assign line_ends  = px == view_i[VIEW_PLACES_X*32 +: 32];
  assign image_ends = line_ends && py == view_i[VIEW_PLACES_Y*32 +: 32];
  assign unused_view = ^view_i;

  always_comb begin
    place_o = place_i;
    if (!line_ends) begin
      place_o[PX*32 +: 32] = px;
      if (rest_x == gap) begin
        place_o[REST_X*32 +: 32] = '0;
        place_o[X*32 +: 32]      = place_i[X*32 +: 32]
                                 + view_i[VIEW_DX*32 +: 32] * 32'(count_i);
      end else begin
        place_o[REST_X*32 +: 32] = rest_x;
      end
    end else begin
      place_o[PX*32 +: 32]     = '0;
      place_o[REST_X*32 +: 64] = origin_i[REST_X*32 +: 64];
      if (image_ends) begin
        place_o[PY*32 +: 32]     = '0;
        place_o[REST_Y*32 +: 96] = origin_i[REST_Y*32 +: 96];
        place_o[IMAGE*32 +: 32]  = place_i[IMAGE*32 +: 32]
                                 + view_i[VIEW_IMAGE*32 +: 32];
      end else begin
        place_o[PY*32 +: 32] = py;
        if (rest_y == gap) begin
          place_o[REST_Y*32 +: 32] = '0;
          place_o[Y*32 +: 32]      = place_i[Y*32 +: 32] + view_i[VIEW_DY*32 +: 32];
          place_o[YLINE*32 +: 32]  = place_i[YLINE*32 +: 32]
                                   + view_i[VIEW_DLINE*32 +: 32];
        end else begin
          place_o[REST_Y*32 +: 32] = rest_y;
        end
      end
    end
  end
endmodule
