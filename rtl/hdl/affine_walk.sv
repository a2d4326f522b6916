// The number of the block that the element in each lane lies in, beat by beat: element =
// beat * Lanes + lane, from beat 0 on. Lanes + 1 cycles set it up.
//
// A block is rows_i x cols_i places of rows that are width_i elements long; blocks are numbered in
// row-major order (numerics 2.3, `tile`). All that a command's exponents may belong to is such a
// block: one for all has no end in rows (rows_i FOREVER), dim0 has rows of the last dimension in
// groups of a sample's, k32 is 1 x 32, a cell a last index is FOREVER x 1. Nothing is divided or
// multiplied on the way: each lane adds what Lanes elements are in rows, columns and blocks.
module affine_walk #(
  parameter int Lanes = 16
) (
  input  logic                clk_i,
  input  logic                rst_ni,
  input  logic                start_i,   // also in the midst of a walk; takes what follows
  input  logic [31:0]         width_i,
  input  logic [31:0]         rows_i,
  input  logic [31:0]         cols_i,
  input  logic [31:0]         whole_i,   // width_i / cols_i
  input  logic [31:0]         over_i,    // width_i mod cols_i
  output logic                ready_o,   // set up, and the outputs stand
  input  logic                next_i,    // to the next beat; while ready_o
  output logic [Lanes*16-1:0] base_o,    // number of the first block of the row, mod 2^16
  output logic [Lanes*16-1:0] index_o    // number of the block, mod 2^16
);
  localparam int CountBits = $clog2(Lanes + 2);

  logic [31:0]          width_q, rows_q, cols_q, over_q;
  logic [15:0]          whole_q, across;  // blocks in a row
  logic [CountBits-1:0] count_q;
  logic                 setting, passing, stepping;

  assign setting  = count_q != '0;
  assign passing  = setting && count_q != CountBits'(1);
  assign stepping = next_i && !setting;
  assign ready_o  = !setting;
  assign across   = whole_q + 16'(over_q != '0);

  // The places of elements 0, 1, .. Lanes come one a cycle and pass through the lanes from the
  // last one down; that of Lanes stays: the step to the next beat.
  logic [31:0] at_q, col_q, row_q;  // in the row; in the block's columns; in its rows
  logic [15:0] run_q, base_q;       // blocks to the left; above
  logic        end_row, end_col, end_group;

  assign end_row   = at_q + 32'd1 == width_q;
  assign end_col   = col_q + 32'd1 == cols_q;
  assign end_group = row_q + 32'd1 == rows_q;

  // The step where a lane comes to the end of its row: less a row's columns.
  logic [31:0] back_col;
  logic [15:0] back_run;
  logic        borrow;
  assign borrow   = col_q < over_q;
  assign back_col = col_q - over_q + (borrow ? cols_q : '0);
  assign back_run = run_q - whole_q - 16'(borrow);

  for (genvar l = 0; l < Lanes; l++) begin : gen_lane
    logic [31:0] lane_at_q, lane_col_q, lane_row_q;
    logic [15:0] lane_run_q, lane_base_q;
    logic [31:0] in_at, in_col, in_row;
    logic [15:0] in_run, in_base;

    if (l == Lanes - 1) begin : gen_first
      assign in_at   = at_q;
      assign in_col  = col_q;
      assign in_row  = row_q;
      assign in_run  = run_q;
      assign in_base = base_q;
    end else begin : gen_rest
      assign in_at   = gen_lane[l+1].lane_at_q;
      assign in_col  = gen_lane[l+1].lane_col_q;
      assign in_row  = gen_lane[l+1].lane_row_q;
      assign in_run  = gen_lane[l+1].lane_run_q;
      assign in_base = gen_lane[l+1].lane_base_q;
    end

    logic [31:0] at_d, col_d, row_d, by_col, by_row;
    logic [15:0] run_d, base_d;
    logic        wrap, carry, group;

    always_comb begin
      at_d   = '0;
      col_d  = '0;
      row_d  = '0;
      run_d  = '0;
      base_d = '0;
      wrap   = 1'b0;
      by_col = '0;
      by_row = '0;
      carry  = 1'b0;
      group  = 1'b0;
      if (stepping) begin
        wrap   = lane_at_q >= width_q - at_q;
        at_d   = lane_at_q + at_q - (wrap ? width_q : '0);
        by_col = wrap ? back_col : col_q;
        carry  = lane_col_q >= cols_q - by_col;
        col_d  = lane_col_q + by_col - (carry ? cols_q : '0);
        run_d  = lane_run_q + (wrap ? back_run : run_q) + 16'(carry);
        by_row = row_q + 32'(wrap);
        group  = lane_row_q >= rows_q - by_row;
        row_d  = lane_row_q + by_row - (group ? rows_q : '0);
        base_d = lane_base_q + base_q + (group ? across : '0);
      end else begin
        at_d   = in_at;
        col_d  = in_col;
        row_d  = in_row;
        run_d  = in_run;
        base_d = in_base;
      end
    end

    // Not reset: a walk sets them up.
    always_ff @(posedge clk_i) begin
      if (passing || stepping) begin
        lane_at_q   <= at_d;
        lane_col_q  <= col_d;
        lane_row_q  <= row_d;
        lane_run_q  <= run_d;
        lane_base_q <= base_d;
      end
    end

    assign base_o[l*16 +: 16]  = lane_base_q;
    assign index_o[l*16 +: 16] = lane_base_q + lane_run_q;
  end

  always_ff @(posedge clk_i) begin
    if (start_i) begin
      width_q <= width_i;
      rows_q  <= rows_i;
      cols_q  <= cols_i;
      over_q  <= over_i;
      whole_q <= whole_i[15:0];
      at_q    <= '0;
      col_q   <= '0;
      row_q   <= '0;
      run_q   <= '0;
      base_q  <= '0;
    end else if (passing) begin
      at_q   <= end_row ? '0 : at_q + 32'd1;
      col_q  <= (end_row || end_col) ? '0 : col_q + 32'd1;
      run_q  <= end_row ? '0 : run_q + 16'(end_col);
      row_q  <= !end_row ? row_q : end_group ? '0 : row_q + 32'd1;
      base_q <= (end_row && end_group) ? base_q + across : base_q;
    end
  end

  logic unused_whole;
  assign unused_whole = ^whole_i[31:16];

  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni)       count_q <= '0;
    else if (start_i)  count_q <= CountBits'(Lanes + 1);
    else if (setting)  count_q <= count_q - CountBits'(1);
  end
endmodule
