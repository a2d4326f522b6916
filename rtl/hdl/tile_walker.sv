// Which tile the element in each lane is in, beat by beat. Elements lie in rows of `row` elements,
// rows are cut into tiles of `cols` columns (the last one may be shorter), and `rows` rows make a
// band of tiles:
//
//   index = floor(floor(element / row) / rows) * tiles + floor((element mod row) / cols)
//
// with `tiles` = ceil(row / cols). All blocks and cells of numerics 2.3 and 6 are of this form.
// Lanes + 1 cycles set it up. A place can be saved and gone back to.
module tile_walker #(
  parameter int Lanes     = 16,
  parameter int IndexBits = 10
) (
  input  logic                       clk_i,
  input  logic                       rst_ni,
  input  logic                       start_i,    // the others: stable from here on
  input  logic [31:0]                cols_i,     // at least 1
  input  logic [31:0]                rows_i,     // at least 1
  input  logic [IndexBits-1:0]       tiles_i,    // ceil(row / cols), mod 2^IndexBits
  input  logic [IndexBits:0]         whole_i,    // floor(row / cols)
  input  logic [31:0]                rest_i,     // row mod cols
  output logic                       ready_o,    // set up, and the outputs stand
  input  logic                       next_i,     // to the next beat; while ready_o
  input  logic                       save_i,     // this beat
  input  logic                       back_i,     // to the beat saved
  output logic [Lanes*IndexBits-1:0] index_o     // mod 2^IndexBits
);
  localparam int CountBits = $clog2(Lanes + 2);
  localparam int SlotBits  = IndexBits + 1;               // a tile's place in its row
  localparam int PlaceBits = SlotBits + 32 + 32 + IndexBits;

  // A place: tile in the row, column in the tile, row in the band, index of the band's first tile.
  logic [Lanes*PlaceBits-1:0] places_q, saved_q;

  // Places of elements 0, 1, .. Lanes come one a cycle and pass through the lanes from the last one
  // down, as in lane_walker. What is left is the place of element Lanes: the step to the next beat.
  logic [CountBits-1:0] count_q;
  logic [SlotBits-1:0]  slot_d, slot_q;
  logic [31:0]          col_d, col_q, row_d, row_q;
  logic [IndexBits-1:0] base_d, base_q;
  logic                 setting;

  assign setting = count_q != '0;
  assign ready_o = !setting;

  // One element on.
  logic [SlotBits-1:0] slot_on;
  logic [31:0]         col_on, row_on;
  logic                ends_tile, ends_row, ends_band;

  assign ends_tile = col_q + 32'd1 == cols_i;
  assign col_on    = ends_tile ? 32'd0 : col_q + 32'd1;
  assign slot_on   = slot_q + SlotBits'(ends_tile);
  assign ends_row  = slot_on == whole_i && col_on == rest_i;
  assign row_on    = row_q + 32'(ends_row);
  assign ends_band = ends_row && row_on == rows_i;
  assign col_d     = ends_row ? 32'd0 : col_on;
  assign slot_d    = ends_row ? {SlotBits{1'b0}} : slot_on;
  assign row_d     = ends_band ? 32'd0 : row_on;
  assign base_d    = ends_band ? base_q + tiles_i : base_q;

  logic [Lanes*PlaceBits-1:0] next;
  for (genvar l = 0; l < Lanes; l++) begin : gen_lane
    logic [SlotBits-1:0]  slot;
    logic [SlotBits:0]    slot_step, slot_next;
    logic [31:0]          col, row, row_next;
    logic [32:0]          col_sum, col_step, col_next, row_sum;
    logic [IndexBits-1:0] base, base_next;
    logic                 carry, wrap, borrow, up;

    assign {slot, col, row, base} = places_q[l*PlaceBits +: PlaceBits];
    assign index_o[l*IndexBits +: IndexBits] = base + slot[IndexBits-1:0];

    // On by the step, in tiles and columns; over the row's end to the next row.
    assign col_sum   = 33'(col) + 33'(col_q);
    assign carry     = col_sum >= 33'(cols_i);
    assign col_step  = carry ? col_sum - 33'(cols_i) : col_sum;
    assign slot_step = (SlotBits+1)'(slot) + (SlotBits+1)'(slot_q) + (SlotBits+1)'(carry);
    assign wrap      = slot_step > (SlotBits+1)'(whole_i)
                    || (slot_step == (SlotBits+1)'(whole_i) && col_step >= 33'(rest_i));
    assign borrow    = wrap && col_step < 33'(rest_i);
    assign col_next  = col_step - (wrap ? 33'(rest_i) : '0) + (borrow ? 33'(cols_i) : '0);
    assign slot_next = slot_step - (wrap ? (SlotBits+1)'(whole_i) : '0) - (SlotBits+1)'(borrow);

    assign row_sum   = 33'(row) + 33'(row_q) + 33'(wrap);
    assign up        = row_sum >= 33'(rows_i);
    assign row_next  = up ? 32'(row_sum - 33'(rows_i)) : row_sum[31:0];
    assign base_next = base + base_q + (up ? tiles_i : '0);

    assign next[l*PlaceBits +: PlaceBits] =
        {slot_next[SlotBits-1:0], col_next[31:0], row_next, base_next};
    logic unused_slot;
    assign unused_slot = ^{slot_next[SlotBits], col_next[32]};
  end

  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) begin
      count_q  <= '0;
      slot_q   <= '0;
      col_q    <= '0;
      row_q    <= '0;
      base_q   <= '0;
      places_q <= '0;
      saved_q  <= '0;
    end else if (start_i) begin
      count_q <= CountBits'(Lanes + 1);
      slot_q  <= '0;
      col_q   <= '0;
      row_q   <= '0;
      base_q  <= '0;
    end else if (setting) begin
      count_q <= count_q - CountBits'(1);
      if (count_q != CountBits'(1)) begin
        places_q <= {slot_q, col_q, row_q, base_q, places_q[Lanes*PlaceBits-1:PlaceBits]};
        slot_q   <= slot_d;
        col_q    <= col_d;
        row_q    <= row_d;
        base_q   <= base_d;
      end
    end else begin
      if (save_i) saved_q <= places_q;
      if (back_i)      places_q <= saved_q;
      else if (next_i) places_q <= next;
    end
  end
endmodule
