// The blocks of a command's operands and of its output's cells, in the terms of affine_walk, one
// tensor after another: 0 to 3 operands, 4 the output. A tensor's exponents split along dimension
// 0, or by tiles, need a division, a bit a cycle.
//
// An operand is walked twice: by the lanes, element by element, and by the planner, cell by cell.
// The cells in their order are the elements of a smaller tensor, of as many rows as the cells have,
// and one element a row unless they split along the last index.
module affine_geometry (
  input  logic          clk_i,
  input  logic          rst_ni,
  input  logic          start_i,      // taken when not busy_o
  output logic          busy_o,
  output logic          whole_rows_o, // dimension 0's elements are whole rows; stable when not busy
  // The output's, all stable.
  input  logic [31:0]   last_i,
  input  logic [31:0]   rest_i,       // elements / dimension 0
  input  logic          entries_i,    // gate: the planner's walk is over exponents as they come
  input  logic          each_i,       // a cell an element
  // The tensors', as affine_shape puts them.
  input  logic [9:0]    split0_i,
  input  logic [4:0]    split_last_i,
  input  logic [4:0]    k32_i,
  input  logic [4:0]    tile_i,
  input  logic [5*32-1:0] tile_size_i,  // rows in 15:0, columns in 31:16
  // To the walks: of tensor k when its bit is set.
  output logic [4:0]    walk_o,
  output logic [3:0]    walk_cells_o,
  output logic [31:0]   width_o,
  output logic [31:0]   rows_o,
  output logic [31:0]   cols_o,
  output logic [31:0]   whole_o,
  output logic [31:0]   over_o
);
  localparam logic [31:0] FOREVER = '1;

  typedef enum logic [2:0] {IDLE, GROUP, NEXT, TILE, LANES, CELLS} state_e;
  state_e state_d, state_q;

  logic [2:0]  which_d, which_q;
  logic        divide, dividing;
  logic [31:0] dividend, divisor, quotient, remainder, group_q;
  logic        whole_rows_q, grouped;
  logic        grouping_q;  // the first division, whose result is kept: others follow

  affine_divide u_divide (
    .clk_i, .rst_ni, .start_i(divide), .dividend_i(dividend), .divisor_i(divisor),
    .busy_o(dividing), .quotient_o(quotient), .remainder_o(remainder)
  );

  logic [1:0]  split0, cell_split0;
  logic        split_last, k32, tile;
  logic [31:0] tile_size;
  assign split0      = split0_i[which_q*2 +: 2];
  assign split_last  = split_last_i[which_q];
  assign k32         = k32_i[which_q];
  assign tile        = tile_i[which_q];
  assign tile_size   = tile_size_i[which_q*32 +: 32];
  assign cell_split0 = split0_i[9:8];

  assign dividend = rest_i;
  assign divisor  = grouping_q ? last_i : {16'b0, tile_size[31:16]};
  assign busy_o       = state_q != IDLE;
  assign whole_rows_o = whole_rows_q;

  logic by_cells, one_column;
  assign by_cells   = state_q == CELLS;
  assign one_column = by_cells && !split_last_i[4];

  always_comb begin
    rows_o  = FOREVER;
    width_o = last_i;
    cols_o  = last_i;
    whole_o = 32'd1;
    over_o  = '0;
    if (tile) begin
      rows_o  = {16'b0, tile_size[15:0]};
      width_o = rest_i;
      cols_o  = {16'b0, tile_size[31:16]};
      whole_o = quotient;
      over_o  = remainder;
    end else begin
      if (k32 || split0 == 2'd2) rows_o = 32'd1;
      else if (split0 == 2'd1)   rows_o = (by_cells && cell_split0 == 2'd1) ? 32'd1 : group_q;
      if (k32) begin
        cols_o  = 32'd32;
        whole_o = last_i >> 5;
        over_o  = {27'b0, last_i[4:0]};
      end else if (split_last) begin
        cols_o  = 32'd1;
        whole_o = last_i;
      end
    end
    if ((which_q == 3'd4 && each_i) || (by_cells && entries_i)) begin
      rows_o  = FOREVER;
      width_o = FOREVER;
      cols_o  = 32'd1;
      whole_o = '0;
      over_o  = '0;
    end else if (one_column) begin
      width_o = 32'd1;
      cols_o  = 32'd1;
      whole_o = 32'd1;
      over_o  = '0;
    end
  end

  assign grouped = split0_i[0] || split0_i[2] || split0_i[4] || split0_i[6] || split0_i[8];

  always_comb begin
    state_d      = state_q;
    which_d      = which_q;
    divide       = 1'b0;
    walk_o       = '0;
    walk_cells_o = '0;
    case (state_q)
      IDLE: begin
        which_d = '0;
        if (start_i) state_d = GROUP;
      end
      GROUP: begin
        divide  = grouped;
        state_d = NEXT;
      end
      NEXT: begin
        if (!dividing) begin
          divide  = tile;
          if (tile) state_d = TILE;
          else      state_d = LANES;
        end
      end
      TILE: if (!dividing) state_d = LANES;
      LANES: begin
        walk_o[which_q] = 1'b1;
        if (which_q == 3'd4) state_d = IDLE;
        else                 state_d = CELLS;
      end
      CELLS: begin
        walk_cells_o[which_q[1:0]] = 1'b1;
        which_d                    = which_q + 3'd1;
        state_d                    = NEXT;
      end
      default: state_d = IDLE;
    endcase
  end

  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) begin
      state_q      <= IDLE;
      which_q      <= '0;
      group_q      <= '0;
      whole_rows_q <= 1'b0;
      grouping_q  <= 1'b0;
    end else begin
      state_q <= state_d;
      which_q <= which_d;
      if (state_q == IDLE && start_i) begin
        grouping_q   <= 1'b1;
        whole_rows_q <= 1'b1;
      end else if (state_q == NEXT && !dividing && grouping_q) begin
        grouping_q <= 1'b0;
        if (grouped) begin
          group_q      <= quotient;
          whole_rows_q <= remainder == '0;
        end
      end
    end
  end
endmodule
