// The machine's registers (docs/rtl.md, "Registers") behind AXI4-Lite: doorbell, status and
// interrupt, counters, and the states of the lanes' generators.
module machine_control #(
  parameter int Lanes    = 16,
  parameter int Rows     = 16,
  parameter int Cols     = 16,
  parameter int AccBits  = 32,
  parameter int Saturate = 1,
  parameter int Counters = 12,
  parameter logic [15:0] Commands = 16'hfffe
) (
  input  logic                   clk_i,
  input  logic                   rst_ni,
  // AXI4-Lite.
  input  logic                   awvalid_i,
  output logic                   awready_o,
  input  logic [11:0]            awaddr_i,
  input  logic                   wvalid_i,
  output logic                   wready_o,
  input  logic [31:0]            wdata_i,
  input  logic [3:0]             wstrb_i,
  output logic                   bvalid_o,
  input  logic                   bready_i,
  output logic [1:0]             bresp_o,
  input  logic                   arvalid_i,
  output logic                   arready_o,
  input  logic [11:0]            araddr_i,
  output logic                   rvalid_o,
  input  logic                   rready_i,
  output logic [31:0]            rdata_o,
  output logic [1:0]             rresp_o,
  output logic                   interrupt_o,
  // To the machine.
  output logic                   start_o,    // for a cycle: run `count` descriptors from `address`
  output logic [31:0]            address_o,
  output logic [31:0]            count_o,
  output logic [31:0]            memory_o,   // bytes, a multiple of the word
  input  logic                   busy_i,
  input  logic                   ended_i,    // for a cycle: with the two that follow
  input  logic [7:0]             status_i,
  input  logic [31:0]            number_i,
  input  logic [Counters*64-1:0] counters_i,
  // The generators: for a cycle, set one lane.
  output logic                   load_o,
  output logic [5:0]             lane_o,
  output logic [31:0]            state_o,
  input  logic [Lanes*32-1:0]    states_i
);
  localparam int WordBits = $clog2(Lanes * 4);

  // Places, in words.
  localparam logic [9:0] SIZES = 10'd0, ENABLE = 10'd1, STATUS = 10'd2, NUMBER = 10'd3,
                         ADDRESS = 10'd4, COUNT = 10'd5, MEMORY = 10'd6, ARRAY = 10'd7,
                         COMMANDS = 10'd8, FIRST_COUNTER = 10'd16, FIRST_LANE = 10'd64;

  logic        write, write_bad, read_bad;
  logic [9:0]  write_place, read_place, write_lane, read_lane, read_counter;
  logic [31:0] write_data, read_data;

  axi_lite_slave #(.AddrBits(12)) u_bus (
    .clk_i, .rst_ni,
    .awvalid_i, .awready_o, .awaddr_i, .wvalid_i, .wready_o, .wdata_i, .wstrb_i,
    .bvalid_o, .bready_i, .bresp_o,
    .arvalid_i, .arready_o, .araddr_i, .rvalid_o, .rready_i, .rdata_o, .rresp_o,
    .write_o(write), .write_place_o(write_place), .write_data_o(write_data),
    .write_bad_i(write_bad),
    .read_place_o(read_place), .read_data_i(read_data), .read_bad_i(read_bad)
  );

  logic        enable_q, done_q, start_q, load_q;
  logic [7:0]  status_q;
  logic [31:0] number_q, address_q, count_q, memory_q, state_q;
  logic [5:0]  lane_q;
  logic        busy;

  assign busy       = busy_i || start_q;
  assign write_lane = write_place - FIRST_LANE;
  assign read_lane  = read_place - FIRST_LANE;

  // What the machine works with cannot be written meanwhile.
  always_comb begin
    case (write_place)
      ENABLE, STATUS:         write_bad = 1'b0;
      ADDRESS, COUNT, MEMORY: write_bad = busy;
      default:                write_bad = busy || write_lane >= 10'(Lanes);
    endcase
  end

  assign read_counter = read_place - FIRST_COUNTER;

  always_comb begin
    read_bad  = 1'b0;
    read_data = '0;
    case (read_place)
      SIZES:   read_data = {8'd1, 8'(Cols), 8'(Rows), 8'(Lanes)};
      ENABLE:  read_data = 32'(enable_q);
      STATUS:  read_data = {16'd0, status_q, 6'd0, done_q, busy};
      NUMBER:  read_data = number_q;
      ADDRESS: read_data = address_q;
      COUNT:   read_data = count_q;
      MEMORY:  read_data = memory_q;
      ARRAY:   read_data = {23'd0, Saturate != 0, 8'(AccBits)};
      COMMANDS: read_data = 32'(Commands);
      default: begin
        if (read_counter < 10'(2 * Counters)) begin
          for (int i = 0; i < 2 * Counters; i++) begin
            if (read_counter == 10'(i)) read_data = counters_i[i*32 +: 32];
          end
        end else begin
          read_bad = read_lane >= 10'(Lanes);
          for (int l = 0; l < Lanes; l++) begin
            if (read_lane == 10'(l)) read_data = states_i[l*32 +: 32];
          end
        end
      end
    endcase
  end

  assign interrupt_o = done_q && enable_q;
  assign start_o     = start_q;
  assign address_o   = address_q;
  assign count_o     = count_q;
  assign memory_o    = memory_q;
  assign load_o      = load_q;
  assign lane_o      = lane_q;
  assign state_o     = state_q;

  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) begin
      enable_q  <= 1'b0;
      done_q    <= 1'b0;
      start_q   <= 1'b0;
      load_q    <= 1'b0;
      status_q  <= '0;
      number_q  <= '0;
      address_q <= '0;
      count_q   <= '0;
      memory_q  <= '0;
      lane_q    <= '0;
      state_q   <= '0;
    end else begin
      start_q <= write && write_place == COUNT;
      load_q  <= write && write_lane < 10'(Lanes);
      if (write) begin
        case (write_place)
          ENABLE:  enable_q <= write_data[0];
          STATUS:  done_q <= done_q && !write_data[1];
          ADDRESS: address_q <= write_data;
          COUNT:   count_q <= write_data;
          MEMORY:  memory_q <= {write_data[31:WordBits], WordBits'(0)};
          default: begin
            lane_q  <= write_lane[5:0];
            state_q <= write_data;
          end
        endcase
      end
      if (ended_i) begin
        done_q   <= 1'b1;
        status_q <= status_i;
        number_q <= number_i;
      end
    end
  end
endmodule
