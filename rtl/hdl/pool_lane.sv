// One lane of pooling (numerics 13, 13.1): forward the places of a window one after another,
// backward one place of the larger side.
module pool_lane (
  input  logic               clk_i,
  input  logic               take_i,   // the place counts
  input  logic               back_i,   // else forward
  input  logic               sums_i,   // forward the sum, backward to all places; else the largest
  input  logic               first_i,  // of a window
  input  logic signed [15:0] value_i,
  input  logic [7:0]         index_i,  // backward: of the window
  input  logic [7:0]         place_i,  // in the window
  input  logic               inside_i, // backward: in a window
  output logic signed [31:0] value_o,  // with this place
  output logic [7:0]         index_o
);
  logic signed [31:0] value_q, value;
  logic [7:0]         index_q;
  logic               better;

  assign value  = 32'(value_i);
  assign better = first_i || value > value_q;

  always_comb begin
    index_o = better ? place_i : index_q;
    if (back_i)      value_o = (inside_i && (sums_i || index_i == place_i)) ? value : '0;
    else if (sums_i) value_o = (first_i ? '0 : value_q) + value;
    else             value_o = better ? value : value_q;
  end

  always_ff @(posedge clk_i) begin
    if (take_i && !back_i) begin
      value_q <= value_o;
      index_q <= index_o;
    end
  end
endmodule
