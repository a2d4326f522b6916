// Several memory ports to one, round robin. Read words come back in the order of their requests,
// and go to who asked. A port that was chosen stays so until its request is taken.
module mem_arbiter #(
  parameter int Clients   = 2,
  parameter int WordBytes = 64,
  parameter int Reads     = 64   // most reads on their way, a power of two
) (
  input  logic                           clk_i,
  input  logic                           rst_ni,
  // Clients.
  input  logic [Clients-1:0]             req_valid_i,
  output logic [Clients-1:0]             req_ready_o,
  input  logic [Clients-1:0]             req_write_i,
  input  logic [Clients*32-1:0]          req_addr_i,
  input  logic [Clients*WordBytes*8-1:0] req_data_i,
  input  logic [Clients*WordBytes-1:0]   req_strb_i,
  output logic [Clients-1:0]             rsp_valid_o,
  output logic [WordBytes*8-1:0]         rsp_data_o,  // to all: who has rsp_valid_o takes it
  // Memory.
  output logic                           req_valid_o,
  input  logic                           req_ready_i,
  output logic                           req_write_o,
  output logic [31:0]                    req_addr_o,
  output logic [WordBytes*8-1:0]         req_data_o,
  output logic [WordBytes-1:0]           req_strb_o,
  input  logic                           rsp_valid_i,
  input  logic [WordBytes*8-1:0]         rsp_data_i
);
  localparam int IdBits    = (Clients > 1) ? $clog2(Clients) : 1;
  localparam int ReadsBits = $clog2(Reads);

  // The choice: the first that asks, from the one after the last that was served.
  logic [IdBits-1:0] last_q, chosen_q, chosen;
  logic              held_q, any;

  always_comb begin
    any    = 1'b0;
    chosen = chosen_q;
    if (held_q) begin
      any = 1'b1;
    end else begin
      for (int i = 0; i < Clients; i++) begin
        if (req_valid_i[i] && (!any || (IdBits'(i) > last_q && chosen <= last_q))) begin
          any    = 1'b1;
          chosen = IdBits'(i);
        end
      end
    end
  end

  // Who asked for the words on their way.
  logic [IdBits-1:0]    ids_q [Reads];
  logic [ReadsBits-1:0] head_q, tail_q;
  logic [ReadsBits:0]   reads_q;
  logic                 room, taken, read;

  assign room        = !reads_q[ReadsBits];
  assign req_write_o = req_write_i[chosen];
  assign req_valid_o = any && (req_write_o || room);
  assign req_addr_o  = req_addr_i[chosen*32 +: 32];
  assign req_data_o  = req_data_i[chosen*WordBytes*8 +: WordBytes*8];
  assign req_strb_o  = req_strb_i[chosen*WordBytes +: WordBytes];
  assign taken       = req_valid_o && req_ready_i;
  assign read        = taken && !req_write_o;
  assign rsp_data_o  = rsp_data_i;

  always_comb begin
    req_ready_o = '0;
    req_ready_o[chosen] = taken;
    rsp_valid_o = '0;
    rsp_valid_o[ids_q[head_q]] = rsp_valid_i;
  end

  always_ff @(posedge clk_i) begin
    if (read) ids_q[tail_q] <= chosen;
  end

  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) begin
      last_q   <= '0;
      chosen_q <= '0;
      held_q   <= 1'b0;
      head_q   <= '0;
      tail_q   <= '0;
      reads_q  <= '0;
    end else begin
      last_q   <= taken ? chosen : last_q;
      chosen_q <= chosen;
      held_q   <= any && !taken;
      head_q   <= head_q + ReadsBits'(rsp_valid_i);
      tail_q   <= tail_q + ReadsBits'(read);
      reads_q  <= reads_q + (ReadsBits+1)'(read) - (ReadsBits+1)'(rsp_valid_i);
    end
  end
endmodule
