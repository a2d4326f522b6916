// The order in which an operand's half buffer is filled from memory. A load has `places` (rows of
// the tile, or successive k) and a length of the other index (k of the chunk, or columns of the
// tile); that index is cut into runs, one for each line of the window, whose bytes follow each
// other in memory. For each run in turn all places are visited: in lines of the image, so that
// places next to each other find their bytes in the word fetched last.
//
// Where the runs are short and places next to each other lie 1, 2 or 4 bytes apart, pieces are of
// successive places instead: for each element of the window in turn, all places, line by line.
//
// A run leaves in pieces, one a cycle: elements of one memory word, at most Banks of them.
// Elements outside the image are in a piece as well, outside of from..to-1.
module contract_walk #(
  parameter int Lanes = 16,
  parameter int Banks = 16
) (
  input  logic        clk_i,
  input  logic        rst_ni,
  input  logic [21*32-1:0] view_i,  // stable while busy
  input  logic        start_i,        // taken when not busy_o; what follows with it
  input  logic [1:0]  place_seek_i,   // where its places begin
  input  logic [1:0]  run_seek_i,     // where its other index does
  input  logic [31:0] places_i,
  input  logic [31:0] length_i,
  input  logic        final_i,        // the last chunk
  output logic        busy_o,
  output logic        valid_o,
  input  logic        ready_i,
  output logic [31:0] addr_o,         // of element 0
  output logic [$clog2(Banks):0] count_o,
  output logic [$clog2(Banks):0] from_o,
  output logic [$clog2(Banks):0] to_o,
  output logic        fetch_o,        // elements from..to-1 are in memory, others are 0
  output logic [31:0] k_o,            // of element 0, in the chunk
  output logic [31:0] row_o,          // of element 0, in the tile
  output logic        last_o          // of the load
);
  // Fields of a view, 32 bits each: see contract_setup.
  localparam int VIEW_MODE     = 0;
  localparam int VIEW_BASE     = 1;
  localparam int VIEW_PLACES_X = 2;
  localparam int VIEW_LINES    = 4;
  localparam int VIEW_LINE     = 5;
  localparam int VIEW_X        = 11;
  localparam int VIEW_Y        = 12;
  localparam int VIEW_YLINE    = 13;
  localparam int VIEW_REST     = 14;
  localparam int VIEW_RUN      = 15;
  localparam int VIEW_WINDOW   = 16;
  localparam int VIEW_WINDOW_X = 17;
  localparam int VIEW_CHUNK    = 18;
  localparam int VIEW_CHUNK_R  = 19;
  localparam int VIEW_WIDE     = 20;
  localparam logic [1:0] VIEW_ALONG  = 2'd0;
  localparam logic [1:0] VIEW_ACROSS = 2'd1;
  localparam logic [1:0] VIEW_SPREAD = 2'd2;
  localparam logic [1:0] SEEK_NEXT   = 2'd1;
  localparam logic [1:0] SEEK_FIRST  = 2'd2;

  localparam int CountBits = $clog2(Banks) + 1;
  localparam int WordBits  = $clog2(Lanes * 4);

  logic [1:0]  mode;
  logic [1:0]  apart;            // log2 of the bytes from an element to the next
  logic        spread, in_lines, place_is_k;
  logic [31:0] run, windows, line;
  assign mode    = view_i[VIEW_MODE*32 +: 2];
  assign apart   = view_i[VIEW_WIDE*32 +: 2];
  assign run     = view_i[VIEW_RUN*32 +: 32];
  assign windows = view_i[VIEW_WINDOW*32 +: 32];
  assign line    = view_i[VIEW_LINE*32 +: 32];
  assign spread  = mode == VIEW_SPREAD;
  assign in_lines   = view_i[VIEW_MODE*32 + 2];
  assign place_is_k = mode == (in_lines ? VIEW_ALONG : VIEW_ACROSS);

  typedef enum logic [1:0] {IDLE, BEGIN, RUN} state_e;
  state_e state_q;
  assign busy_o = state_q != IDLE;

  // Where this load begins and the next one would, in window 0; places as in contract_step.
  logic [8*32-1:0] start_q, next_q, next_step, cur_q, cur_step;
  logic [5*32-1:0] origin;
  logic [31:0]     run_q, at_q, run_next_q, at_next_q;  // window line (or channel), element in it
  assign origin = {view_i[VIEW_YLINE*32 +: 32], view_i[VIEW_Y*32 +: 32],
                   view_i[VIEW_REST*32 +: 32], view_i[VIEW_X*32 +: 32],
                   view_i[VIEW_REST*32 +: 32]};

  // The same in the present window, and the left and upper edge in it.
  logic [5*32-1:0] first_q, edge_q, first_window, edge_window;
  logic [31:0]     window_q, window_x_q;
  logic            window_edge;
  assign window_edge = window_x_q + 32'd1 == view_i[VIEW_WINDOW_X*32 +: 32];

  contract_step u_next (
    .view_i, .origin_i(origin), .place_i(next_q), .count_i(places_on),
    .place_o(next_step)
  );
  contract_step u_cur (
    .view_i, .origin_i(edge_q), .place_i(cur_q), .count_i(places_on),
    .place_o(cur_step)
  );
  contract_window u_first (
    .view_i, .edge_i(window_edge), .left_i(start_q[0 +: 64]), .place_i(first_q),
    .place_o(first_window)
  );
  contract_window u_edge (
    .view_i, .edge_i(window_edge), .left_i(origin[0 +: 64]), .place_i(edge_q),
    .place_o(edge_window)
  );

  // The run: elements from .. from + length - 1 of its line (spread: channels), which are number
  // position, position + stride, ... of the load's other index.
  logic [31:0] position_q, run_from, run_length, run_position, stride;
  logic [31:0] end_run, end_at, end_at_q, left_in_load, left_in_run;
  logic [31:0] places_q, length_q;
  logic        final_q, seeking, empty;

  always_comb begin
    end_run = run_q + view_i[VIEW_CHUNK*32 +: 32];
    end_at  = at_q + view_i[VIEW_CHUNK_R*32 +: 32];
    if (end_at >= windows) begin
      end_run = end_run + 32'd1;
      end_at  = end_at - windows;
    end
    if (final_q) begin
      end_run = run;
      end_at  = '0;
    end
  end

  assign left_in_load = length_q - position_q;
  assign left_in_run  = run - at_next_q;
  always_comb begin
    if (spread) begin
      run_from     = run_q + 32'(window_q < at_q);
      run_length   = end_run + 32'(window_q < end_at) - run_from;
      run_position = window_q - at_q + (window_q < at_q ? windows : 32'd0);
      stride       = windows;
    end else begin
      run_from     = at_next_q;
      run_length   = in_lines ? 32'd1 : left_in_run < left_in_load ? left_in_run : left_in_load;
      run_position = position_q;
      stride       = 32'd1;
    end
  end
  assign seeking = !spread && window_q < run_q;
  assign empty   = spread && run_length == '0;

  // The piece.
  logic [31:0] done_q, ahead_q, place_q, left, left_places, left_line, byte_x, limit, room, round;
  logic [7:0]  places_on;
  logic [31:0] short_of, up_to;
  logic        line_there, run_ends, places_end, load_ends, walked_q;

  assign left_places = places_q - place_q;
  assign left_line   = view_i[VIEW_PLACES_X*32 +: 32] - cur_q[5*32 +: 32];
  assign left        = !in_lines ? run_length - done_q
                     : left_places < left_line ? left_places : left_line;
  assign places_on   = in_lines ? limit[7:0] : 8'd1;
  assign round       = (32'd1 << apart) - 32'd1;
  assign byte_x     = cur_q[32 +: 32] + (in_lines ? run_from : (run_from + done_q) << apart);
  assign addr_o     = view_i[VIEW_BASE*32 +: 32] + cur_q[7*32 +: 32]
                    + cur_q[4*32 +: 32] + byte_x;
  assign line_there = cur_q[0 +: 32] == '0 && cur_q[2*32 +: 32] == '0
                   && cur_q[3*32 +: 32] < view_i[VIEW_LINES*32 +: 32];
  assign room       = (32'(Lanes * 4) - 32'(addr_o[WordBits-1:0]) + round) >> apart;
  // Strides that are even meet the same bank before Banks elements.
  always_comb begin
    limit = 32'(Banks);
    if (spread) begin
      for (int z = 0; z < CountBits - 1; z++) begin
        if ((windows & 32'((2 << z) - 1)) == '0) limit = 32'(Banks) >> (z + 1);
      end
    end
    if (line_there && room < limit) limit = room;
    if (left < limit) limit = left;
  end
  assign short_of = byte_x[31] ? (round - byte_x) >> apart : 32'd0;
  assign up_to = (line - byte_x + round) >> apart;  // elements up to the line's end

  assign count_o = empty ? '0 : CountBits'(limit);
  assign from_o  = short_of < limit ? CountBits'(short_of) : CountBits'(limit);
  assign to_o    = (!line_there || $signed(byte_x) >= $signed(line)) ? '0
                 : up_to < limit ? CountBits'(up_to) : CountBits'(limit);
  assign fetch_o = !empty && from_o < to_o;
  assign k_o     = place_is_k ? place_q : run_position + ahead_q;
  assign row_o   = place_is_k ? run_position + ahead_q : place_q;

  assign run_ends   = in_lines || limit == left;
  assign places_end = place_q + 32'(places_on) == places_q;
  assign load_ends  = spread ? window_q + 32'd1 == windows : run_length == left_in_load;
  assign last_o     = load_ends && (empty || (run_ends && places_end));
  assign valid_o    = state_q == RUN && !seeking && (!empty || load_ends);

  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) begin
      state_q    <= IDLE;
      start_q    <= '0;
      next_q     <= '0;
      cur_q      <= '0;
      first_q    <= '0;
      edge_q     <= '0;
      places_q   <= '0;
      length_q   <= '0;
      final_q    <= 1'b0;
      run_q      <= '0;
      at_q       <= '0;
      run_next_q <= '0;
      at_next_q  <= '0;
      end_at_q   <= '0;
      window_q   <= '0;
      window_x_q <= '0;
      position_q <= '0;
      done_q     <= '0;
      ahead_q    <= '0;
      place_q    <= '0;
      walked_q   <= 1'b0;
    end else if (state_q == IDLE) begin
      if (start_i) begin
        state_q  <= BEGIN;
        places_q <= places_i;
        length_q <= length_i;
        final_q  <= final_i;
        if (place_seek_i == SEEK_FIRST) start_q <= {96'd0, origin};
        else if (place_seek_i == SEEK_NEXT) start_q <= next_q;
        if (run_seek_i == SEEK_FIRST) begin
          run_q <= '0;
          at_q  <= '0;
        end else if (run_seek_i == SEEK_NEXT) begin
          run_q <= run_next_q;
          at_q  <= spread ? end_at_q : at_next_q;
        end
      end
    end else if (state_q == BEGIN) begin
      state_q    <= RUN;
      next_q     <= start_q;
      cur_q      <= start_q;
      first_q    <= start_q[0 +: 160];
      edge_q     <= origin;
      at_next_q  <= at_q;
      run_next_q <= spread ? end_run : run_q;
      end_at_q   <= end_at;
      window_q   <= '0;
      window_x_q <= '0;
      position_q <= '0;
      done_q     <= '0;
      ahead_q    <= '0;
      place_q    <= '0;
      walked_q   <= 1'b0;
    end else begin
      if (valid_o && ready_i && !empty) begin
        done_q  <= run_ends ? '0 : done_q + limit;
        ahead_q <= run_ends ? '0 : ahead_q + 32'(count_o) * stride;
        if (run_ends) begin
          place_q <= places_end ? '0 : place_q + 32'(places_on);
          cur_q   <= cur_step;
          if (!walked_q) next_q <= next_step;
          walked_q <= walked_q || places_end;
        end
      end
      if (seeking || (empty && !load_ends) || (valid_o && ready_i && run_ends && places_end)) begin
        cur_q <= {start_q[5*32 +: 96], first_q};
        if (seeking || spread || at_next_q + run_length == run) begin
          window_q   <= window_q + 32'd1;
          window_x_q <= window_edge ? '0 : window_x_q + 32'd1;
          first_q    <= first_window;
          edge_q     <= edge_window;
          cur_q      <= {start_q[5*32 +: 96], first_window};
        end
        if (!seeking && !spread) begin
          position_q <= position_q + run_length;
          at_next_q  <= (at_next_q + run_length == run) ? '0 : at_next_q + run_length;
          run_next_q <= run_next_q + 32'(at_next_q + run_length == run);
        end
      end
      if (valid_o && ready_i && last_o) state_q <= IDLE;
    end
  end
endmodule
