// floor of the square root of 64 bits that arrive from the top, one in each cycle with run_i,
// the first in the cycle of start_i. Every second of them yields a bit of the root.
module scalar_root (
  input  logic        clk_i,
  input  logic        rst_ni,
  input  logic        start_i,  // with run_i
  input  logic        run_i,
  input  logic        bit_i,
  output logic [31:0] root_o    // whole after 64 cycles
);
  logic        second_d, second_q, first_d, first_q;
  logic [31:0] root_d, root_q;
  logic [32:0] rest_d, rest_q;  // of what has come; at most twice the root
  logic [34:0] partial, trial, less;

  assign partial = {rest_q, first_q, bit_i};
  assign trial   = {1'b0, root_q, 2'b01};
  assign less    = partial - trial;
  assign root_o  = root_q;

  always_comb begin
    second_d = second_q;
    first_d  = first_q;
    root_d   = root_q;
    rest_d   = rest_q;
    if (start_i) begin
      second_d = 1'b1;
      first_d  = bit_i;
      root_d   = '0;
      rest_d   = '0;
    end else if (run_i) begin
      second_d = !second_q;
      first_d  = bit_i;
      if (second_q) begin
        root_d = {root_q[30:0], partial >= trial};
        rest_d = (partial >= trial) ? less[32:0] : partial[32:0];
      end
    end
  end

  logic unused_top;
  assign unused_top = ^less[34:33];

  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) begin
      second_q <= 1'b0;
      first_q  <= 1'b0;
      root_q   <= '0;
      rest_q   <= '0;
    end else begin
      second_q <= second_d;
      first_q  <= first_d;
      root_q   <= root_d;
      rest_q   <= rest_d;
    end
  end
endmodule
