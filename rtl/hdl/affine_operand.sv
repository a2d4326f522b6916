// One operand of an affine command: mantissas as a stream from memory, or a vector kept on the chip
// that serves every row; its step exponents, kept on the chip; and which of these belong to the
// element in each lane, and to the cell that is planned.
module affine_operand #(
  parameter int Lanes     = 16,
  parameter int Exponents = 1024,  // most exponents
  parameter int Vector    = 1024   // most elements of a vector
) (
  input  logic                clk_i,
  input  logic                rst_ni,
  // What it is; stable while a command runs.
  input  logic                present_i,
  input  logic                vector_i,
  input  logic                plain_i,       // lanes' step exponents are 0
  input  logic                varies_i,      // it has more than one exponent
  input  logic [31:0]         base_i,
  input  logic [1:0]          size_i,
  input  logic                unsigned_i,
  input  logic [31:0]         beats_i,
  input  logic                stream_i,      // begin to read it
  // Blocks, for affine_walk: of the lanes, and of the cells one by one.
  input  logic                walk_i,
  input  logic                walk_cells_i,
  input  logic [31:0]         width_i,
  input  logic [31:0]         rows_i,
  input  logic [31:0]         cols_i,
  input  logic [31:0]         whole_i,
  input  logic [31:0]         over_i,
  // What is kept, beat by beat.
  input  logic                write_data_i,
  input  logic                write_steps_i,
  input  logic [15:0]         data_beat_i,
  input  logic [15:0]         steps_beat_i,
  input  logic [Lanes*32-1:0] data_i,
  input  logic [Lanes*16-1:0] steps_i,
  // The lanes.
  input  logic                read_i,        // without it, the stores rest
  input  logic [Lanes*16-1:0] last_index_i,
  output logic                valid_o,
  input  logic                take_i,        // the beat is taken: the next
  output logic [Lanes*32-1:0] x_o,
  output logic [Lanes*16-1:0] x_exp_o,
  output logic [Lanes*16-1:0] index_o,       // of their blocks
  // The plan.
  output logic                walked_o,      // walks are set up
  input  logic                next_cell_i,
  output logic [15:0]         step_o,        // of the cell
  // Memory: reads only.
  output logic                req_valid_o,
  input  logic                req_ready_i,
  output logic [31:0]         req_addr_o,
  input  logic                rsp_valid_i,
  input  logic [Lanes*32-1:0] rsp_data_i
);
  logic                stream, stream_valid, unused_busy;
  logic [Lanes*32-1:0] streamed, kept;

  assign stream  = present_i && !vector_i;
  assign valid_o = !stream || stream_valid;

  stream_reader #(.Lanes(Lanes)) u_reader (
    .clk_i, .rst_ni, .start_i(stream_i && stream), .base_i, .size_i, .unsigned_i,
    .first_i(32'd0), .beats_i, .busy_o(unused_busy), .valid_o(stream_valid),
    .ready_i(take_i && stream), .data_o(streamed), .req_valid_o, .req_ready_i, .req_addr_o,
    .rsp_valid_i, .rsp_data_i
  );

  affine_store #(.Lanes(Lanes), .Bits(32), .Depth(Vector), .Ports(Lanes)) u_data (
    .clk_i, .write_i(write_data_i), .beat_i(data_beat_i), .data_i, .read_i(read_i && vector_i),
    .index_i(last_index_i), .data_o(kept)
  );

  assign x_o = !present_i ? '0 : vector_i ? kept : streamed;

  // Blocks.
  logic [15:0]             cell_index, unused_cell_base;
  logic [Lanes*16-1:0]     unused_base;
  logic                    lanes_ready, cells_ready;
  logic [(Lanes+1)*16-1:0] steps;

  assign walked_o = lanes_ready && cells_ready;

  affine_walk #(.Lanes(Lanes)) u_lanes (
    .clk_i, .rst_ni, .start_i(walk_i), .width_i, .rows_i, .cols_i, .whole_i, .over_i,
    .ready_o(lanes_ready), .next_i(take_i && varies_i), .base_o(unused_base), .index_o
  );
  affine_walk #(.Lanes(1)) u_cells (
    .clk_i, .rst_ni, .start_i(walk_cells_i), .width_i, .rows_i, .cols_i, .whole_i, .over_i,
    .ready_o(cells_ready), .next_i(next_cell_i && varies_i), .base_o(unused_cell_base),
    .index_o(cell_index)
  );

  affine_store #(.Lanes(Lanes), .Bits(16), .Depth(Exponents), .Ports(Lanes + 1)) u_steps (
    .clk_i, .write_i(write_steps_i), .beat_i(steps_beat_i), .data_i(steps_i),
    .read_i(read_i && present_i), .index_i({cell_index, index_o}), .data_o(steps)
  );

  assign x_exp_o = plain_i ? '0 : steps[Lanes*16-1:0];
  assign step_o  = steps[Lanes*16 +: 16];
endmodule
