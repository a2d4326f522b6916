// 2^(f / 2^16) in units of 2^-30 (numerics 12.2): one fraction a cycle, its power 16 cycles
// later. Stage b multiplies by C[b], the 2^-b'th power of two, where bit 16 - b of f is set.
module scalar_exp2 (
  input  logic        clk_i,
  input  logic        rst_ni,
  input  logic        valid_i,
  input  logic [15:0] fraction_i,
  output logic        valid_o,
  output logic [30:0] power_o      // in [2^30, 2^31)
);
  localparam int Stages = 16;

  function automatic logic [30:0] root_of_two(input int b);
    case (b)
      1:       root_of_two = 31'd1518500250;
      2:       root_of_two = 31'd1276901417;
      3:       root_of_two = 31'd1170923762;
      4:       root_of_two = 31'd1121280436;
      5:       root_of_two = 31'd1097253708;
      6:       root_of_two = 31'd1085434106;
      7:       root_of_two = 31'd1079572136;
      8:       root_of_two = 31'd1076653033;
      9:       root_of_two = 31'd1075196443;
      10:      root_of_two = 31'd1074468888;
      11:      root_of_two = 31'd1074105294;
      12:      root_of_two = 31'd1073923544;
      13:      root_of_two = 31'd1073832680;
      14:      root_of_two = 31'd1073787251;
      15:      root_of_two = 31'd1073764537;
      default: root_of_two = 31'd1073753181;
    endcase
  endfunction

  // Slice b stands before stage b + 1, whose bit of f is the slice's top one.
  logic [Stages:0]           valid;
  logic [(Stages+1)*16-1:0]  bits;
  logic [(Stages+1)*31-1:0]  power;

  assign valid[0]    = valid_i;
  assign bits[15:0]  = fraction_i;
  assign power[30:0] = 31'h4000_0000;

  for (genvar b = 0; b < Stages; b++) begin : gen_stage
    logic        valid_q;
    logic [15:0] now, bits_q;
    logic [30:0] factor, power_d, power_q;

    assign now     = bits[b*16 +: 16];
    assign factor  = power[b*31 +: 31];
    assign power_d = now[15] ? 31'((62'(factor) * 62'(root_of_two(b + 1))) >> 30) : factor;

    always_ff @(posedge clk_i or negedge rst_ni) begin
      if (!rst_ni) begin
        valid_q <= 1'b0;
        bits_q  <= '0;
        power_q <= '0;
      end else begin
        valid_q <= valid[b];
        bits_q  <= {now[14:0], 1'b0};
        power_q <= power_d;
      end
    end

    assign valid[b+1]            = valid_q;
    assign bits[(b+1)*16 +: 16]  = bits_q;
    assign power[(b+1)*31 +: 31] = power_q;
  end

  assign valid_o = valid[Stages];
  assign power_o = power[Stages*31 +: 31];

  logic unused_bits;
  assign unused_bits = ^bits[Stages*16 +: 16];
endmodule
