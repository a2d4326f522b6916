// A word, Depth enabled cycles later; Depth 0 is a wire.
module delay_line #(
  parameter int Depth = 1,
  parameter int Width = 8
) (
  input  logic                    clk_i,
  input  logic                    rst_ni,
  input  logic                    en_i,
  input  logic signed [Width-1:0] data_i,
  output logic signed [Width-1:0] data_o
);
  if (Depth == 0) begin : gen_wire
    logic unused_ctrl;
    assign unused_ctrl = ^{clk_i, rst_ni, en_i};
    assign data_o = data_i;
  end else begin : gen_stages
    logic signed [Width-1:0] stage_q [Depth];

    assign data_o = stage_q[Depth-1];

    always_ff @(posedge clk_i or negedge rst_ni) begin
      if (!rst_ni) begin
        for (int i = 0; i < Depth; i++) stage_q[i] <= '0;
      end else if (en_i) begin
        stage_q[0] <= data_i;
        for (int i = 1; i < Depth; i++) stage_q[i] <= stage_q[i-1];
      end
    end
  end
endmodule
