// The command dropout (numerics 5.5): a mask of bytes 0 and 1 to memory.
module dropout_sequencer #(
  parameter int Lanes = 16
) (
  input  logic                clk_i,
  input  logic                rst_ni,
  input  logic                start_i,
  input  logic [4095:0]       desc_i,
  output logic                busy_o,
  output logic                done_o,
  output logic [7:0]          status_o,
  output logic                work_o,
  output logic                req_valid_o,
  input  logic                req_ready_i,
  output logic                req_write_o,
  output logic [31:0]         req_addr_o,
  output logic [Lanes*32-1:0] req_data_o,
  output logic [Lanes*4-1:0]  req_strb_o,
  input  logic                rsp_valid_i,
  input  logic [Lanes*32-1:0] rsp_data_i
);
  typedef enum logic [1:0] {IDLE, RUN, FLUSH, DONE} state_e;
  state_e state_d, state_q;

  logic [7:0]  status_d, status_q, status;
  logic [31:0] threshold, format, elements;
  assign threshold = desc_i[8*32 +: 32];
  assign format    = desc_i[114*32 +: 32];
  assign elements  = desc_i[116*32 +: 32];

  always_comb begin
    status = 8'd0;
    if (desc_i[7:0] != 8'd9)       status = 8'd1;
    else if (threshold > 32'd65536) status = 8'd2;
    else if (elements == '0)        status = 8'd3;
    else if (format[2:0] != 3'd4)   status = 8'd7;
  end

  logic                start, flush, unit_busy, valid, ready, idle;
  logic [31:0]         beat;
  logic [Lanes-1:0]    mask, keep;
  logic [Lanes*32-1:0] data;
  for (genvar l = 0; l < Lanes; l++) begin : gen_byte
    assign data[l*32 +: 32] = 32'(keep[l]);
  end
  assign start = state_q == IDLE && start_i && status == '0;
  assign flush = state_q == FLUSH;

  dropout_unit #(.Lanes(Lanes)) u_unit (
    .clk_i(clk_i), .rst_ni(rst_ni), .start_i(start), .seed_i(desc_i[2*32 +: 64]),
    .epoch_i(desc_i[4*32 +: 64]), .first_i(desc_i[6*32 +: 64]), .threshold_i(threshold[16:0]),
    .elements_i(elements), .busy_o(unit_busy), .work_o(work_o), .valid_o(valid), .ready_i(ready),
    .beat_o(beat), .mask_o(mask), .keep_o(keep)
  );

  stream_writer #(.Lanes(Lanes)) u_writer (
    .clk_i(clk_i), .rst_ni(rst_ni), .base_i(desc_i[112*32 +: 32]), .size_i(2'd0), .valid_i(valid),
    .ready_o(ready), .beat_i(beat), .mask_i(mask), .data_i(data), .flush_i(flush),
    .idle_o(idle), .req_valid_o(req_valid_o), .req_ready_i(req_ready_i), .req_addr_o(req_addr_o),
    .req_data_o(req_data_o), .req_strb_o(req_strb_o)
  );

  assign req_write_o = 1'b1;
  assign busy_o      = state_q != IDLE;
  assign done_o      = state_q == DONE;
  assign status_o    = status_q;
  logic unused_rsp, unused_desc;
  assign unused_rsp  = ^{rsp_valid_i, rsp_data_i};
  assign unused_desc = ^{desc_i, threshold, format};

  always_comb begin
    state_d  = state_q;
    status_d = status_q;
    case (state_q)
      IDLE: begin
        if (start_i) begin
          status_d = status;
          if (status == '0) state_d = RUN;
          else state_d = DONE;
        end
      end
      RUN:     if (!unit_busy) state_d = FLUSH;
      FLUSH:   if (idle) state_d = DONE;
      default: state_d = IDLE;
    endcase
  end

  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) begin
      state_q  <= IDLE;
      status_q <= '0;
    end else begin
      state_q  <= state_d;
      status_q <= status_d;
    end
  end
endmodule
