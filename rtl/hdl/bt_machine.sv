// The machine: runs descriptors, one after another, from memory to memory (docs/rtl.md, "The
// machine"). A doorbell starts a run of them; its end, or the first status that is not 0, raises
// the interrupt. A descriptor is fetched, checked, and given to the sequencer of its command.
module bt_machine #(
  parameter int          Lanes    = 16,        // 4..64, a power of two
  parameter int          Rows     = 16,        // of the array; at most Lanes
  parameter int          Cols     = 16,
  parameter int          AccBits  = 32,
  parameter int          Saturate = 1,
  parameter int          Gated    = 1          // 0: all clocks always run
) (
  input  logic                clk_i,
  input  logic                rst_ni,
  // Control: AXI4-Lite, and the interrupt.
  input  logic                ctl_awvalid_i,
  output logic                ctl_awready_o,
  input  logic [11:0]         ctl_awaddr_i,
  input  logic                ctl_wvalid_i,
  output logic                ctl_wready_o,
  input  logic [31:0]         ctl_wdata_i,
  input  logic [3:0]          ctl_wstrb_i,
  output logic                ctl_bvalid_o,
  input  logic                ctl_bready_i,
  output logic [1:0]          ctl_bresp_o,
  input  logic                ctl_arvalid_i,
  output logic                ctl_arready_o,
  input  logic [11:0]         ctl_araddr_i,
  output logic                ctl_rvalid_o,
  input  logic                ctl_rready_i,
  output logic [31:0]         ctl_rdata_o,
  output logic [1:0]          ctl_rresp_o,
  output logic                interrupt_o,
  // Memory, as a sequencer's port; writes that were taken and have not landed, and an answer that
  // is an error.
  output logic                req_valid_o,
  input  logic                req_ready_i,
  output logic                req_write_o,
  output logic [31:0]         req_addr_o,
  output logic [Lanes*32-1:0] req_data_o,
  output logic [Lanes*4-1:0]  req_strb_o,
  input  logic                rsp_valid_i,
  input  logic [Lanes*32-1:0] rsp_data_i,
  input  logic                pending_i,
  input  logic                error_i
);
  localparam int Counters = 12;
  localparam logic [15:0] Commands = 16'hfffe;  // those that machine_units has
  localparam logic [7:0] ZERO = 8'd3, MISALIGNED = 8'd4, RANGE = 8'd5, MEMORY = 8'd11;

  typedef enum logic [3:0] {IDLE, NEXT, FETCH, CHECK, CHECKING, START, RUN, LAND, END} state_e;
  state_e state_d, state_q;

  // Control.
  logic                   start, busy, ended, load;
  logic [31:0]            address, count, memory, state;
  logic [5:0]             lane;
  logic [Counters*64-1:0] counters;
  logic [Lanes*32-1:0]    states;
  logic [7:0]             status_d, status_q;
  logic [31:0]            number_d, number_q, address_d, address_q;

  assign busy  = state_q != IDLE;
  assign ended = state_q == END;

  machine_control #(
    .Lanes(Lanes), .Rows(Rows), .Cols(Cols), .AccBits(AccBits), .Saturate(Saturate),
    .Counters(Counters), .Commands(Commands)
  ) u_control (
    .clk_i, .rst_ni,
    .awvalid_i(ctl_awvalid_i), .awready_o(ctl_awready_o), .awaddr_i(ctl_awaddr_i),
    .wvalid_i(ctl_wvalid_i), .wready_o(ctl_wready_o), .wdata_i(ctl_wdata_i),
    .wstrb_i(ctl_wstrb_i), .bvalid_o(ctl_bvalid_o), .bready_i(ctl_bready_i),
    .bresp_o(ctl_bresp_o), .arvalid_i(ctl_arvalid_i), .arready_o(ctl_arready_o),
    .araddr_i(ctl_araddr_i), .rvalid_o(ctl_rvalid_o), .rready_i(ctl_rready_i),
    .rdata_o(ctl_rdata_o), .rresp_o(ctl_rresp_o), .interrupt_o,
    .start_o(start), .address_o(address), .count_o(count), .memory_o(memory), .busy_i(busy),
    .ended_i(ended), .status_i(status_q), .number_i(number_q), .counters_i(counters),
    .load_o(load), .lane_o(lane), .state_o(state), .states_i(states)
  );

  // Fetch and check, on a clock of their own.
  logic          front_clk, fetch_busy, fetch_valid, check_busy, check_done;
  logic          fetching, fetch_start, checking, check_start;
  logic [31:0]   fetch_addr;
  logic [7:0]    check_status;
  logic [4095:0] desc;
  assign fetching    = state_q == NEXT || state_q == FETCH;
  assign fetch_start = state_q == NEXT && state_d == FETCH;
  assign check_start = state_q == CHECK;
  assign checking    = state_q == CHECK || state_q == CHECKING;

  clock_gate #(.Gated(Gated)) u_front_clock (
    .clk_i, .enable_i(fetching || checking), .clk_o(front_clk)
  );

  machine_fetch #(.Lanes(Lanes)) u_fetch (
    .clk_i(front_clk), .rst_ni, .start_i(fetch_start),
    .address_i(address_q), .busy_o(fetch_busy), .desc_o(desc), .req_valid_o(fetch_valid),
    .req_ready_i(req_ready_i && fetching), .req_addr_o(fetch_addr),
    .rsp_valid_i(rsp_valid_i && fetching), .rsp_data_i
  );

  descriptor_check #(.Lanes(Lanes), .Commands(Commands)) u_check (
    .clk_i(front_clk), .rst_ni, .start_i(check_start), .desc_i(desc), .memory_i(memory),
    .busy_o(check_busy), .done_o(check_done), .status_o(check_status)
  );
  logic unused_busy;
  assign unused_busy = check_busy;

  // The units.
  logic                running, units_start, units_done, units_valid, units_write;
  logic [31:0]         units_addr, clipped, overflow, flushed;
  logic [7:0]          units_status;
  logic [3:0]          work;
  assign running     = state_q == START || state_q == RUN;
  assign units_start = state_q == START;

  machine_units #(
    .Lanes(Lanes), .Rows(Rows), .Cols(Cols), .AccBits(AccBits), .Saturate(Saturate), .Gated(Gated)
  ) u_units (
    .clk_i, .rst_ni, .command_i(desc[3:0]), .run_i(running), .start_i(units_start),
    .desc_i(desc), .done_o(units_done), .status_o(units_status), .work_o(work),
    .load_i(load), .lane_i(lane), .state_i(state), .states_o(states),
    .clipped_o(clipped), .overflow_o(overflow), .flushed_o(flushed),
    .req_valid_o(units_valid), .req_ready_i, .req_write_o(units_write), .req_addr_o(units_addr),
    .req_data_o, .req_strb_o, .rsp_valid_i, .rsp_data_i
  );

  assign req_valid_o = fetching ? fetch_valid : units_valid;
  assign req_write_o = !fetching && units_write;
  assign req_addr_o  = fetching ? fetch_addr : units_addr;

  // An error of memory ends the run with the command in which it came.
  logic error_d, error_q, landed, bell, misaligned;
  assign misaligned = address_q[$clog2(Lanes*4)-1:0] != '0;
  assign error_d = busy && (error_q || error_i);
  assign landed  = state_q == LAND && !pending_i;
  assign bell    = start && !busy;

  always_comb begin
    state_d   = state_q;
    status_d  = status_q;
    number_d  = number_q;
    address_d = address_q;
    case (state_q)
      IDLE: if (bell) begin
        if (count == '0) state_d = END;
        else state_d = NEXT;
        status_d  = (count == '0) ? ZERO : '0;
        number_d  = '0;
        address_d = address;
      end
      NEXT: begin
        state_d = FETCH;
        if (misaligned)                                    status_d = MISALIGNED;
        else if (33'(address_q) + 33'd512 > 33'(memory))   status_d = RANGE;
        if (status_d != '0) state_d = END;
      end
      FETCH: if (!fetch_busy) begin
        if (error_q) state_d = END;
        else state_d = CHECK;
        if (error_q) status_d = MEMORY;
      end
      CHECK: state_d = CHECKING;
      CHECKING: if (check_done) begin
        status_d = check_status;
        if (check_status == '0) state_d = START;
        else state_d = END;
      end
      START: state_d = RUN;
      RUN: if (units_done) begin
        status_d = units_status;
        state_d  = LAND;
      end
      LAND: if (landed) begin
        if (error_d) status_d = MEMORY;
        state_d = END;
        if (status_d == '0) begin
          number_d  = number_q + 32'd1;
          address_d = address_q + 32'd512;
          if (number_d != count) state_d = NEXT;
        end
      end
      default: state_d = IDLE;
    endcase
  end

  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) begin
      state_q   <= IDLE;
      status_q  <= '0;
      number_q  <= '0;
      address_q <= '0;
      error_q   <= 1'b0;
    end else begin
      state_q   <= state_d;
      status_q  <= status_d;
      number_q  <= number_d;
      address_q <= address_d;
      error_q   <= error_d;
    end
  end

  logic quantized;  // the events are those of this command
  assign quantized = landed && desc[7:0] == 8'd2;

  machine_counters u_counters (
    .clk_i, .rst_ni, .busy_i(busy), .work_i(work),
    .read_i(req_valid_o && req_ready_i && !req_write_o),
    .write_i(req_valid_o && req_ready_i && req_write_o),
    .command_i(landed && status_d == '0), .events_i(quantized),
    .clipped_i(clipped), .overflow_i(overflow), .flushed_i(flushed), .counters_o(counters)
  );
endmodule
