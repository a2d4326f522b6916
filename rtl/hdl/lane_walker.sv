// Quotient and remainder, by a modulus, of the number of the element in each lane, beat by beat:
// element = beat * Lanes + lane, from beat 0 on. Lanes + 1 cycles set it up.
module lane_walker #(
  parameter int Lanes = 16
) (
  input  logic                clk_i,
  input  logic                rst_ni,
  input  logic                start_i,    // also in the midst of a walk
  input  logic [31:0]         modulus_i,  // at least 1; taken with start_i
  output logic                ready_o,    // set up, and the outputs stand
  input  logic                next_i,     // to the next beat; while ready_o
  output logic [Lanes*32-1:0] quotient_o,
  output logic [Lanes*32-1:0] remainder_o
);
  localparam int CountBits = $clog2(Lanes + 2);

  // Quotient and remainder of 0, 1, .. Lanes come one a cycle and pass through the lanes from the
  // last one down: lane 0's ends in lane 0. What is left is Lanes' own, the step to the next beat.
  logic [CountBits-1:0] count_q;
  logic [31:0]          modulus_q, quotient_q, remainder_q;
  logic [Lanes*32-1:0]  quotients_q, remainders_q;
  logic                 setting, wrap;

  assign setting     = count_q != '0;
  assign ready_o     = !setting;
  assign wrap        = remainder_q + 32'd1 == modulus_q;
  assign quotient_o  = quotients_q;
  assign remainder_o = remainders_q;

  logic [Lanes*32-1:0] quotients_d, remainders_d;
  always_comb begin
    quotients_d  = quotients_q;
    remainders_d = remainders_q;
    if (setting) begin
      if (count_q != CountBits'(1)) begin
        quotients_d  = quotients_q >> 32;
        remainders_d = remainders_q >> 32;
        quotients_d[(Lanes-1)*32 +: 32]  = quotient_q;
        remainders_d[(Lanes-1)*32 +: 32] = remainder_q;
      end
    end else if (next_i) begin
      for (int l = 0; l < Lanes; l++) begin
        if (remainders_q[l*32 +: 32] >= modulus_q - remainder_q) begin
          quotients_d[l*32 +: 32]  = quotients_q[l*32 +: 32] + quotient_q + 32'd1;
          remainders_d[l*32 +: 32] = remainders_q[l*32 +: 32] + remainder_q - modulus_q;
        end else begin
          quotients_d[l*32 +: 32]  = quotients_q[l*32 +: 32] + quotient_q;
          remainders_d[l*32 +: 32] = remainders_q[l*32 +: 32] + remainder_q;
        end
      end
    end
  end

  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) begin
      count_q      <= '0;
      modulus_q    <= 32'd1;
      quotient_q   <= '0;
      remainder_q  <= '0;
      quotients_q  <= '0;
      remainders_q <= '0;
    end else begin
      quotients_q  <= quotients_d;
      remainders_q <= remainders_d;
      if (start_i) begin
        count_q     <= CountBits'(Lanes + 1);
        modulus_q   <= modulus_i;
        quotient_q  <= '0;
        remainder_q <= '0;
      end else if (setting) begin
        count_q <= count_q - CountBits'(1);
        if (count_q != CountBits'(1)) begin
          quotient_q  <= quotient_q + 32'(wrap);
          remainder_q <= wrap ? '0 : remainder_q + 32'd1;
        end
      end
    end
  end
endmodule
