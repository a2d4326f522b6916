// The bands of a tensor, one after another: runs of `length` successive elements, the last one as
// long as the tensor is. Which beats of Lanes elements a band has, and which lanes of the first
// and the last are its own.
module band_walker #(
  parameter int Lanes    = 16,
  parameter int LaneBits = $clog2(Lanes)
) (
  input  logic                clk_i,
  input  logic                rst_ni,
  input  logic                start_i,       // to the first band
  input  logic [31:0]         elements_i,    // at least 1; with start_i
  input  logic [31:0]         length_i,      // of a band, 1..elements; with start_i
  input  logic                next_i,        // to the next band; not of the last one
  output logic [31:0]         first_beat_o,
  output logic [31:0]         last_beat_o,
  output logic [LaneBits-1:0] first_lane_o,  // in the first beat
  output logic [LaneBits-1:0] last_lane_o,   // in the last beat
  output logic [31:0]         end_beat_o,    // the beat of the first element behind the band
  output logic                last_o         // the tensor's last band
);
  logic [31:0] begin_q, end_q, elements_q, length_q, last_element, left;

  assign last_element = end_q - 32'd1;
  assign left         = elements_q - end_q;
  assign first_beat_o = begin_q >> LaneBits;
  assign last_beat_o  = last_element >> LaneBits;
  assign end_beat_o   = end_q >> LaneBits;
  assign first_lane_o = begin_q[LaneBits-1:0];
  assign last_lane_o  = last_element[LaneBits-1:0];
  assign last_o       = left == '0;

  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) begin
      begin_q    <= '0;
      end_q      <= 32'd1;
      elements_q <= 32'd1;
      length_q   <= 32'd1;
    end else if (start_i) begin
      begin_q    <= '0;
      end_q      <= length_i;
      elements_q <= elements_i;
      length_q   <= length_i;
    end else if (next_i) begin
      begin_q <= end_q;
      end_q   <= (left < length_q) ? elements_q : end_q + length_q;
    end
  end
endmodule
