// The array with its aligner: one output tile of a contraction, as a series of passes, one for
// each group of products of equal exponent (numerics 8.2), in ascending order of exponent.
// The aligner works while the array drains: a pass costs what it costs in the array alone.
module mac_tile #(
  parameter int Rows        = 16,
  parameter int Cols        = 16,
  parameter int AccBits     = 32,  // these: see mac_accumulator
  parameter int Saturate    = 1,
  parameter int AccShift    = 0,
  parameter int AccRounding = 3,
  parameter int RandomBits  = 16,
  parameter int Chunk       = 0,
  parameter int PsumBits    = 32,
  parameter int Lanes       = 16,  // of the draws
  parameter int FaultBit    = -1,
  parameter int FaultRow    = 0,
  parameter int FaultCol    = 0
) (
  input  logic               clk_i,
  input  logic               rst_ni,
  input  logic               stall_i,  // nothing moves, starts or counts
  // A pass: see mac_array. The other fields are taken with start_i, see aligner.
  input  logic               start_i,
  input  logic [31:0]        len_i,
  input  logic               first_i,
  input  logic               last_i,
  input  logic               drop_i,
  input  logic [4:0]         lshift_i,
  input  logic [5:0]         rshift_i,
  output logic               busy_o,
  output logic               ready_o,
  // Draws: see mac_array.
  input  logic               skip_i,
  input  logic               nearest_i,
  input  logic               load_i,
  input  logic [7:0]         load_row_i,
  input  logic [7:0]         load_col_i,
  input  logic [5:0]         load_lane_i,
  input  logic [31:0]        load_state_i,
  input  logic [Rows*8-1:0]  a_i,
  input  logic [Cols*8-1:0]  b_i,
  output logic               done_o,
  output logic               valid_o,  // sum_o holds row_o of the tile; Cols int32 mantissas
  output logic [7:0]         row_o,
  output logic [Cols*32-1:0] sum_o,
  output logic [31:0]        cycles_o
);
  logic                    drain;
  logic [7:0]              row;
  logic [Cols*AccBits-1:0] acc;
  logic [13:0]             fields_d, fields_q;

  assign fields_d = start_i && !stall_i && (!busy_o || done_o)
                  ? {first_i, last_i, drop_i, lshift_i, rshift_i} : fields_q;

  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) fields_q <= '0;
    else         fields_q <= fields_d;
  end

  mac_array #(
    .Rows(Rows), .Cols(Cols), .AccBits(AccBits), .Saturate(Saturate), .AccShift(AccShift),
    .AccRounding(AccRounding), .RandomBits(RandomBits), .Chunk(Chunk), .PsumBits(PsumBits),
    .Lanes(Lanes),
    .FaultBit(FaultBit), .FaultRow(FaultRow), .FaultCol(FaultCol)
  ) u_array (
    .clk_i, .rst_ni, .stall_i, .start_i, .len_i, .busy_o, .ready_o, .skip_i, .nearest_i,
    .load_i, .load_row_i, .load_col_i, .load_lane_i, .load_state_i, .a_i, .b_i,
    .drain_o(drain), .row_o(row), .acc_o(acc), .done_o, .cycles_o
  );

  aligner #(.Rows(Rows), .Cols(Cols), .AccBits(AccBits)) u_aligner (
    .clk_i, .rst_ni, .valid_i(drain), .row_i(row),
    .first_i(fields_q[13]), .last_i(fields_q[12]), .drop_i(fields_q[11]),
    .lshift_i(fields_q[10:6]), .rshift_i(fields_q[5:0]),
    .psum_i(acc), .valid_o, .row_o, .sum_o
  );
endmodule
