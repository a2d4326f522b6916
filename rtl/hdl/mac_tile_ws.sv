// The weight-stationary array with its partial-sum store and its aligner: a visit to m x Cols
// outputs, as a series of folds of at most Rows k each. The folds of a group of equal exponent
// (numerics 8.2) follow each other in ascending k, all but the last of Rows k; groups come in
// ascending order of exponent. Between folds the sums of all m rows wait in the store; behind a
// group's last fold they go to the aligner. Saturation so follows k as in mac_tile.
//
// Each column of sums has a memory of its own, as the columns of the array are a cycle apart;
// results are brought together again and leave as rows.
module mac_tile_ws #(
  parameter int Rows        = 16,
  parameter int Cols        = 16,
  parameter int Depth       = 512,  // rows of sums: m at most
  parameter int AccBits     = 32,   // these: see mac_accumulator
  parameter int Saturate    = 1,
  parameter int AccShift    = 0,
  parameter int AccRounding = 3,    // not stochastic
  parameter int Chunk       = 0,
  parameter int PsumBits    = 32
) (
  input  logic               clk_i,
  input  logic               rst_ni,
  input  logic               stall_i,
  // A fold: see mac_array_ws. The other fields are taken with start_i.
  input  logic               start_i,
  input  logic [31:0]        rows_i,    // m, 1..Depth
  input  logic [7:0]         len_i,     // k of this fold, 1..Rows
  input  logic               open_i,    // the first fold of a group
  input  logic               close_i,   // the last fold of a group
  input  logic               first_i,   // the group: see aligner
  input  logic               last_i,
  input  logic               drop_i,
  input  logic [4:0]         lshift_i,
  input  logic [5:0]         rshift_i,
  output logic               busy_o,
  output logic               done_o,
  output logic               load_o,    // b_i: B's row Rows - 1 of the fold first; any from len on
  input  logic [Cols*8-1:0]  b_i,
  output logic               stream_o,
  input  logic [Rows*8-1:0]  a_i,
  output logic               valid_o,   // sum_o holds row_o of the tile; Cols int32 mantissas
  output logic [15:0]        row_o,
  output logic [Cols*32-1:0] sum_o,
  output logic [31:0]        cycles_o
);
  localparam int SumBits   = (Chunk > 0) ? AccBits + PsumBits : AccBits;
  localparam int DepthBits = (Depth > 1) ? $clog2(Depth) : 1;
  localparam int PlaceBits = 1 + DepthBits;  // of a row in its column: is there one, and which

  logic                          en, en_q, take, enter;
  logic [15:0]                   fields_d, fields_q, out_fields_q;
  logic [7:0]                    len_d, len_q, k_d, k_q;
  logic [DepthBits-1:0]          row_d, row_q;
  logic [Cols*8-1:0]             b_kept;
  logic [Cols*SumBits-1:0]       top, bottom;
  logic [(Cols+1)*PlaceBits-1:0] into, from;
  logic                          open, close, out_close, out_first, out_last, out_drop;
  logic [4:0]                    out_lshift;
  logic [5:0]                    out_rshift;
  logic                          valid_d, valid_q;
  logic [DepthBits-1:0]          out_row_q;

  assign en       = !stall_i;
  assign take     = start_i && en && (!busy_o || done_o);
  assign fields_d = take ? {open_i, close_i, first_i, last_i, drop_i, lshift_i, rshift_i}
                         : fields_q;
  assign len_d    = take ? len_i : len_q;
  assign b_kept   = (k_q < len_q) ? b_i : '0;
  assign open     = fields_q[15];
  assign close    = fields_q[14];
  // Sums leave the array up to a cycle behind their fold.
  assign {out_close, out_first, out_last, out_drop, out_lshift, out_rshift} = out_fields_q[14:0];

  always_comb begin
    k_d   = k_q;
    row_d = row_q;
    if (take) begin
      k_d   = 8'(Rows - 1);
      row_d = '0;
    end else if (en) begin
      if (load_o) k_d = k_q - 8'd1;
      if (stream_o) row_d = row_q + DepthBits'(1);
    end
  end

  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) begin
      en_q         <= 1'b0;
      fields_q     <= '0;
      out_fields_q <= '0;
      len_q        <= '0;
      k_q          <= '0;
      row_q        <= '0;
      valid_q      <= 1'b0;
      out_row_q    <= '0;
    end else begin
      en_q      <= en;
      fields_q  <= fields_d;
      len_q     <= len_d;
      k_q       <= k_d;
      row_q     <= row_d;
      valid_q   <= valid_d;
      out_row_q <= from[(Cols-1)*PlaceBits +: DepthBits];
      if (en) out_fields_q <= fields_q;
    end
  end

  // Where chunks end, counted from the group's first k; its last k ends one as well.
  if (Chunk > 0) begin : gen_chunk
    localparam logic [31:0] SIZE = Chunk;
    localparam logic [31:0] FOLD = Rows % Chunk;
    logic [31:0] begin_place, behind, behind_d, behind_q, place_d, place_q;

    assign begin_place = open_i ? 32'd0 : behind_q;
    assign behind      = (begin_place + FOLD >= SIZE) ? begin_place + FOLD - SIZE
                                                      : begin_place + FOLD;
    assign enter = place_q == '0 || (close && k_q + 8'd1 == len_q);

    // place_q: how many k behind the end of a chunk the row that is loaded ends.
    always_comb begin
      behind_d = behind_q;
      place_d  = place_q;
      if (take) begin
        behind_d = behind;
        place_d  = behind;
      end else if (load_o && en) begin
        place_d = (place_q == '0) ? SIZE - 32'd1 : place_q - 32'd1;
      end
    end

    always_ff @(posedge clk_i or negedge rst_ni) begin
      if (!rst_ni) begin
        behind_q <= '0;
        place_q  <= '0;
      end else begin
        behind_q <= behind_d;
        place_q  <= place_d;
      end
    end
  end else begin : gen_single
    logic unused_close;
    assign unused_close = close;
    assign enter = 1'b0;
  end

  mac_array_ws #(
    .Rows(Rows), .Cols(Cols), .AccBits(AccBits), .Saturate(Saturate), .AccShift(AccShift),
    .AccRounding(AccRounding), .Chunk(Chunk), .PsumBits(PsumBits)
  ) u_array (
    .clk_i, .rst_ni, .stall_i, .start_i, .len_i(rows_i), .busy_o, .done_o,
    .load_o, .b_i(b_kept), .enter_i(enter), .stream_o, .a_i,
    .sum_i(top), .sum_o(bottom), .cycles_o
  );

  // The rows of A on their way: into column 0 as they are given, into each next column a cycle
  // later, and out of a column Rows cycles behind that.
  assign into[0 +: PlaceBits] = {stream_o, row_q};

  delay_line #(.Depth(Rows), .Width(PlaceBits)) u_from (
    .clk_i, .rst_ni, .en_i(en), .data_i(into[0 +: PlaceBits]), .data_o(from[0 +: PlaceBits])
  );

  for (genvar c = 0; c < Cols; c++) begin : gen_col
    logic [SumBits-1:0]   sums_q [Depth];  // not reset: open_i starts them
    logic [DepthBits-1:0] into_row, from_row;
    logic                 into_valid, from_valid;
    logic [31:0]          result;

    delay_line #(.Depth(1), .Width(PlaceBits)) u_into (
      .clk_i, .rst_ni, .en_i(en), .data_i(into[c*PlaceBits +: PlaceBits]),
      .data_o(into[(c+1)*PlaceBits +: PlaceBits])
    );
    delay_line #(.Depth(1), .Width(PlaceBits)) u_from (
      .clk_i, .rst_ni, .en_i(en), .data_i(from[c*PlaceBits +: PlaceBits]),
      .data_o(from[(c+1)*PlaceBits +: PlaceBits])
    );
    assign {into_valid, into_row} = into[c*PlaceBits +: PlaceBits];
    assign {from_valid, from_row} = from[c*PlaceBits +: PlaceBits];

    assign top[c*SumBits +: SumBits] = (open || !into_valid) ? '0 : sums_q[into_row];

    always_ff @(posedge clk_i) begin
      if (from_valid && !out_close && en) sums_q[from_row] <= bottom[c*SumBits +: SumBits];
    end

    aligner_column #(.Rows(Depth), .AccBits(AccBits), .RowWidth(DepthBits)) u_column (
      .clk_i, .rst_ni, .valid_i(from_valid && out_close && en), .row_i(from_row),
      .first_i(out_first), .drop_i(out_drop), .lshift_i(out_lshift), .rshift_i(out_rshift),
      .psum_i(bottom[c*SumBits +: AccBits]), .sum_o(result)
    );
    delay_line #(.Depth(Cols - 1 - c), .Width(32)) u_together (
      .clk_i, .rst_ni, .en_i(en_q), .data_i(result), .data_o(sum_o[c*32 +: 32])
    );
  end
  logic unused_edges;
  assign unused_edges = ^{into[Cols*PlaceBits +: PlaceBits], from[Cols*PlaceBits +: PlaceBits],
                          fields_q[13:0], out_fields_q[15]};

  assign valid_d = from[Cols*PlaceBits-1] && out_close && out_last && en;
  assign valid_o = valid_q;
  assign row_o   = 16'(out_row_q);
endmodule
