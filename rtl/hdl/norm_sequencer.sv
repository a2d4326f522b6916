// Batch norm's norm, norm_back and statistics (numerics 19, 19.1) from memory to memory, with a
// scalar unit of its own: channel after channel, the next one's operands read ahead and the last
// one's results written beside. work_o counts 143 cycles a channel forward, 134 from statistics,
// 254 backward, 139 for statistics (docs/cost.md 4.1).
module norm_sequencer #(
  parameter int Lanes = 16  // at least 4
) (
  input  logic                clk_i,
  input  logic                rst_ni,
  input  logic                start_i,
  input  logic [4095:0]       desc_i,
  output logic                busy_o,
  output logic                done_o,
  output logic [7:0]          status_o,
  output logic                work_o,
  output logic                req_valid_o,
  input  logic                req_ready_i,
  output logic                req_write_o,
  output logic [31:0]         req_addr_o,
  output logic [Lanes*32-1:0] req_data_o,
  output logic [Lanes*4-1:0]  req_strb_o,
  input  logic                rsp_valid_i,
  input  logic [Lanes*32-1:0] rsp_data_i
);
  localparam int Word = Lanes * 4;  // bytes
  localparam logic [7:0] SUM_RANGE = 8'd9;

  logic [7:0]  bad;
  logic        back, statistics, recorded;
  logic [31:0] channels;

  norm_check u_check (
    .desc_i, .status_o(bad), .back_o(back), .statistics_o(statistics), .recorded_o(recorded),
    .channels_o(channels)
  );

  localparam logic [3:0] IDLE = 4'd0, CHECK = 4'd1, HEAD = 4'd2, SQUARE = 4'd3, SQUARED = 4'd4;
  localparam logic [3:0] SCAN = 4'd5, SCANNED = 4'd6, FETCH = 4'd7, TAKE = 4'd8, START = 4'd9;
  localparam logic [3:0] RUN = 4'd10, KEEP = 4'd11, HEADER = 4'd12, STORE = 4'd13, DRAIN = 4'd14;
  localparam logic [3:0] DONE = 4'd15;
  logic [3:0] state_d, state_q;

  logic        head_busy, fetch_busy, store_busy, squared, channel_done, overflow;
  logic        s2_seen, finished, keep, last;
  logic        nonzero_d, nonzero_q;  // some S2 is not 0
  logic [7:0]  status_d, status_q;
  logic [31:0] fetch_d, fetch_q;      // the channel that is read
  logic [31:0] channel_d, channel_q;  // the channel at work
  logic [63:0] rows, recorded_rows;

  assign busy_o   = state_q != IDLE;
  assign done_o   = state_q == DONE;
  assign status_o = status_q;
  assign finished = state_q == KEEP || (state_q == RUN && channel_done);
  assign keep     = finished && !store_busy;
  assign last     = channel_q == channels - 32'd1;
  assign work_o   = state_q == START || (state_q == RUN && !channel_done);

  always_comb begin
    state_d   = state_q;
    status_d  = status_q;
    nonzero_d = nonzero_q;
    fetch_d   = fetch_q;
    channel_d = channel_q;
    case (state_q)
      IDLE: if (start_i) state_d = CHECK;
      CHECK: begin
        status_d  = bad;
        state_d   = (bad == '0) ? HEAD : DONE;
        fetch_d   = '0;
        nonzero_d = 1'b0;
      end
      HEAD: begin
        if (!head_busy) begin
          state_d = statistics ? SCAN : recorded ? FETCH : SQUARE;
          if (recorded && recorded_rows == '0) begin
            status_d = SUM_RANGE;
            state_d  = DONE;
          end
        end
      end
      SQUARE: state_d = SQUARED;
      SQUARED: if (squared) state_d = FETCH;
      // Sums of x * x that are all 0 change no sum, nor its exponent.
      SCAN: state_d = SCANNED;
      SCANNED: begin
        if (!fetch_busy) begin
          nonzero_d = s2_seen;
          fetch_d   = fetch_q + 32'd1;
          state_d   = SCAN;
          if (s2_seen || fetch_q == channels - 32'd1) begin
            fetch_d = '0;
            state_d = FETCH;
          end
        end
      end
      FETCH: state_d = TAKE;
      TAKE: begin
        if (!fetch_busy) begin
          state_d   = START;
          channel_d = fetch_q;
          fetch_d   = fetch_q + 32'd1;
        end
      end
      START: state_d = RUN;
      RUN, KEEP: begin
        if (finished) state_d = KEEP;
        if (keep) begin
          state_d = last ? HEADER : TAKE;
          if (overflow) begin
            status_d = SUM_RANGE;
            state_d  = DRAIN;
          end
        end
      end
      HEADER: if (!store_busy) state_d = STORE;
      STORE: if (!store_busy) state_d = DONE;
      DRAIN: if (!fetch_busy && !store_busy) state_d = DONE;
      default: state_d = IDLE;
    endcase
  end

  // What is read: the exponents of the command (and A0), then each channel's operands.
  localparam int Heads = 5, Operands = 6;
  logic [Heads-1:0]        head_want;
  logic [2:0]              head_item, operand_item;
  logic [31:0]             head_addr, operand_base, operand_addr;
  logic [Heads*64-1:0]     head;
  logic [Operands-1:0]     operand_want;
  logic [2:0]              operand_size;
  logic [Operands*128-1:0] operand;
  logic                    begin_heads, fetch_start;
  logic [31:0]             record, record_second, record_heads, record_bytes;

  assign record        = statistics ? desc_i[112*32 +: 32] : desc_i[64*32 +: 32];
  assign record_heads  = statistics ? desc_i[113*32 +: 32] : desc_i[65*32 +: 32];
  assign record_bytes  = (channels << 4) + 32'(Word - 1);
  assign record_second = record + {record_bytes[31:$clog2(Word)], {$clog2(Word){1'b0}}};

  // Exponents of x or A1, of A2, A0, exponents of gamma or (statistics) A1, of beta or d.
  assign head_want = statistics ? 5'b01111 : recorded ? 5'b11111 : back ? 5'b10001 : 5'b11001;

  always_comb begin
    case (head_item)
      3'd0:    head_addr = (recorded ? record_heads : desc_i[33*32 +: 32]) + 32'(Word);
      3'd1:    head_addr = record_heads + 32'(Word + 2);
      3'd2:    head_addr = record_heads + 32'd8;
      3'd3:    head_addr = (statistics ? record_heads : desc_i[49*32 +: 32]) + 32'(Word);
      default: head_addr = (back ? desc_i[65*32 +: 32] : desc_i[57*32 +: 32]) + 32'(Word);
    endcase
  end

  // S1 or A1, S2 or A2, gamma or a, beta or a's exponent, Se or A1, Sex or A2.
  assign operand_want = (state_q == SCAN) ? 6'b000010 : statistics ? 6'b110011
                      : back ? 6'b111111 : 6'b001111;
  assign operand_addr = operand_base + (fetch_q << operand_size);

  always_comb begin
    case (operand_item)
      3'd0: begin
        operand_base = recorded ? record : desc_i[32*32 +: 32];
        operand_size = recorded ? 3'd4 : 3'd3;
      end
      3'd1: begin
        operand_base = recorded ? record_second : desc_i[40*32 +: 32];
        operand_size = recorded ? 3'd4 : 3'd3;
      end
      3'd2: begin
        operand_base = back ? desc_i[56*32 +: 32] : desc_i[48*32 +: 32];
        operand_size = back ? 3'd2 : {2'b0, desc_i[50*32 + 1]};
      end
      3'd3: begin
        operand_base = back ? desc_i[57*32 +: 32] + 32'(Word) : desc_i[56*32 +: 32];
        operand_size = back ? 3'd1 : {2'b0, desc_i[58*32 + 1]};
      end
      3'd4: begin
        operand_base = statistics ? record : desc_i[64*32 +: 32];
        operand_size = statistics ? 3'd4 : 3'd3;
      end
      default: begin
        operand_base = statistics ? record_second : desc_i[72*32 +: 32];
        operand_size = statistics ? 3'd4 : 3'd3;
      end
    endcase
  end

  assign begin_heads = state_q == CHECK && bad == '0;
  assign fetch_start = state_q == SCAN || state_q == FETCH ||
                       (state_q == TAKE && fetch_q != channels - 32'd1);
  assign s2_seen     = operand[128 +: 64] != '0;

  logic [2:0]          valid, ready, answer;
  logic [2*32-1:0]     read_addr;
  logic [31:0]         write_addr;
  logic [Lanes*32-1:0] write_data;
  logic [Lanes*4-1:0]  write_strb;

  element_reader #(.Lanes(Lanes), .Count(Heads), .Bits(64)) u_heads (
    .clk_i, .rst_ni, .start_i(begin_heads), .want_i(head_want), .busy_o(head_busy),
    .item_o(head_item), .addr_i(head_addr), .size_i((head_item == 3'd2) ? 3'd3 : 3'd1),
    .value_o(head), .req_valid_o(valid[0]), .req_ready_i(ready[0]),
    .req_addr_o(read_addr[0 +: 32]), .rsp_valid_i(answer[0]), .rsp_data_i
  );
  element_reader #(.Lanes(Lanes), .Count(Operands), .Bits(128)) u_operands (
    .clk_i, .rst_ni, .start_i(fetch_start), .want_i(operand_want), .busy_o(fetch_busy),
    .item_o(operand_item), .addr_i(operand_addr), .size_i(operand_size), .value_o(operand),
    .req_valid_o(valid[1]), .req_ready_i(ready[1]), .req_addr_o(read_addr[32 +: 32]),
    .rsp_valid_i(answer[1]), .rsp_data_i
  );

  // The channel at work.
  logic signed [127:0] s1_q, s2_q, fifth_q, sixth_q;
  logic signed [15:0]  gamma_q, beta_q;

  always_ff @(posedge clk_i) begin
    if (state_q == TAKE && !fetch_busy) begin
      s1_q    <= operand[0 +: 128];
      s2_q    <= operand[128 +: 128];
      gamma_q <= operand[256 +: 16];
      beta_q  <= operand[384 +: 16];
      fifth_q <= operand[512 +: 128];
      sixth_q <= operand[640 +: 128];
    end
  end

  assign recorded_rows = head[2*64 +: 64];
  assign rows          = recorded ? recorded_rows : {32'b0, desc_i[32 +: 32]};

  // E of a parameter becomes its step exponent.
  logic signed [15:0] gamma_exp, beta_exp;
  assign gamma_exp = $signed(head[3*64 +: 16]) - $signed({11'b0, desc_i[50*32 + 3 +: 5]}) + 16'sd2;
  assign beta_exp  = $signed(head[4*64 +: 16]) - $signed({11'b0, desc_i[58*32 + 3 +: 5]}) + 16'sd2;

  logic signed [15:0]  factor;
  logic signed [31:0]  addend, dgamma, dbeta;
  logic [15:0]         factor_exp, addend_exp, dgamma_exp, dbeta_exp, first_exp, second_exp;
  logic signed [127:0] first, second;
  logic                first_overflow, second_overflow;

  norm_compute u_compute (
    .clk_i, .rst_ni, .square_i(state_q == SQUARE), .squared_o(squared),
    .start_i(state_q == START), .done_o(channel_done), .back_i(back), .statistics_i(statistics),
    .recorded_i(recorded), .rows_i(rows), .eps_mant_i(desc_i[64 +: 31]),
    .eps_exp_i($signed(desc_i[96 +: 16])), .x_exp_i($signed(head[0 +: 16])),
    .first_exp_i($signed(head[3*64 +: 16])), .second_exp_i($signed(head[64 +: 16])),
    .d_exp_i($signed(head[4*64 +: 16])), .gamma_exp_i(gamma_exp), .beta_exp_i(beta_exp),
    .s1_i(s1_q), .s2_i(s2_q), .gamma_i(gamma_q), .beta_i(beta_q), .fifth_i(fifth_q),
    .sixth_i(sixth_q), .factor_mant_o(factor), .addend_mant_o(addend), .dgamma_mant_o(dgamma),
    .dbeta_mant_o(dbeta), .factor_exp_o(factor_exp), .addend_exp_o(addend_exp),
    .dgamma_exp_o(dgamma_exp), .dbeta_exp_o(dbeta_exp), .first_o(first), .second_o(second),
    .first_overflow_o(first_overflow), .second_overflow_o(second_overflow),
    .first_exp_o(first_exp), .second_exp_o(second_exp)
  );

  // A batch of one row has no variance.
  logic keeps_first, keeps_second;
  assign keeps_first  = nonzero_q;
  assign keeps_second = nonzero_q && desc_i[32 +: 32] != 32'd1;
  assign overflow     = statistics && ((keeps_first && first_overflow) ||
                                       (keeps_second && second_overflow));

  norm_results #(.Lanes(Lanes)) u_results (
    .clk_i, .rst_ni, .desc_i, .back_i(back), .statistics_i(statistics), .record_i(record),
    .record_second_i(record_second), .record_heads_i(record_heads), .keep_i(keep && !overflow),
    .finish_i(state_q == HEADER && !store_busy), .busy_o(store_busy), .channel_i(channel_q),
    .mants_i({dbeta, dgamma, addend, 32'(factor)}),
    .exps_i({dbeta_exp, dgamma_exp, addend_exp, factor_exp}), .first_kept_i(keeps_first),
    .second_kept_i(keeps_second), .first_i(first), .second_i(second),
    .rows_i(recorded_rows + 64'(desc_i[32 +: 32])), .first_exp_i(first_exp),
    .second_exp_i(second_exp), .req_valid_o(valid[2]), .req_ready_i(ready[2]),
    .req_addr_o(write_addr), .req_data_o(write_data), .req_strb_o(write_strb)
  );

  logic [Lanes*32-1:0] unused_answer;

  mem_arbiter #(.Clients(3), .WordBytes(Word), .Reads(16)) u_arbiter (
    .clk_i, .rst_ni, .req_valid_i(valid), .req_ready_o(ready), .req_write_i(3'b100),
    .req_addr_i({write_addr, read_addr}), .req_data_i({write_data, {(2*Lanes*32){1'b0}}}),
    .req_strb_i({write_strb, {(2*Lanes*4){1'b0}}}), .rsp_valid_o(answer),
    .rsp_data_o(unused_answer), .req_valid_o, .req_ready_i, .req_write_o, .req_addr_o, .req_data_o,
    .req_strb_o, .rsp_valid_i, .rsp_data_i
  );

  logic unused_bits;
  assign unused_bits = ^{desc_i, head, operand, answer[2], record_bytes};

  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) begin
      state_q   <= IDLE;
      status_q  <= '0;
      nonzero_q <= 1'b0;
      fetch_q   <= '0;
      channel_q <= '0;
    end else begin
      state_q   <= state_d;
      status_q  <= status_d;
      nonzero_q <= nonzero_d;
      fetch_q   <= fetch_d;
      channel_q <= channel_d;
    end
  end
endmodule
