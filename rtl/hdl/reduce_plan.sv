// What numerics 11 and 11.1 decide before the sums of a reduce. Last indices that meet the same
// blocks are a group: all of them, or in blocks that follow columns those of a column of blocks.
// Two passes over the exponents, one a cycle: each group's largest and smallest, then each block's
// shift to its group's gref.
module reduce_plan #(
  parameter int Blocks = 1024,  // a power of two
  parameter int Groups = 32     // a power of two
) (
  input  logic                      clk_i,
  input  logic                      rst_ni,
  input  logic                      start_i,    // exponents can be read
  input  logic                      tensor_i,   // one block, which counts also where it is zero
  input  logic [31:0]               blocks_i,   // 1..Blocks; block k is in group k mod groups_i
  input  logic [31:0]               groups_i,   // 1..Groups; these are stable until not busy_o
  output logic                      busy_o,
  // Exponents, as in memory (docs/rtl.md), in the cycle in which they are asked for.
  output logic [31:0]               index_o,
  input  logic [15:0]               entry_i,
  // Shifts.
  output logic                      write_o,
  output logic [$clog2(Blocks)-1:0] place_o,
  output logic [4:0]                shift_o,    // 31: left out
  // What came out for a group.
  input  logic [$clog2(Groups)-1:0] group_i,
  output logic                      some_o,     // it has a nonzero block
  output logic signed [15:0]        ref_o,      // E of gref
  output logic [4:0]                spread_o    // 0..16
);
  localparam int GroupBits = $clog2(Groups);
  localparam logic [15:0] ZERO_BLOCK = 16'h8000;

  logic                 busy_q, second_q, last_block, last_group;
  logic [31:0]          index_q;
  logic [GroupBits-1:0] group_q, group;
  logic [Groups-1:0]    some_q;
  logic signed [7:0]    max_q [Groups];
  logic signed [7:0]    min_q [Groups];

  logic              zero;
  logic signed [7:0] entry;
  assign zero  = entry_i == ZERO_BLOCK && !tensor_i;
  assign entry = (entry_i == ZERO_BLOCK) ? -8'sd128 : entry_i[7:0];

  assign busy_o     = busy_q;
  assign index_o    = index_q;
  assign last_block = index_q == blocks_i - 32'd1;
  assign last_group = 32'(group_q) == groups_i - 32'd1;

  // The group that is looked at.
  logic signed [8:0] max, min, ref_e, above;
  logic              wide;
  assign group    = busy_q ? group_q : group_i;
  assign max      = 9'(max_q[group]);
  assign min      = 9'(min_q[group]);
  assign wide     = max - min > 9'sd16;
  assign ref_e    = wide ? max - 9'sd16 : min;
  assign above    = 9'(entry) - ref_e;
  assign some_o   = some_q[group];
  assign ref_o    = 16'(ref_e);
  assign spread_o = 5'(max - ref_e);

  assign write_o = busy_q && second_q;
  assign place_o = index_q[$clog2(Blocks)-1:0];
  assign shift_o = (zero || above < 9'sd0) ? 5'd31 : above[4:0];

  always_ff @(posedge clk_i) begin
    if (busy_q && !second_q && !zero) begin
      if (!some_o || 9'(entry) > max) max_q[group] <= entry;
      if (!some_o || 9'(entry) < min) min_q[group] <= entry;
    end
  end

  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) begin
      busy_q   <= 1'b0;
      second_q <= 1'b0;
      index_q  <= '0;
      group_q  <= '0;
      some_q   <= '0;
    end else if (start_i && !busy_q) begin
      busy_q   <= 1'b1;
      second_q <= 1'b0;
      index_q  <= '0;
      group_q  <= '0;
      some_q   <= '0;
    end else if (busy_q) begin
      busy_q   <= !(second_q && last_block);
      second_q <= second_q || last_block;
      index_q  <= last_block ? '0 : index_q + 32'd1;
      group_q  <= (last_block || last_group) ? '0 : group_q + GroupBits'(1);
      if (!second_q && !zero) some_q[group] <= 1'b1;
    end
  end

  logic unused_entry;
  assign unused_entry = ^entry_i[15:8];
endmodule
