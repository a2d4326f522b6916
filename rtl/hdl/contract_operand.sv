// An operand's buffer with what fills it: see contract_loader and contract_buffer.
module contract_operand #(
  parameter int Lanes = 16,
  parameter int Banks = 16,
  parameter int Units = 16,
  parameter int Depth = 2048
) (
  input  logic             clk_i,
  input  logic             rst_ni,
  input  logic [21*32-1:0] view_i,
  input  logic             clear_i,
  // A load.
  input  logic             start_i,
  output logic             ready_o,
  input  logic [1:0]       place_seek_i,
  input  logic [1:0]       run_seek_i,
  input  logic [31:0]      places_i,
  input  logic [31:0]      length_i,
  input  logic             final_i,
  input  logic             half_i,
  input  logic             high_i,
  output logic             done_o,
  // A read.
  input  logic             read_i,
  input  logic             read_half_i,
  input  logic [$clog2(Depth)-1:0] read_k_i,
  output logic [Units*8-1:0]  rows_o,
  // Memory: reads only.
  output logic                req_valid_o,
  input  logic                req_ready_i,
  output logic [31:0]         req_addr_o,
  input  logic                rsp_valid_i,
  input  logic [Lanes*32-1:0] rsp_data_i
);
  logic                       write, half, high;
  logic [$clog2(Depth)-1:0]   k;
  logic [$clog2(Banks)-1:0]   bank;
  logic [$clog2(Banks):0]     count, from, to;
  logic [$clog2(Lanes*4)-1:0] offset;
  logic [Lanes*32-1:0]        word;

  contract_loader #(.Lanes(Lanes), .Banks(Banks), .Depth(Depth)) u_loader (
    .clk_i, .rst_ni, .view_i, .clear_i, .start_i, .ready_o, .place_seek_i, .run_seek_i, .places_i,
    .length_i, .final_i, .half_i, .high_i, .done_o, .write_o(write), .half_o(half), .k_o(k),
    .bank_o(bank), .count_o(count), .from_o(from), .to_o(to), .high_o(high), .offset_o(offset),
    .word_o(word), .req_valid_o, .req_ready_i, .req_addr_o, .rsp_valid_i, .rsp_data_i
  );
  contract_buffer #(.Lanes(Lanes), .Banks(Banks), .Units(Units), .Depth(Depth)) u_buffer (
    .clk_i, .rst_ni, .view_i, .write_i(write), .half_i(half), .k_i(k), .bank_i(bank),
    .count_i(count), .from_i(from), .to_i(to), .high_i(high), .offset_i(offset), .word_i(word),
    .read_i, .read_half_i, .read_k_i, .rows_o
  );
endmodule
