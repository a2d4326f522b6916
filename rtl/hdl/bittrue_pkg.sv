// Constants that several modules share. The codes of the roundings are those of bt_rounding.
package bittrue_pkg;
  localparam logic [1:0] ROUND_STOCHASTIC   = 2'd0;
  localparam logic [1:0] ROUND_NEAREST_EVEN = 2'd1;
  localparam logic [1:0] ROUND_NEAREST_AWAY = 2'd2;
  localparam logic [1:0] ROUND_FLOOR        = 2'd3;
endpackage
