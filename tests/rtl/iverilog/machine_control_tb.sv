// machine_control behind its bus, and clock_gate: registers, the doorbell, the interrupt, what is
// refused, loads of lanes; a gated clock that gives whole pulses, only when it was enabled.
`timescale 1ns/1ps
module machine_control_tb;
  logic clk = 1'b0, rst_n = 1'b0;
  always #5 clk = !clk;

  logic        awvalid = 0, wvalid = 0, arvalid = 0, awready, wready, arready, bvalid, rvalid;
  logic        bready = 0, rready = 0;
  logic [11:0] awaddr = 0, araddr = 0;
  logic [31:0] wdata = 0, rdata;
  logic [3:0]  wstrb = 4'hf;
  logic [1:0]  bresp, rresp;
  logic        irq, start, busy = 0, ended = 0, load;
  logic [31:0] address, count, memory, state;
  logic [5:0]  lane;
  logic [127:0] states = {32'h44, 32'h33, 32'h22, 32'h11};

  machine_control #(.Lanes(4), .Rows(3), .Cols(2), .AccBits(16), .Saturate(0), .Counters(2),
                    .Commands(16'h1234)) dut (
    .clk_i(clk), .rst_ni(rst_n), .awvalid_i(awvalid), .awready_o(awready), .awaddr_i(awaddr),
    .wvalid_i(wvalid), .wready_o(wready), .wdata_i(wdata), .wstrb_i(wstrb), .bvalid_o(bvalid),
    .bready_i(bready), .bresp_o(bresp), .arvalid_i(arvalid), .arready_o(arready),
    .araddr_i(araddr), .rvalid_o(rvalid), .rready_i(rready), .rdata_o(rdata), .rresp_o(rresp),
    .interrupt_o(irq), .start_o(start), .address_o(address), .count_o(count), .memory_o(memory),
    .busy_i(busy), .ended_i(ended), .status_i(8'h7), .number_i(32'd5),
    .counters_i({64'h8877665544332211, 64'hffeeddccbbaa9988}),
    .load_o(load), .lane_o(lane), .state_o(state), .states_i(states)
  );

  int failures = 0, starts = 0, loads = 0;
  task check(input logic good, input [255:0] what);
    if (!good) begin
      failures = failures + 1;
      $display("%0t: %0s", $time, what);
    end
  endtask

  always @(posedge clk) begin
    if (start) starts <= starts + 1;
    if (load) begin
      loads <= loads + 1;
      check(lane == 6'd2 && state == 32'h1234, "load");
    end
  end

  // Address before data, or the other way around; an answer that waits.
  task write(input [11:0] at, input [31:0] value, input [1:0] wanted, input int order);
    @(negedge clk);
    awaddr = at;
    wdata  = value;
    awvalid = order != 1;
    wvalid  = order != 2;
    @(negedge clk);
    if (order != 0) check(!bvalid, "answered half a write");
    awvalid = 1;
    wvalid  = 1;
    if (order != 0) @(negedge clk);
    awvalid = 0;
    wvalid  = 0;
    check(bvalid && bresp == wanted, "answer of a write");
    @(negedge clk);
    check(bvalid && bresp == wanted, "an answer that did not stand");
    bready = 1;
    @(negedge clk);
    bready = 0;
    check(!bvalid, "an answer twice");
  endtask

  task read(input [11:0] at, input [31:0] wanted, input [1:0] response);
    @(negedge clk);
    araddr  = at;
    arvalid = 1;
    @(negedge clk);
    arvalid = 0;
    check(rvalid && rdata == wanted && rresp == response, "answer of a read");
    rready = 1;
    @(negedge clk);
    rready = 0;
    check(!rvalid, "an answer twice");
  endtask

  // A gate whose enable comes from a register of the rising edge.
  logic enable = 1'b0, gated;
  clock_gate gate (.clk_i(clk), .enable_i(enable), .clk_o(gated));
  int pulses = 0, wanted_pulses = 0;
  realtime rose;
  always @(posedge clk) begin
    if (enable) wanted_pulses <= wanted_pulses + 1;
    enable <= #1 $random;
  end
  always @(posedge gated) begin
    pulses <= pulses + 1;
    rose = $realtime;
  end
  always @(negedge gated) if (rst_n) check($realtime - rose > 4.9, "a short pulse");

  initial begin
    #12 rst_n = 1'b1;
    read(12'h000, {8'd1, 8'd2, 8'd3, 8'd4}, 0);
    read(12'h01c, 32'h10, 0);
    read(12'h020, 32'h1234, 0);
    read(12'h040, 32'hbbaa9988, 0);
    read(12'h044, 32'hffeeddcc, 0);
    read(12'h04c, 32'h88776655, 0);
    read(12'h050, 0, 2);
    read(12'h024, 0, 2);
    read(12'h002, 0, 2);
    read(12'h108, 32'h33, 0);
    read(12'h110, 0, 2);
    write(12'h010, 32'hcafe0040, 0, 1);
    read(12'h010, 32'hcafe0040, 0);
    write(12'h018, 32'h1237, 0, 2);
    read(12'h018, 32'h1230, 0);
    write(12'h108, 32'h1234, 0, 0);
    check(loads == 1, "one load");
    write(12'h110, 32'h1, 2, 0);
    write(12'h000, 32'h1, 2, 0);
    wstrb = 4'h7;
    write(12'h010, 32'h0, 2, 0);
    wstrb = 4'hf;
    read(12'h010, 32'hcafe0040, 0);
    check(starts == 0, "a start of nothing");
    write(12'h014, 32'd3, 0, 0);
    check(starts == 1 && count == 32'd3 && address == 32'hcafe0040, "the doorbell");
    busy = 1;
    write(12'h014, 32'd4, 2, 0);
    write(12'h010, 32'd4, 2, 0);
    write(12'h100, 32'd4, 2, 0);
    write(12'h004, 32'd1, 0, 0);
    read(12'h008, 32'h1, 0);
    check(starts == 1 && loads == 1 && !irq, "refused while busy");
    @(negedge clk) ended = 1;
    @(negedge clk) ended = 0;
    busy = 0;
    check(irq, "the interrupt");
    read(12'h008, 32'h702, 0);
    read(12'h00c, 32'd5, 0);
    write(12'h008, 32'h1, 0, 0);
    check(irq, "acknowledged by another bit");
    write(12'h008, 32'h2, 0, 0);
    check(!irq, "acknowledged");
    read(12'h008, 32'h700, 0);
    check(pulses > 50 && pulses <= wanted_pulses + 1 && pulses >= wanted_pulses - 1, "pulses");
    if (failures == 0) $display("BENCH PASSED");
    else $display("BENCH FAILED: %0d", failures);
    $finish;
  end
endmodule
