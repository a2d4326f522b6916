// What leaves the affine unit, to memory: results and the ReLU's mask, through a queue that takes
// what is on its way when memory stalls.
module affine_result #(
  parameter int Lanes = 16,
  parameter int Depth = 8    // beats, a power of two; 4 are the unit's own
) (
  input  logic                clk_i,
  input  logic                rst_ni,
  input  logic                start_i,
  input  logic [31:0]         base_i,       // of results; stable while a command runs, as the rest
  input  logic [1:0]          size_i,
  input  logic                mask_i,       // the mask is wanted
  input  logic [31:0]         mask_base_i,
  // Beats.
  input  logic                sent_i,       // one went into the unit
  output logic                room_o,       // one more may
  input  logic [Lanes-1:0]    valid_i,
  input  logic [Lanes*32-1:0] y_i,
  input  logic [Lanes-1:0]    kept_i,
  input  logic                flush_i,      // no more beats
  output logic                empty_o,      // all is written
  // Memory, writes only: results, mask.
  output logic [1:0]          req_valid_o,
  input  logic [1:0]          req_ready_i,
  output logic [2*32-1:0]     req_addr_o,
  output logic [2*Lanes*32-1:0] req_data_o,
  output logic [2*Lanes*4-1:0]  req_strb_o
);
  localparam int DepthBits = $clog2(Depth);
  localparam int ItemBits  = Lanes * 34;

  logic [ItemBits-1:0]  queue_q [Depth];
  logic [ItemBits-1:0]  item;
  logic [DepthBits-1:0] head_q, tail_q;
  logic [DepthBits:0]   filled_q, out_q;  // in the queue; in the unit too
  logic [31:0]          beat_q;
  logic                 push, pop, some, y_idle, kept_idle, flush;
  // Each of the two writers takes a beat when it can.
  logic                 y_valid, y_ready, y_taken, y_done_q;
  logic                 kept_valid, kept_ready, kept_taken, kept_done_q;
  logic [Lanes*32-1:0]  kept;

  assign push    = valid_i != '0;
  assign some    = filled_q != '0;
  assign pop     = y_taken && kept_taken;
  assign room_o  = out_q != (DepthBits+1)'(Depth);
  assign flush   = flush_i && out_q == '0;
  assign empty_o = out_q == '0 && y_idle && kept_idle;
  assign item    = queue_q[head_q];

  assign y_valid    = some && !y_done_q;
  assign y_taken    = some && (y_done_q || y_ready);
  assign kept_valid = some && mask_i && !kept_done_q;
  assign kept_taken = some && (!mask_i || kept_done_q || kept_ready);

  for (genvar l = 0; l < Lanes; l++) begin : gen_kept
    assign kept[l*32 +: 32] = {31'b0, item[Lanes*33 + l]};
  end

  stream_writer #(.Lanes(Lanes)) u_y (
    .clk_i, .rst_ni, .base_i, .size_i, .valid_i(y_valid), .ready_o(y_ready), .beat_i(beat_q),
    .mask_i(item[Lanes*32 +: Lanes]), .data_i(item[Lanes*32-1:0]), .flush_i(flush),
    .idle_o(y_idle), .req_valid_o(req_valid_o[0]), .req_ready_i(req_ready_i[0]),
    .req_addr_o(req_addr_o[31:0]), .req_data_o(req_data_o[Lanes*32-1:0]),
    .req_strb_o(req_strb_o[Lanes*4-1:0])
  );
  stream_writer #(.Lanes(Lanes)) u_kept (
    .clk_i, .rst_ni, .base_i(mask_base_i), .size_i(2'd0), .valid_i(kept_valid),
    .ready_o(kept_ready), .beat_i(beat_q), .mask_i(item[Lanes*32 +: Lanes]), .data_i(kept),
    .flush_i(flush), .idle_o(kept_idle), .req_valid_o(req_valid_o[1]),
    .req_ready_i(req_ready_i[1]), .req_addr_o(req_addr_o[63:32]),
    .req_data_o(req_data_o[Lanes*32 +: Lanes*32]), .req_strb_o(req_strb_o[Lanes*4 +: Lanes*4])
  );

  always_ff @(posedge clk_i) begin
    if (push) queue_q[tail_q] <= {kept_i, valid_i, y_i};
  end

  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) begin
      head_q      <= '0;
      tail_q      <= '0;
      filled_q    <= '0;
      out_q       <= '0;
      beat_q      <= '0;
      y_done_q    <= 1'b0;
      kept_done_q <= 1'b0;
    end else begin
      head_q      <= head_q + DepthBits'(pop);
      tail_q      <= tail_q + DepthBits'(push);
      filled_q    <= filled_q + (DepthBits+1)'(push) - (DepthBits+1)'(pop);
      out_q       <= out_q + (DepthBits+1)'(sent_i) - (DepthBits+1)'(pop);
      beat_q      <= start_i ? '0 : beat_q + 32'(pop);
      y_done_q    <= y_taken && !pop;
      kept_done_q <= kept_taken && !pop;
    end
  end
endmodule
