// The machine's sequencers, one of which works at a time, each on a clock of its own that runs only
// then; and the way of their requests to the one memory port.
module machine_units #(
  parameter int Lanes    = 16,
  parameter int Rows     = 16,  // of the array; at most Lanes
  parameter int Cols     = 16,
  parameter int AccBits  = 32,
  parameter int Saturate = 1,
  parameter int Gated    = 1    // 0: all clocks always run
) (
  input  logic                clk_i,
  input  logic                rst_ni,
  // A command, by its number. Its unit's clock runs in cycles with run_i.
  input  logic [3:0]          command_i,
  input  logic                run_i,
  input  logic                start_i,
  input  logic [4095:0]       desc_i,
  output logic                done_o,
  output logic [7:0]          status_o,
  output logic [3:0]          work_o,      // array, quantizer, vector units, scalar unit
  // The lanes' generators: for a cycle, set one; read all. Events of the last quantization.
  input  logic                load_i,
  input  logic [5:0]          lane_i,
  input  logic [31:0]         state_i,
  output logic [Lanes*32-1:0] states_o,
  output logic [31:0]         clipped_o,
  output logic [31:0]         overflow_o,
  output logic [31:0]         flushed_o,
  // Memory.
  output logic                req_valid_o,
  input  logic                req_ready_i,
  output logic                req_write_o,
  output logic [31:0]         req_addr_o,
  output logic [Lanes*32-1:0] req_data_o,
  output logic [Lanes*4-1:0]  req_strb_o,
  input  logic                rsp_valid_i,
  input  logic [Lanes*32-1:0] rsp_data_i
);
  // Who works: one of these, by the command's number.
  logic is_contract, is_quantize, is_affine, is_reduce, is_pool,
        is_softmax, is_dropout, is_average, is_norm;
  always_comb begin
    is_contract = 1'b0;
    is_quantize = 1'b0;
    is_affine   = 1'b0;
    is_reduce   = 1'b0;
    is_pool     = 1'b0;
    is_softmax  = 1'b0;
    is_dropout  = 1'b0;
    is_average  = 1'b0;
    is_norm     = 1'b0;
    case (command_i)
      4'd1: is_contract = run_i;
      4'd2: is_quantize = run_i;
      4'd3, 4'd4: is_affine = run_i;
      4'd5: is_reduce = run_i;
      4'd6, 4'd7, 4'd11, 4'd12: is_pool = run_i;
      4'd8: is_softmax = run_i;
      4'd9: is_dropout = run_i;
      4'd10: is_average = run_i;
      4'd13, 4'd14, 4'd15: is_norm = run_i;
      default: ;
    endcase
  end

  logic                contract_clk, contract_busy, contract_done, contract_work;
  logic                contract_valid, contract_write;
  logic [31:0]         contract_addr;
  logic [Lanes*32-1:0] contract_data;
  logic [Lanes*4-1:0]  contract_strb;
  logic [7:0]          contract_status;
  clock_gate #(.Gated(Gated)) u_contract_clock (
    .clk_i, .enable_i(is_contract), .clk_o(contract_clk)
  );
  contract_sequencer #(
    .Lanes(Lanes), .Rows(Rows), .Cols(Cols), .AccBits(AccBits), .Saturate(Saturate)
  ) u_contract (
    .clk_i(contract_clk), .rst_ni, .start_i(start_i && is_contract), .desc_i,
    .busy_o(contract_busy), .done_o(contract_done), .status_o(contract_status),
    .work_o(contract_work),
    .req_valid_o(contract_valid), .req_ready_i(req_ready_i && is_contract),
    .req_write_o(contract_write), .req_addr_o(contract_addr),
    .req_data_o(contract_data), .req_strb_o(contract_strb),
    .rsp_valid_i(rsp_valid_i && is_contract), .rsp_data_i
  );

  logic                quantize_clk, quantize_busy, quantize_done, quantize_work;
  logic                quantize_valid, quantize_write;
  logic [31:0]         quantize_addr;
  logic [Lanes*32-1:0] quantize_data;
  logic [Lanes*4-1:0]  quantize_strb;
  logic [7:0]          quantize_status;
  logic [Lanes*32-1:0] states;
  for (genvar l = 0; l < Lanes; l++) begin : gen_lane
    assign states[l*32 +: 32] = (lane_i == 6'(l)) ? state_i : states_o[l*32 +: 32];
  end
  clock_gate #(.Gated(Gated)) u_quantize_clock (
    .clk_i, .enable_i(is_quantize || load_i), .clk_o(quantize_clk)
  );
  quantize_sequencer #(
    .Lanes(Lanes)
  ) u_quantize (
    .clk_i(quantize_clk), .rst_ni, .start_i(start_i && is_quantize), .desc_i,
    .busy_o(quantize_busy), .done_o(quantize_done), .status_o(quantize_status),
    .work_o(quantize_work),
    .load_i, .state_i(states), .state_o(states_o), .clipped_o, .overflow_o, .flushed_o,
    .req_valid_o(quantize_valid), .req_ready_i(req_ready_i && is_quantize),
    .req_write_o(quantize_write), .req_addr_o(quantize_addr),
    .req_data_o(quantize_data), .req_strb_o(quantize_strb),
    .rsp_valid_i(rsp_valid_i && is_quantize), .rsp_data_i
  );

  logic                affine_clk, affine_busy, affine_done, affine_work;
  logic                affine_valid, affine_write;
  logic [31:0]         affine_addr;
  logic [Lanes*32-1:0] affine_data;
  logic [Lanes*4-1:0]  affine_strb;
  logic [7:0]          affine_status;
  clock_gate #(.Gated(Gated)) u_affine_clock (
    .clk_i, .enable_i(is_affine), .clk_o(affine_clk)
  );
  affine_sequencer #(
    .Lanes(Lanes)
  ) u_affine (
    .clk_i(affine_clk), .rst_ni, .start_i(start_i && is_affine), .desc_i,
    .busy_o(affine_busy), .done_o(affine_done), .status_o(affine_status),
    .work_o(affine_work),
    .req_valid_o(affine_valid), .req_ready_i(req_ready_i && is_affine),
    .req_write_o(affine_write), .req_addr_o(affine_addr),
    .req_data_o(affine_data), .req_strb_o(affine_strb),
    .rsp_valid_i(rsp_valid_i && is_affine), .rsp_data_i
  );

  logic                reduce_clk, reduce_busy, reduce_done, reduce_work;
  logic                reduce_valid, reduce_write;
  logic [31:0]         reduce_addr;
  logic [Lanes*32-1:0] reduce_data;
  logic [Lanes*4-1:0]  reduce_strb;
  logic [7:0]          reduce_status;
  clock_gate #(.Gated(Gated)) u_reduce_clock (
    .clk_i, .enable_i(is_reduce), .clk_o(reduce_clk)
  );
  reduce_sequencer #(
    .Lanes(Lanes)
  ) u_reduce (
    .clk_i(reduce_clk), .rst_ni, .start_i(start_i && is_reduce), .desc_i,
    .busy_o(reduce_busy), .done_o(reduce_done), .status_o(reduce_status),
    .work_o(reduce_work),
    .req_valid_o(reduce_valid), .req_ready_i(req_ready_i && is_reduce),
    .req_write_o(reduce_write), .req_addr_o(reduce_addr),
    .req_data_o(reduce_data), .req_strb_o(reduce_strb),
    .rsp_valid_i(rsp_valid_i && is_reduce), .rsp_data_i
  );

  logic                pool_clk, pool_busy, pool_done, pool_work;
  logic                pool_valid, pool_write;
  logic [31:0]         pool_addr;
  logic [Lanes*32-1:0] pool_data;
  logic [Lanes*4-1:0]  pool_strb;
  logic [7:0]          pool_status;
  clock_gate #(.Gated(Gated)) u_pool_clock (
    .clk_i, .enable_i(is_pool), .clk_o(pool_clk)
  );
  pool_sequencer #(
    .Lanes(Lanes)
  ) u_pool (
    .clk_i(pool_clk), .rst_ni, .start_i(start_i && is_pool), .desc_i,
    .busy_o(pool_busy), .done_o(pool_done), .status_o(pool_status),
    .work_o(pool_work),
    .req_valid_o(pool_valid), .req_ready_i(req_ready_i && is_pool),
    .req_write_o(pool_write), .req_addr_o(pool_addr),
    .req_data_o(pool_data), .req_strb_o(pool_strb),
    .rsp_valid_i(rsp_valid_i && is_pool), .rsp_data_i
  );

  logic                softmax_clk, softmax_busy, softmax_done, softmax_work;
  logic                softmax_valid, softmax_write;
  logic [31:0]         softmax_addr;
  logic [Lanes*32-1:0] softmax_data;
  logic [Lanes*4-1:0]  softmax_strb;
  logic [7:0]          softmax_status;
  clock_gate #(.Gated(Gated)) u_softmax_clock (
    .clk_i, .enable_i(is_softmax), .clk_o(softmax_clk)
  );
  softmax_sequencer #(
    .Lanes(Lanes)
  ) u_softmax (
    .clk_i(softmax_clk), .rst_ni, .start_i(start_i && is_softmax), .desc_i,
    .busy_o(softmax_busy), .done_o(softmax_done), .status_o(softmax_status),
    .work_o(softmax_work),
    .req_valid_o(softmax_valid), .req_ready_i(req_ready_i && is_softmax),
    .req_write_o(softmax_write), .req_addr_o(softmax_addr),
    .req_data_o(softmax_data), .req_strb_o(softmax_strb),
    .rsp_valid_i(rsp_valid_i && is_softmax), .rsp_data_i
  );

  logic                dropout_clk, dropout_busy, dropout_done, dropout_work;
  logic                dropout_valid, dropout_write;
  logic [31:0]         dropout_addr;
  logic [Lanes*32-1:0] dropout_data;
  logic [Lanes*4-1:0]  dropout_strb;
  logic [7:0]          dropout_status;
  clock_gate #(.Gated(Gated)) u_dropout_clock (
    .clk_i, .enable_i(is_dropout), .clk_o(dropout_clk)
  );
  dropout_sequencer #(
    .Lanes(Lanes)
  ) u_dropout (
    .clk_i(dropout_clk), .rst_ni, .start_i(start_i && is_dropout), .desc_i,
    .busy_o(dropout_busy), .done_o(dropout_done), .status_o(dropout_status),
    .work_o(dropout_work),
    .req_valid_o(dropout_valid), .req_ready_i(req_ready_i && is_dropout),
    .req_write_o(dropout_write), .req_addr_o(dropout_addr),
    .req_data_o(dropout_data), .req_strb_o(dropout_strb),
    .rsp_valid_i(rsp_valid_i && is_dropout), .rsp_data_i
  );

  logic                average_clk, average_busy, average_done, average_work;
  logic                average_valid, average_write;
  logic [31:0]         average_addr;
  logic [Lanes*32-1:0] average_data;
  logic [Lanes*4-1:0]  average_strb;
  logic [7:0]          average_status;
  clock_gate #(.Gated(Gated)) u_average_clock (
    .clk_i, .enable_i(is_average), .clk_o(average_clk)
  );
  average_sequencer #(
    .Lanes(Lanes)
  ) u_average (
    .clk_i(average_clk), .rst_ni, .start_i(start_i && is_average), .desc_i,
    .busy_o(average_busy), .done_o(average_done), .status_o(average_status),
    .work_o(average_work),
    .req_valid_o(average_valid), .req_ready_i(req_ready_i && is_average),
    .req_write_o(average_write), .req_addr_o(average_addr),
    .req_data_o(average_data), .req_strb_o(average_strb),
    .rsp_valid_i(rsp_valid_i && is_average), .rsp_data_i
  );

  logic                norm_clk, norm_busy, norm_done, norm_work;
  logic                norm_valid, norm_write;
  logic [31:0]         norm_addr;
  logic [Lanes*32-1:0] norm_data;
  logic [Lanes*4-1:0]  norm_strb;
  logic [7:0]          norm_status;
  clock_gate #(.Gated(Gated)) u_norm_clock (
    .clk_i, .enable_i(is_norm), .clk_o(norm_clk)
  );
  norm_sequencer #(
    .Lanes(Lanes)
  ) u_norm (
    .clk_i(norm_clk), .rst_ni, .start_i(start_i && is_norm), .desc_i,
    .busy_o(norm_busy), .done_o(norm_done), .status_o(norm_status),
    .work_o(norm_work),
    .req_valid_o(norm_valid), .req_ready_i(req_ready_i && is_norm),
    .req_write_o(norm_write), .req_addr_o(norm_addr),
    .req_data_o(norm_data), .req_strb_o(norm_strb),
    .rsp_valid_i(rsp_valid_i && is_norm), .rsp_data_i
  );

  logic unused_busy;
  assign unused_busy = ^{contract_busy, quantize_busy, affine_busy, reduce_busy,
                         pool_busy, softmax_busy, dropout_busy, average_busy, norm_busy};

  // A command that is not there is never started.
  always_comb begin
    req_valid_o = 1'b0;
    req_write_o = 1'b0;
    req_addr_o  = '0;
    req_data_o  = '0;
    req_strb_o  = '0;
    done_o      = 1'b0;
    status_o    = '0;
    work_o      = '0;
    if (is_contract) begin
      {req_valid_o, req_write_o, req_addr_o} = {contract_valid, contract_write, contract_addr};
      req_data_o = contract_data;
      req_strb_o = contract_strb;
      {done_o, status_o, work_o[0]} = {contract_done, contract_status, contract_work};
    end else if (is_quantize) begin
      {req_valid_o, req_write_o, req_addr_o} = {quantize_valid, quantize_write, quantize_addr};
      req_data_o = quantize_data;
      req_strb_o = quantize_strb;
      {done_o, status_o, work_o[1]} = {quantize_done, quantize_status, quantize_work};
    end else if (is_affine) begin
      {req_valid_o, req_write_o, req_addr_o} = {affine_valid, affine_write, affine_addr};
      req_data_o = affine_data;
      req_strb_o = affine_strb;
      {done_o, status_o, work_o[2]} = {affine_done, affine_status, affine_work};
    end else if (is_reduce) begin
      {req_valid_o, req_write_o, req_addr_o} = {reduce_valid, reduce_write, reduce_addr};
      req_data_o = reduce_data;
      req_strb_o = reduce_strb;
      {done_o, status_o, work_o[2]} = {reduce_done, reduce_status, reduce_work};
    end else if (is_pool) begin
      {req_valid_o, req_write_o, req_addr_o} = {pool_valid, pool_write, pool_addr};
      req_data_o = pool_data;
      req_strb_o = pool_strb;
      {done_o, status_o, work_o[2]} = {pool_done, pool_status, pool_work};
    end else if (is_softmax) begin
      {req_valid_o, req_write_o, req_addr_o} = {softmax_valid, softmax_write, softmax_addr};
      req_data_o = softmax_data;
      req_strb_o = softmax_strb;
      {done_o, status_o, work_o[3]} = {softmax_done, softmax_status, softmax_work};
    end else if (is_dropout) begin
      {req_valid_o, req_write_o, req_addr_o} = {dropout_valid, dropout_write, dropout_addr};
      req_data_o = dropout_data;
      req_strb_o = dropout_strb;
      {done_o, status_o, work_o[2]} = {dropout_done, dropout_status, dropout_work};
    end else if (is_average) begin
      {req_valid_o, req_write_o, req_addr_o} = {average_valid, average_write, average_addr};
      req_data_o = average_data;
      req_strb_o = average_strb;
      {done_o, status_o, work_o[2]} = {average_done, average_status, average_work};
    end else if (is_norm) begin
      {req_valid_o, req_write_o, req_addr_o} = {norm_valid, norm_write, norm_addr};
      req_data_o = norm_data;
      req_strb_o = norm_strb;
      {done_o, status_o, work_o[3]} = {norm_done, norm_status, norm_work};
    end
  end
endmodule
