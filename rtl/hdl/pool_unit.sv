// Pooling, Lanes elements a cycle (numerics 13, 13.1). Elements of the side that comes pass through
// a ring of a few lines on the chip; beats of the side that leaves are gathered from it: forward
// one place of the windows a cycle, backward a beat of the larger side. A line is what a row of
// windows needs: forward `window` rows of the larger side, backward a row of the smaller one.
module pool_unit #(
  parameter int Lanes = 16,
  parameter int Depth = 32768  // elements of the ring, a power of two
) (
  input  logic                clk_i,
  input  logic                rst_ni,
  input  logic                start_i,
  output logic                ready_o,       // set up; loads are taken, beats leave
  output logic                too_large_o,   // with ready_o: the ring does not hold the lines
  output logic                busy_o,        // beats have not left
  output logic                work_o,
  // The command; stable from start_i on.
  input  logic                back_i,
  input  logic                sums_i,
  input  logic [6:0]          window_i,
  input  logic [15:0]         channels_i,
  input  logic [15:0]         columns_i,     // of the side that leaves
  input  logic [15:0]         rows_i,
  input  logic [5:0]          columns_left_i, // backward: in no window
  input  logic [5:0]          rows_left_i,
  input  logic [31:0]         column_i,      // of the side that comes, as in pool_place
  input  logic [31:0]         columns_all_i,
  input  logic [31:0]         line_i,
  input  logic [31:0]         gap_i,
  input  logic                aligned_i,     // lines of the side that leaves are whole beats
  input  logic [31:0]         down_i,        // forward: to the first place of a window's next row
  input  logic [31:0]         loads_i,       // elements that come
  input  logic [31:0]         elements_i,    // elements that leave
  // Beats that come.
  input  logic                load_valid_i,
  output logic                load_ready_o,
  input  logic [Lanes*16-1:0] load_value_i,
  input  logic [Lanes*8-1:0]  load_index_i,
  // Beats that leave.
  output logic                valid_o,
  input  logic                ready_i,
  output logic [31:0]         beat_o,
  output logic [Lanes-1:0]    mask_o,
  output logic [Lanes*32-1:0] value_o,
  output logic [Lanes*8-1:0]  index_o,
  output logic [Lanes*8-1:0]  sample_o
);
  localparam int LaneBits = $clog2(Lanes);

  logic        walk_ready, run_q, next;
  logic [31:0] first_line, last_line, step_line;
  logic [Lanes*16-1:0] column, row;
  logic [Lanes*6-1:0]  kw, kh;
  logic [Lanes*8-1:0]  sample;
  logic [Lanes*32-1:0] address;

  pool_walker #(.Lanes(Lanes)) u_walker (
    .clk_i, .rst_ni, .start_i, .next_i(next), .ready_o(walk_ready), .channels_i, .columns_i,
    .rows_i, .window_i(back_i ? window_i : 7'd1), .columns_left_i, .rows_left_i, .column_i,
    .columns_all_i, .line_i, .gap_i, .column_o(column), .row_o(row), .kw_o(kw), .kh_o(kh),
    .sample_o(sample), .address_o(address), .first_line_o(first_line), .last_line_o(last_line),
    .step_line_o(step_line)
  );

  assign ready_o = run_q && walk_ready;

  // From the first line that a beat needs to the end of its last, at most: as many as Lanes
  // elements from the start pass, one more if lines are not whole beats, and whole beats of loads.
  logic [34:0] most;
  assign most = aligned_i ? 35'(line_i) : 35'(step_line) + 35'(gap_i) + (35'(line_i) << 1);
  assign too_large_o = most + 35'(2 * Lanes) > 35'(Depth) || line_i > 32'(Depth);

  // Loads go as far as the first line that is still needed leaves room.
  logic [31:0] loaded_q, kept, needed;
  logic        load;
  assign kept         = {first_line[31:LaneBits], LaneBits'(0)};
  assign load_ready_o = ready_o && loaded_q < loads_i
                     && loaded_q + 32'(Lanes) <= kept + 32'(Depth);
  assign load         = load_valid_i && load_ready_o;
  assign needed       = last_line + line_i;
  logic unused_line;
  assign unused_line = ^first_line[LaneBits-1:0];

  // Places, one a cycle.
  logic [31:0] left_q, beat_q, offset_q;
  logic [6:0]  kw_q, kh_q;
  logic [7:0]  place_q;
  logic        issue, enough, last_kw, last_place, first_place, advance;

  assign enough      = loaded_q >= ((needed < loads_i) ? needed : loads_i);
  assign issue       = ready_o && left_q != '0 && enough && advance;
  assign last_kw     = kw_q == window_i - 7'd1;
  assign last_place  = back_i || (last_kw && kh_q == window_i - 7'd1);
  assign first_place = back_i || (kw_q == '0 && kh_q == '0);
  assign next        = issue && last_place;
  assign work_o      = issue;

  logic [Lanes*16-1:0] value;
  logic [Lanes*8-1:0]  index;
  pool_ring #(.Lanes(Lanes), .Depth(Depth)) u_ring (
    .clk_i, .write_i(load), .beat_i(loaded_q >> LaneBits), .value_i(load_value_i),
    .index_i(load_index_i), .read_i(issue), .address_i(address), .offset_i(offset_q),
    .value_o(value), .index_o(index)
  );

  // What was read; then the beat that leaves.
  logic                read_q, read_first_q, read_last_q, take, leave, valid_q;
  logic [31:0]         read_beat_q, read_left_q;
  logic [Lanes*8-1:0]  read_place_q, read_sample_q;
  logic [Lanes-1:0]    read_inside_q;
  logic [15:0]         columns_inside, rows_inside;
  logic [Lanes*32-1:0] value_d, value_q;
  logic [Lanes*8-1:0]  index_d, index_q, sample_q;
  logic [31:0]         leave_beat_q;
  logic [Lanes-1:0]    mask_d, mask_q;

  assign take    = read_q && (!read_last_q || !valid_q || ready_i);
  assign advance = !read_q || take;
  assign leave   = take && read_last_q;

  assign columns_inside = columns_i - 16'(columns_left_i);
  assign rows_inside    = rows_i - 16'(rows_left_i);

  for (genvar l = 0; l < Lanes; l++) begin : gen_lane
    always_ff @(posedge clk_i) begin
      if (issue) begin
        read_inside_q[l] <= column[l*16 +: 16] < columns_inside && row[l*16 +: 16] < rows_inside;
        read_place_q[l*8 +: 8] <=
            back_i ? 8'(kh[l*6 +: 6]) * 8'(window_i) + 8'(kw[l*6 +: 6]) : place_q;
      end
    end
    assign mask_d[l] = read_left_q > 32'(l);
    pool_lane u_lane (
      .clk_i, .take_i(take), .back_i, .sums_i, .first_i(read_first_q),
      .value_i(value[l*16 +: 16]), .index_i(index[l*8 +: 8]), .place_i(read_place_q[l*8 +: 8]),
      .inside_i(read_inside_q[l]), .value_o(value_d[l*32 +: 32]), .index_o(index_d[l*8 +: 8])
    );
  end

  assign valid_o  = valid_q;
  assign beat_o   = leave_beat_q;
  assign mask_o   = mask_q;
  assign value_o  = value_q;
  assign index_o  = index_q;
  assign sample_o = sample_q;
  assign busy_o   = run_q;

  always_ff @(posedge clk_i) begin
    if (issue) begin
      read_first_q  <= first_place;
      read_last_q   <= last_place;
      read_beat_q   <= beat_q;
      read_left_q   <= left_q;
      read_sample_q <= sample;
    end
    if (leave) begin
      value_q      <= value_d;
      index_q      <= index_d;
      sample_q     <= read_sample_q;
      mask_q       <= mask_d;
      leave_beat_q <= read_beat_q;
    end
  end

  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) begin
      run_q    <= 1'b0;
      loaded_q <= '0;
      left_q   <= '0;
      beat_q   <= '0;
      offset_q <= '0;
      kw_q     <= '0;
      kh_q     <= '0;
      place_q  <= '0;
      read_q   <= 1'b0;
      valid_q  <= 1'b0;
    end else if (start_i) begin
      run_q    <= 1'b1;
      loaded_q <= '0;
      left_q   <= elements_i;
      beat_q   <= '0;
      offset_q <= '0;
      kw_q     <= '0;
      kh_q     <= '0;
      place_q  <= '0;
    end else if (run_q) begin
      loaded_q <= load ? loaded_q + 32'(Lanes) : loaded_q;
      read_q   <= issue || (read_q && !take);
      valid_q  <= leave || (valid_q && !ready_i);
      if (ready_o && (too_large_o || (left_q == '0 && !read_q && !valid_q))) run_q <= 1'b0;
      if (next) begin
        left_q   <= (left_q > 32'(Lanes)) ? left_q - 32'(Lanes) : '0;
        beat_q   <= beat_q + 32'd1;
        offset_q <= '0;
        kw_q     <= '0;
        kh_q     <= '0;
        place_q  <= '0;
      end else if (issue) begin
        place_q  <= place_q + 8'd1;
        kw_q     <= last_kw ? '0 : kw_q + 7'd1;
        kh_q     <= last_kw ? kh_q + 7'd1 : kh_q;
        offset_q <= offset_q + (last_kw ? down_i : 32'(channels_i));
      end
    end
  end
endmodule
