// What the machine counts, 64 bits each, since reset: cycles while it is busy, of them those in
// which a unit works, by unit, and those without work; memory's words; the quantizer's events.
module machine_counters (
  input  logic              clk_i,
  input  logic              rst_ni,
  input  logic              busy_i,
  input  logic [3:0]        work_i,      // array, quantizer, vector units, scalar unit
  input  logic              read_i,
  input  logic              write_i,
  input  logic              command_i,   // one has ended well
  input  logic              events_i,    // add the three that follow
  input  logic [31:0]       clipped_i,
  input  logic [31:0]       overflow_i,
  input  logic [31:0]       flushed_i,
  output logic [12*64-1:0]  counters_o
);
  logic [63:0] busy_q, array_q, quantizer_q, vector_q, scalar_q, stall_q, reads_q, writes_q;
  logic [63:0] commands_q, clipped_q, overflow_q, flushed_q;

  assign counters_o = {flushed_q, overflow_q, clipped_q, commands_q, writes_q, reads_q, stall_q,
                       scalar_q, vector_q, quantizer_q, array_q, busy_q};

  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) begin
      busy_q      <= '0;
      array_q     <= '0;
      quantizer_q <= '0;
      vector_q    <= '0;
      scalar_q    <= '0;
      stall_q     <= '0;
      reads_q     <= '0;
      writes_q    <= '0;
      commands_q  <= '0;
      clipped_q   <= '0;
      overflow_q  <= '0;
      flushed_q   <= '0;
    end else if (busy_i) begin
      busy_q      <= busy_q + 64'd1;
      array_q     <= array_q + 64'(work_i[0]);
      quantizer_q <= quantizer_q + 64'(work_i[1]);
      vector_q    <= vector_q + 64'(work_i[2]);
      scalar_q    <= scalar_q + 64'(work_i[3]);
      stall_q     <= stall_q + 64'(work_i == 4'd0);
      reads_q     <= reads_q + 64'(read_i);
      writes_q    <= writes_q + 64'(write_i);
      commands_q  <= commands_q + 64'(command_i);
      if (events_i) begin
        clipped_q  <= clipped_q + 64'(clipped_i);
        overflow_q <= overflow_q + 64'(overflow_i);
        flushed_q  <= flushed_q + 64'(flushed_i);
      end
    end
  end
endmodule
