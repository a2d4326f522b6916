// What numerics 8.2 decides before a contraction's sums: which k are in which group of equal
// exponent, and the shifts. k's outer index (an output channel in the data gradient, a sample in
// the weight gradient) is sorted by counting, in three walks over the exponents: the largest and
// smallest; how many in each group; and each to its place. Without blocks that vary along k there
// is one group of all k, or two for the halves of weights above 8 bits (numerics 8.3).
module contract_plan #(
  parameter int Blocks = 1024  // most exponents of an operand, a power of two
) (
  input  logic        clk_i,
  input  logic        rst_ni,
  input  logic        start_i,
  input  logic        varies_a_i,   // the operand's blocks vary along k; stable while busy
  input  logic        varies_b_i,
  input  logic        two_pass_i,
  input  logic [31:0] outers_i,     // outer indices, at most Blocks if anything varies,
  input  logic [31:0] inner_i,      // and k for each
  input  logic [31:0] k_i,          // all of them
  output logic [31:0] index_o,      // the entries asked for,
  input  logic [15:0] entry_a_i,    // in the same cycle
  input  logic [15:0] entry_b_i,
  output logic        busy_o,
  // The plan, stable when not busy_o.
  output logic [4:0]  groups_o,
  output logic [5:0]  rshift_o,     // t
  output logic [7:0]  bits_o,
  output logic [31:0] exponent_o,   // gref + t, of what varies
  input  logic [4:0]  pass_group_i, // of this group: how many k, and its distance from gref
  output logic [31:0] pass_len_o,
  output logic [4:0]  pass_shift_o,
  input  logic [4:0]  list_group_i, // of this one: the end of its outer indices in the list
  output logic [31:0] list_end_o,
  input  logic [31:0] list_index_i, // the list: the first k of each outer index
  output logic [31:0] list_o
);
  localparam int Groups    = 17;
  localparam int BlockBits = $clog2(Blocks);

  localparam logic [15:0] ZERO_BLOCK = 16'h8000;

  typedef enum logic [2:0] {IDLE, EXTREMES, COUNT, PLACES, SORT} state_e;
  state_e state_q;
  assign busy_o = state_q != IDLE;

  logic [31:0]        outer_q, first_k_q;
  logic               last, zero, any_q, member;
  logic signed [31:0] g, most_q, least_q, least_kept, gref_q, distance;
  assign index_o = outer_q;
  assign last    = outer_q + 32'd1 == outers_i;
  assign zero    = (varies_a_i && entry_a_i == ZERO_BLOCK)
                || (varies_b_i && entry_b_i == ZERO_BLOCK);
  assign g       = (varies_a_i ? {{16{entry_a_i[15]}}, entry_a_i} : 32'd0)
                 + (varies_b_i ? {{16{entry_b_i[15]}}, entry_b_i} : 32'd0);
  assign distance   = g - gref_q;
  assign member     = !zero && distance >= 0;
  assign least_kept = (least_q < most_q - 32'sd16) ? most_q - 32'sd16 : least_q;

  // Counts of the groups, later the next free place of each in the list.
  logic [31:0] counts_q [Groups];
  logic [4:0]  slot_q;
  logic [31:0] placed_q, count;
  assign count = counts_q[slot_q];

  // The groups that have members.
  logic [4:0]  groups_q;
  logic [31:0] len_q [32];
  logic [31:0] end_q [32];
  logic [4:0]  shift_q [32];
  logic [31:0] list_q [Blocks];
  logic        unused_index;

  assign groups_o     = groups_q;
  assign pass_len_o   = len_q[pass_group_i];
  assign pass_shift_o = shift_q[pass_group_i];
  assign list_end_o   = end_q[list_group_i];
  assign list_o       = list_q[list_index_i[BlockBits-1:0]];
  assign unused_index = ^list_index_i[31:BlockBits];

  always_ff @(posedge clk_i) begin
    if (state_q == IDLE && start_i) begin
      list_q[0]  <= '0;
      list_q[1]  <= '0;
      len_q[0]   <= k_i;
      len_q[1]   <= k_i;
      end_q[0]   <= 32'd1;
      end_q[1]   <= 32'd2;
      shift_q[0] <= 5'd0;
      shift_q[1] <= 5'd7;
    end else if (state_q == PLACES && count != '0) begin
      len_q[groups_q]   <= count * inner_i;
      end_q[groups_q]   <= placed_q + count;
      shift_q[groups_q] <= slot_q;
    end else if (state_q == SORT && member) begin
      list_q[counts_q[distance[4:0]][BlockBits-1:0]] <= first_k_q;
    end
  end

  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) begin
      state_q   <= IDLE;
      outer_q   <= '0;
      first_k_q <= '0;
      any_q     <= 1'b0;
      most_q    <= '0;
      least_q   <= '0;
      gref_q    <= '0;
      slot_q    <= '0;
      placed_q  <= '0;
      groups_q  <= '0;
      for (int i = 0; i < Groups; i++) counts_q[i] <= '0;
    end else begin
      case (state_q)
        IDLE: begin
          outer_q   <= '0;
          first_k_q <= '0;
          slot_q    <= '0;
          placed_q  <= '0;
          if (start_i) begin
            any_q    <= 1'b0;
            most_q   <= two_pass_i ? 32'sd7 : 32'sd0;
            least_q  <= '0;
            gref_q   <= '0;
            groups_q <= two_pass_i ? 5'd2 : 5'd1;
            for (int i = 0; i < Groups; i++) counts_q[i] <= '0;
            if (varies_a_i || varies_b_i) begin
              state_q  <= EXTREMES;
              groups_q <= '0;
            end
          end
        end
        EXTREMES: begin
          outer_q <= last ? '0 : outer_q + 32'd1;
          if (!zero) begin
            any_q   <= 1'b1;
            most_q  <= (!any_q || g > most_q) ? g : most_q;
            least_q <= (!any_q || g < least_q) ? g : least_q;
          end
          if (last) state_q <= (any_q || !zero) ? COUNT : IDLE;
        end
        COUNT: begin
          // gref is known from the first cycle on: the walk begins one cycle later.
          gref_q <= least_kept;
          any_q  <= 1'b0;
          if (!any_q) begin
            outer_q <= last ? '0 : outer_q + 32'd1;
            if (member) counts_q[distance[4:0]] <= counts_q[distance[4:0]] + 32'd1;
            if (last) state_q <= PLACES;
          end
        end
        PLACES: begin
          counts_q[slot_q] <= placed_q;
          placed_q         <= placed_q + count;
          groups_q         <= groups_q + 5'(count != '0);
          slot_q           <= slot_q + 5'd1;
          if (slot_q == 5'(Groups - 1)) state_q <= SORT;
        end
        default: begin
          outer_q   <= outer_q + 32'd1;
          first_k_q <= first_k_q + inner_i;
          if (member) counts_q[distance[4:0]] <= counts_q[distance[4:0]] + 32'd1;
          if (last) state_q <= IDLE;
        end
      endcase
    end
  end

  // t and the width. K's ceiling of log2 is the length of K - 1.
  logic [31:0] below_k;
  logic [7:0]  width;
  assign below_k = k_i - 32'd1;
  always_comb begin
    width = 8'd14;
    for (int i = 0; i < 32; i++) begin
      if (below_k[i]) width = 8'd15 + 8'(i);
    end
    width = width + 8'(most_q - gref_q);
  end
  assign rshift_o   = width > 8'd31 ? 6'(width - 8'd31) : 6'd0;
  assign bits_o     = groups_q == '0 ? 8'd0 : width > 8'd31 ? 8'd31 : width;
  assign exponent_o = gref_q + 32'(rshift_o);
endmodule
