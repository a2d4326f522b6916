// The exponents of a pooled tensor: copies (numerics 13), or step exponents E - (wl - 2) of a wide
// one (13.1). With track_i a block of E = -128 that keeps no nonzero mantissa becomes a zero block:
// beats come by here, and a block's entry is written when a beat of the next one comes.
module pool_exponents #(
  parameter int Lanes = 16
) (
  input  logic                clk_i,
  input  logic                rst_ni,
  input  logic                start_i,
  output logic                busy_o,
  // The command; stable until not busy_o.
  input  logic                track_i,
  input  logic                wide_i,
  input  logic                by_sample_i, // else one block
  input  logic [4:0]          width_i,     // wl
  input  logic [7:0]          bits_i,      // of the header
  input  logic [31:0]         count_i,     // entries
  input  logic [31:0]         from_i,      // addresses of the headers
  input  logic [31:0]         to_i,
  // Beats, with track_i.
  input  logic                valid_i,
  output logic                ready_o,
  input  logic [Lanes-1:0]    nonzero_i,
  input  logic [Lanes*8-1:0]  sample_i,    // mod 256, ascending
  input  logic                last_i,      // no more beats; not with valid_i
  // Memory: reads, and writes.
  output logic                read_valid_o,
  input  logic                read_ready_i,
  output logic [31:0]         read_addr_o,
  input  logic                rsp_valid_i,
  input  logic [Lanes*32-1:0] rsp_data_i,
  output logic                write_valid_o,
  input  logic                write_ready_i,
  output logic [31:0]         write_addr_o,
  output logic [Lanes*32-1:0] write_data_o,
  output logic [Lanes*4-1:0]  write_strb_o
);
  localparam int LaneBits = $clog2(Lanes);
  localparam logic [15:0] ZeroBlock = 16'h8000;
  localparam logic [15:0] Lowest    = 16'hFF80;  // E = -128

  logic                begin_now, valid, pop, reader_busy, put, filling, finish, close, nonzero;
  logic                writer_busy;
  logic [Lanes*32-1:0] entries;
  logic [LaneBits-1:0] lane_q;
  logic [31:0]         left_q;
  logic [15:0]         entry, copy, entry_out;
  logic                nonzero_q;
  logic [7:0]          sample_q, last_sample;

  assign busy_o    = writer_busy;
  assign begin_now = start_i && !busy_o;

  logic [31:0]  first_word, beats;
  logic [127:0] header;
  assign first_word = from_i + 32'(Lanes * 4);
  assign beats      = (count_i + 32'(Lanes - 1)) >> LaneBits;
  assign header     = 128'(bits_i);

  stream_reader #(.Lanes(Lanes), .Bits(32), .Depth(2)) u_reader (
    .clk_i(clk_i), .rst_ni(rst_ni), .start_i(begin_now), .base_i(first_word),
    .size_i(2'd1), .unsigned_i(1'b1), .first_i(32'd0),
    .beats_i(beats), .busy_o(reader_busy), .valid_o(valid),
    .ready_i(pop), .data_o(entries), .req_valid_o(read_valid_o), .req_ready_i(read_ready_i),
    .req_addr_o(read_addr_o), .rsp_valid_i(rsp_valid_i), .rsp_data_i(rsp_data_i)
  );
  logic unused_busy;
  assign unused_busy = reader_busy;

  logic [Lanes*16-1:0] halves;
  for (genvar l = 0; l < Lanes; l++) begin : gen_half
    assign halves[l*16 +: 16] = entries[l*32 +: 16];
    logic unused_half;
    assign unused_half = ^entries[l*32 + 16 +: 16];
  end
  assign entry = halves[lane_q*16 +: 16];

  // The block that is open, and what the beat has of it.
  logic [Lanes-1:0] mine;
  for (genvar l = 0; l < Lanes; l++) begin : gen_mine
    assign mine[l] = nonzero_i[l] && (!by_sample_i || sample_i[l*8 +: 8] == sample_q);
  end
  assign last_sample = by_sample_i ? sample_i[Lanes*8-1 -: 8] : sample_q;
  assign nonzero     = nonzero_q || (valid_i && |mine);
  assign close       = last_i || (valid_i && last_sample != sample_q);
  assign ready_o     = !track_i || left_q == '0 || last_sample == sample_q;

  assign put       = valid && left_q != '0 && filling && (!track_i || close);
  assign copy      = (entry == ZeroBlock || (track_i && entry == Lowest && !nonzero)) ? ZeroBlock
                                                                                      : entry;
  assign entry_out = !wide_i ? copy
                   : ((entry == ZeroBlock) ? Lowest : entry) - (16'(width_i) - 16'd2);
  assign pop       = put && (lane_q == LaneBits'(Lanes - 1) || left_q == 32'd1);
  assign finish    = filling && left_q == '0;

  exponent_writer #(.Lanes(Lanes)) u_writer (
    .clk_i(clk_i), .rst_ni(rst_ni), .start_i(begin_now), .base_i(to_i), .valid_i(put),
    .ready_o(filling), .entry_i(entry_out), .finish_i(finish), .header_i(header),
    .busy_o(writer_busy), .req_valid_o(write_valid_o), .req_ready_i(write_ready_i),
    .req_addr_o(write_addr_o), .req_data_o(write_data_o), .req_strb_o(write_strb_o)
  );

  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) begin
      lane_q    <= '0;
      left_q    <= '0;
      nonzero_q <= 1'b0;
      sample_q  <= '0;
    end else if (begin_now) begin
      lane_q    <= '0;
      left_q    <= count_i;
      nonzero_q <= 1'b0;
      sample_q  <= '0;
    end else if (put) begin
      lane_q    <= pop ? '0 : lane_q + LaneBits'(1);
      left_q    <= left_q - 32'd1;
      nonzero_q <= 1'b0;
      sample_q  <= sample_q + 8'd1;
    end else if (valid_i && track_i && ready_o) begin
      nonzero_q <= nonzero;
    end
  end
endmodule
