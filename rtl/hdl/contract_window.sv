// From one place of the window to the next, as an operand of a contraction sees it
// (contract_walk): a line further down (numerics 8, forward and weight gradient), or in the data
// gradient a place to the left, or to the right edge and a line up. Combinational.
module contract_window (
  input  logic [21*32-1:0] view_i,
  input  logic            edge_i,   // VIEW_SPREAD: the last window of a line of them
  input  logic [2*32-1:0] left_i,   // rest_x and x in the first window of a line
  input  logic [5*32-1:0] place_i,  // rest_x, x, rest_y, y, yline
  output logic [5*32-1:0] place_o
);
  // Fields of a view, 32 bits each: see contract_setup.
  localparam int VIEW_MODE  = 0;
  localparam int VIEW_LINE  = 5;
  localparam int VIEW_GAP   = 7;
  localparam int VIEW_DX    = 8;
  localparam int VIEW_DY    = 9;
  localparam int VIEW_DLINE = 10;
  localparam logic [1:0] VIEW_SPREAD = 2'd2;

  logic [31:0] last;  // rest of the last place before one that meets the operand
  logic        unused_view;

  assign last        = view_i[VIEW_GAP*32 +: 32] - 32'd1;
  assign unused_view = ^view_i;

  always_comb begin
    place_o = place_i;
    if (view_i[VIEW_MODE*32 +: 2] != VIEW_SPREAD) begin
      place_o[3*32 +: 32] = place_i[3*32 +: 32] + 32'd1;
      place_o[4*32 +: 32] = place_i[4*32 +: 32] + view_i[VIEW_LINE*32 +: 32];
    end else if (!edge_i) begin
      if (place_i[0 +: 32] == '0) begin
        place_o[0 +: 32]  = last;
        place_o[32 +: 32] = place_i[32 +: 32] - view_i[VIEW_DX*32 +: 32];
      end else begin
        place_o[0 +: 32] = place_i[0 +: 32] - 32'd1;
      end
    end else begin
      place_o[0 +: 64] = left_i;
      if (place_i[2*32 +: 32] == '0) begin
        place_o[2*32 +: 32] = last;
        place_o[3*32 +: 32] = place_i[3*32 +: 32] - view_i[VIEW_DY*32 +: 32];
        place_o[4*32 +: 32] = place_i[4*32 +: 32] - view_i[VIEW_DLINE*32 +: 32];
      end else begin
        place_o[2*32 +: 32] = place_i[2*32 +: 32] - 32'd1;
      end
    end
  end
endmodule
