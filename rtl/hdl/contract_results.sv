// The rows of output tiles to memory, as they leave the aligner: the last row of a tile first. A
// row is written in one or two words, as it lies; rows and columns outside the output are not.
module contract_results #(
  parameter int Lanes = 16,
  parameter int Rows  = 16,
  parameter int Cols  = 16,
  parameter int Queue = 32   // rows that wait, a power of two, at least 4
) (
  input  logic               clk_i,
  input  logic               rst_ni,
  input  logic               start_i,
  input  logic               zero_i,   // no rows come: all of the output is 0; stable while busy
  input  logic [31:0]        base_i,   // of the output, as the others stable while busy
  input  logic [31:0]        rows_i,
  input  logic [31:0]        cols_i,
  input  logic [31:0]        tile_i,   // bytes of Rows rows
  output logic               busy_o,   // rows are still to be written
  input  logic               valid_i,
  input  logic [Cols*32-1:0] row_i,
  output logic               room_o,   // for one more row after the one that comes
  // Memory: writes only.
  output logic                req_valid_o,
  input  logic                req_ready_i,
  output logic [31:0]         req_addr_o,
  output logic [Lanes*32-1:0] req_data_o,
  output logic [Lanes*4-1:0]  req_strb_o
);
  localparam int QueueBits = $clog2(Queue);
  localparam int LaneBits  = $clog2(Lanes);

  // Rows that wait.
  logic [Cols*32-1:0]   rows_q [Queue];
  logic [QueueBits-1:0] head_q, tail_q;
  logic [QueueBits:0]   count_q;
  logic                 busy_q, there, pop, written;
  logic [Cols*32-1:0]   row;

  always_ff @(posedge clk_i) begin
    if (valid_i) rows_q[tail_q] <= row_i;
  end
  assign row    = zero_i ? '0 : rows_q[head_q];
  assign there  = busy_q && (zero_i || count_q != '0);
  assign busy_o = busy_q;
  assign room_o = count_q < (QueueBits+1)'(Queue - 2);

  // Where the row lies.
  logic [31:0] row_q, col_q, place_q, column_q, tile_q, addr_q, line, outside;
  logic [31:0] len_cols, next_tile;
  logic        row_last, col_last, skip, second, second_q;
  assign line     = cols_i << 2;
  assign outside  = rows_i - row_q;  // rows of the tile that are in the output
  assign row_last = outside <= 32'(Rows);
  assign col_last = cols_i - col_q <= 32'(Cols);
  assign len_cols = col_last ? cols_i - col_q : 32'(Cols);
  assign skip     = place_q >= outside;

  // Two words, of which the row takes a part.
  logic [2*Lanes*32-1:0] data;
  logic [2*Lanes-1:0]    mask;
  logic [LaneBits-1:0]   lane;
  assign lane   = addr_q[LaneBits+1:2];
  assign data   = (2*Lanes*32)'(row) << {lane, 5'd0};
  assign mask   = ((2*Lanes)'(1) << len_cols) - (2*Lanes)'(1);
  assign second = (32'(lane) + len_cols) > 32'(Lanes);

  logic [2*Lanes-1:0] placed;
  logic [Lanes-1:0]   lanes;
  assign placed = mask << lane;
  assign lanes  = second_q ? placed[2*Lanes-1:Lanes] : placed[Lanes-1:0];
  for (genvar l = 0; l < Lanes; l++) begin : gen_strobe
    assign req_strb_o[l*4 +: 4] = {4{lanes[l]}};
  end
  assign req_valid_o  = there && !skip;
  assign req_addr_o   = {addr_q[31:LaneBits+2], {(LaneBits+2){1'b0}}}
                      + (second_q ? 32'(Lanes * 4) : 32'd0);
  assign req_data_o   = second_q ? data[2*Lanes*32-1:Lanes*32] : data[Lanes*32-1:0];
  assign written      = req_valid_o && req_ready_i;
  assign pop          = there && (skip || (written && (second_q || !second)));
  assign next_tile    = !row_last ? tile_q + tile_i : column_q + 32'(Cols * 4);

  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) begin
      busy_q   <= 1'b0;
      head_q   <= '0;
      tail_q   <= '0;
      count_q  <= '0;
      row_q    <= '0;
      col_q    <= '0;
      place_q  <= '0;
      column_q <= '0;
      tile_q   <= '0;
      addr_q   <= '0;
      second_q <= 1'b0;
    end else begin
      tail_q  <= tail_q + QueueBits'(valid_i);
      head_q  <= head_q + QueueBits'(pop && !zero_i);
      count_q <= count_q + (QueueBits+1)'(valid_i) - (QueueBits+1)'(pop && !zero_i);
      if (!busy_q) begin
        if (start_i) begin
          busy_q   <= 1'b1;
          row_q    <= '0;
          col_q    <= '0;
          place_q  <= 32'(Rows - 1);
          column_q <= base_i;
          tile_q   <= base_i;
          addr_q   <= base_i + tile_i - line;
        end
      end else begin
        second_q <= second_q ? !written : written && second;
        if (pop) begin
          place_q <= place_q - 32'd1;
          addr_q  <= addr_q - line;
          if (place_q == '0) begin
            place_q <= 32'(Rows - 1);
            tile_q  <= next_tile;
            addr_q  <= next_tile + tile_i - line;
            row_q   <= row_last ? '0 : row_q + 32'(Rows);
            if (row_last) begin
              column_q <= next_tile;
              col_q    <= col_q + 32'(Cols);
              if (col_last) busy_q <= 1'b0;
            end
          end
        end
      end
    end
  end
endmodule
