// The visits of a contraction: for each column tile, for each row tile, for each group, for each
// chunk of Depth k (cost 5.2 with one row block). It has the operands of each loaded, into the
// half that was not used last, and only where neither half holds them already: what stays in place
// while a tile, a group or a chunk changes is not loaded again. A half is free when the visits to
// it have ended.
module contract_visits #(
  parameter int Rows  = 16,
  parameter int Cols  = 16,
  parameter int Depth = 2048
) (
  input  logic        clk_i,
  input  logic        rst_ni,
  input  logic        start_i,
  input  logic [31:0] rows_i,      // stable while busy
  input  logic [31:0] cols_i,
  input  logic [31:0] k_i,
  input  logic [4:0]  groups_i,    // at least 1
  input  logic        two_pass_i,  // group 1 takes another part of B
  input  logic        across_a_i,  // places of A's loads are k, else rows
  input  logic        across_b_i,
  output logic        busy_o,      // visits are still to come, or have not ended
  // Loads of either operand.
  output logic [1:0]  load_o,      // 0 A, 1 B
  input  logic [1:0]  ready_i,
  output logic [3:0]  place_seek_o,
  output logic [3:0]  run_seek_o,
  output logic [63:0] places_o,
  output logic [63:0] length_o,
  output logic        final_o,     // the last chunk
  output logic [1:0]  half_o,
  output logic        high_o,
  input  logic [1:0]  done_i,      // a load has ended
  // Visits, operands in place, to who feeds the array.
  output logic        valid_o,
  output logic [1:0]  visit_half_o,
  output logic [31:0] visit_chunk_o,
  output logic        visit_last_o,  // the group's last chunk
  input  logic        ended_i        // it has been read
);
  localparam logic [1:0] SEEK_SAME  = 2'd0;
  localparam logic [1:0] SEEK_NEXT  = 2'd1;
  localparam logic [1:0] SEEK_FIRST = 2'd2;

  localparam int Queue     = 4;
  localparam int QueueBits = 2;

  logic        busy_q;
  logic [QueueBits:0] count_q;  // visits that wait
  logic [31:0] row_q, col_q, k_q, row_tile_q, col_tile_q, chunk_q;
  logic [4:0]  group_q;
  logic        chunk_last, group_last, row_last, col_last, part, push;
  assign busy_o     = busy_q || count_q != '0;
  assign chunk_last = k_i - k_q <= 32'(Depth);
  assign group_last = group_q + 5'd1 == groups_i;
  assign row_last   = rows_i - row_q <= 32'(Rows);
  assign col_last   = cols_i - col_q <= 32'(Cols);
  assign part       = two_pass_i && group_q[0];
  assign final_o    = chunk_last;
  assign high_o     = part;

  logic [31:0] left_k, left_rows, left_cols, len_k, len_rows, len_cols;
  assign left_k    = k_i - k_q;
  assign left_rows = rows_i - row_q;
  assign left_cols = cols_i - col_q;
  assign len_k     = chunk_last ? left_k : 32'(Depth);
  assign len_rows  = row_last ? left_rows : 32'(Rows);
  assign len_cols  = col_last ? left_cols : 32'(Cols);

  // What the halves hold, and how many visits of each are still to be read.
  logic [1:0]  stored, chosen, needed, sent_q;
  logic [2:0]  loads_q [2];  // of either operand, mod 8: begun,
  logic [2:0]  ended_q [2];  // ended,
  logic [2:0]  wanted  [2];  // and needed before this visit

  for (genvar n = 0; n < 2; n++) begin : gen_operand
    logic [31:0] tile, tile_last_q, chunk_last_q;
    logic [1:0]  tile_seek, chunk_seek;
    logic        across, own_part;
    logic        valid_q [2];
    logic [31:0] tile_q  [2];
    logic [31:0] chunks_q [2];
    logic        part_q  [2];
    logic [2:0]  pending_q [2];
    logic        used_q, hit0, hit1, loaded_q;

    assign tile     = (n == 0) ? row_tile_q : col_tile_q;
    assign across   = (n == 0) ? across_a_i : across_b_i;
    assign own_part = (n == 0) ? 1'b0 : part;
    assign hit0 = valid_q[0] && tile_q[0] == tile && chunks_q[0] == chunk_q
               && part_q[0] == own_part;
    assign hit1 = valid_q[1] && tile_q[1] == tile && chunks_q[1] == chunk_q
               && part_q[1] == own_part;
    assign stored[n] = hit0 || hit1;
    assign chosen[n] = sent_q[n] ? used_q : stored[n] ? hit1 : !used_q;
    assign needed[n] = busy_q && !stored[n] && !sent_q[n];
    assign load_o[n] = needed[n] && pending_q[chosen[n]] == '0;

    // From the last load on the loads go on, or begin anew.
    assign tile_seek  = (!loaded_q || (tile != tile_last_q && tile == '0)) ? SEEK_FIRST
                      : (tile == tile_last_q) ? SEEK_SAME : SEEK_NEXT;
    assign chunk_seek = (!loaded_q || (chunk_q != chunk_last_q && chunk_q == '0)) ? SEEK_FIRST
                      : (chunk_q == chunk_last_q) ? SEEK_SAME : SEEK_NEXT;
    assign place_seek_o[n*2 +: 2] = across ? chunk_seek : tile_seek;
    assign run_seek_o[n*2 +: 2]   = across ? tile_seek : chunk_seek;
    assign places_o[n*32 +: 32]   = across ? len_k : (n == 0) ? len_rows : len_cols;
    assign length_o[n*32 +: 32]   = !across ? len_k : (n == 0) ? len_rows : len_cols;
    assign half_o[n] = chosen[n];
    assign wanted[n] = loads_q[n];

    always_ff @(posedge clk_i or negedge rst_ni) begin
      if (!rst_ni) begin
        used_q       <= 1'b0;
        loaded_q     <= 1'b0;
        tile_last_q  <= '0;
        chunk_last_q <= '0;
        sent_q[n]    <= 1'b0;
        loads_q[n]   <= '0;
        ended_q[n]   <= '0;
        for (int h = 0; h < 2; h++) begin
          valid_q[h]   <= 1'b0;
          part_q[h]    <= 1'b0;
          tile_q[h]    <= '0;
          chunks_q[h]  <= '0;
          pending_q[h] <= '0;
        end
      end else begin
        if (start_i && !busy_q) begin
          loaded_q   <= 1'b0;
          valid_q[0] <= 1'b0;
          valid_q[1] <= 1'b0;
        end
        if (load_o[n] && ready_i[n]) begin
          loaded_q            <= 1'b1;
          tile_last_q         <= tile;
          chunk_last_q        <= chunk_q;
          valid_q[chosen[n]]  <= 1'b1;
          tile_q[chosen[n]]   <= tile;
          chunks_q[chosen[n]] <= chunk_q;
          part_q[chosen[n]]   <= own_part;
          used_q              <= chosen[n];
          loads_q[n]          <= loads_q[n] + 3'd1;
        end
        ended_q[n] <= ended_q[n] + 3'(done_i[n]);
        sent_q[n]  <= !push && (sent_q[n] || (load_o[n] && ready_i[n]));
        if (push) used_q <= chosen[n];
        for (int h = 0; h < 2; h++) begin
          pending_q[h] <= pending_q[h] + 3'(push && chosen[n] == 1'(h))
                        - 3'(ended_i && visit_half_o[n] == 1'(h));
        end
      end
    end
  end

  // A visit is known when its loads have begun.
  logic [2*3+2+1+32-1:0] visits_q [Queue];
  logic [QueueBits-1:0]  head_q, tail_q;
  logic [2:0]            need_a, need_b, ahead_a, ahead_b;

  assign push = busy_q && needed == '0 && !count_q[QueueBits];
  always_ff @(posedge clk_i) begin
    if (push) visits_q[tail_q] <= {wanted[1], wanted[0], chosen, chunk_last, chunk_q};
  end
  assign {need_b, need_a, visit_half_o, visit_last_o, visit_chunk_o} = visits_q[head_q];
  // At most Queue loads are ahead of a visit.
  assign ahead_a = ended_q[0] - need_a;
  assign ahead_b = ended_q[1] - need_b;
  assign valid_o = count_q != '0 && ahead_a < 3'd4 && ahead_b < 3'd4;

  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) begin
      busy_q     <= 1'b0;
      row_q      <= '0;
      col_q      <= '0;
      k_q        <= '0;
      row_tile_q <= '0;
      col_tile_q <= '0;
      chunk_q    <= '0;
      group_q    <= '0;
      head_q     <= '0;
      tail_q     <= '0;
      count_q    <= '0;
    end else begin
      head_q  <= head_q + QueueBits'(ended_i);
      tail_q  <= tail_q + QueueBits'(push);
      count_q <= count_q + (QueueBits+1)'(push) - (QueueBits+1)'(ended_i);
      if (!busy_q) begin
        if (start_i) begin
          busy_q     <= 1'b1;
          row_q      <= '0;
          col_q      <= '0;
          k_q        <= '0;
          row_tile_q <= '0;
          col_tile_q <= '0;
          chunk_q    <= '0;
          group_q    <= '0;
        end
      end else if (push) begin
        k_q     <= chunk_last ? '0 : k_q + 32'(Depth);
        chunk_q <= chunk_last ? '0 : chunk_q + 32'd1;
        if (chunk_last) begin
          group_q <= group_last ? '0 : group_q + 5'd1;
          if (group_last) begin
            row_q      <= row_last ? '0 : row_q + 32'(Rows);
            row_tile_q <= row_last ? '0 : row_tile_q + 32'd1;
            if (row_last) begin
              col_q      <= col_q + 32'(Cols);
              col_tile_q <= col_tile_q + 32'd1;
              if (col_last) busy_q <= 1'b0;
            end
          end
        end
      end
    end
  end
endmodule
