// Loads the walkers of a Rows x Cols array for a tile: the one at row r and column c with the
// draw of element first + r * row_step + c * col_step (numerics 8.1: of output q and k, q K + k;
// so col_step is K, row_step the outputs of a row times K).
//
// Three jumps of draw_jump: for the two steps, whose jumps are powers of their own, and to the
// first element. Then a walker a cycle: its lane is its neighbour's and the step's, and where that
// goes beyond the last lane, the jump is back by all the lanes and on by a draw.
module draw_loader #(
  parameter int Rows       = 16,
  parameter int Cols       = 16,
  parameter int Lanes      = 16,
  parameter int RandomBits = 16,
  parameter int IndexBits  = 48
) (
  input  logic                 clk_i,
  input  logic                 rst_ni,
  input  logic                 start_i,     // taken when not busy_o; the others stay until done_o
  input  logic [31:0]          state_i,     // of lane 0 at element 0
  input  logic [IndexBits-1:0] first_i,
  input  logic [IndexBits-1:0] col_step_i,
  input  logic [IndexBits-1:0] row_step_i,
  output logic                 busy_o,
  output logic                 done_o,      // the last cycle of busy_o
  output logic                 load_o,      // to mac_array
  output logic [7:0]           row_o,
  output logic [7:0]           col_o,
  output logic [5:0]           lane_o,
  output logic [31:0]          state_o
);
  localparam logic [31:0] PERIOD = 32'hFFFF_FFFF;
  localparam logic [31:0] APART  = PERIOD / Lanes;
  localparam logic [31:0] DRAW   = RandomBits;
  localparam logic [31:0] ROUND  = PERIOD - APART * Lanes + DRAW;

  typedef enum logic [2:0] {IDLE, COL_STEP, ROW_STEP, FIRST, LOAD} state_e;
  state_e phase_d, phase_q;

  logic                 jump_start, jump_busy, jump_done, last_col, beyond;
  logic [IndexBits-1:0] jump_index;
  logic [31:0]          jump_from, jump_state;
  logic [5:0]           jump_lane;

  logic [7:0]  row_d, row_q, col_d, col_q;
  logic [5:0]  lane_d, lane_q, row_lane_d, row_lane_q;
  logic [5:0]  col_step_lane_q, row_step_lane_q, from_lane, step_lane;
  logic [6:0]  sum_lane;
  logic [31:0] state_d, state_q, row_state_d, row_state_q;
  logic [31:0] col_power_q, row_power_q, from, power, jumped, round_power, rounded, next;

  // A jump from x^0 gives the power itself.
  assign jump_start = !jump_busy
                   && (phase_q == COL_STEP || phase_q == ROW_STEP || phase_q == FIRST);
  assign jump_index = (phase_q == COL_STEP) ? col_step_i
                    : (phase_q == ROW_STEP) ? row_step_i : first_i;
  assign jump_from  = (phase_q == FIRST) ? state_i : 32'h8000_0000;

  draw_jump #(.Lanes(Lanes), .RandomBits(RandomBits), .IndexBits(IndexBits)) u_jump (
    .clk_i, .rst_ni, .start_i(jump_start), .index_i(jump_index), .state_i(jump_from),
    .busy_o(jump_busy), .done_o(jump_done), .lane_o(jump_lane), .state_o(jump_state)
  );

  assign last_col  = col_q == 8'(Cols - 1);
  assign from      = last_col ? row_state_q : state_q;
  assign from_lane = last_col ? row_lane_q : lane_q;
  assign power     = last_col ? row_power_q : col_power_q;
  assign step_lane = last_col ? row_step_lane_q : col_step_lane_q;
  assign sum_lane  = {1'b0, from_lane} + {1'b0, step_lane};
  assign beyond    = sum_lane >= 7'(Lanes);

  lfsr_power #(.Steps(ROUND)) u_round (.power_o(round_power));
  lfsr_times u_times (.power_i(power), .state_i(from), .state_o(jumped));
  lfsr_times u_rounded (.power_i(round_power), .state_i(jumped), .state_o(rounded));

  assign next = beyond ? rounded : jumped;

  assign busy_o  = phase_q != IDLE;
  assign load_o  = phase_q == LOAD;
  assign done_o  = load_o && last_col && row_q == 8'(Rows - 1);
  assign row_o   = row_q;
  assign col_o   = col_q;
  assign lane_o  = lane_q;
  assign state_o = state_q;

  always_comb begin
    phase_d     = phase_q;
    row_d       = row_q;
    col_d       = col_q;
    lane_d      = lane_q;
    state_d     = state_q;
    row_lane_d  = row_lane_q;
    row_state_d = row_state_q;
    case (phase_q)
      IDLE: if (start_i) phase_d = COL_STEP;
      COL_STEP: if (jump_done) phase_d = ROW_STEP;
      ROW_STEP: if (jump_done) phase_d = FIRST;
      FIRST: begin
        if (jump_done) begin
          phase_d     = LOAD;
          row_d       = '0;
          col_d       = '0;
          lane_d      = jump_lane;
          state_d     = jump_state;
          row_lane_d  = jump_lane;
          row_state_d = jump_state;
        end
      end
      LOAD: begin
        lane_d  = sum_lane[5:0] & 6'(Lanes - 1);
        state_d = next;
        col_d   = col_q + 8'd1;
        if (last_col) begin
          col_d       = '0;
          row_d       = row_q + 8'd1;
          row_lane_d  = lane_d;
          row_state_d = next;
        end
        if (done_o) phase_d = IDLE;
      end
      default: phase_d = IDLE;
    endcase
  end

  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) begin
      phase_q         <= IDLE;
      row_q           <= '0;
      col_q           <= '0;
      lane_q          <= '0;
      state_q         <= '0;
      row_lane_q      <= '0;
      row_state_q     <= '0;
      col_step_lane_q <= '0;
      col_power_q     <= '0;
      row_step_lane_q <= '0;
      row_power_q     <= '0;
    end else begin
      phase_q     <= phase_d;
      row_q       <= row_d;
      col_q       <= col_d;
      lane_q      <= lane_d;
      state_q     <= state_d;
      row_lane_q  <= row_lane_d;
      row_state_q <= row_state_d;
      if (jump_done && phase_q == COL_STEP) begin
        col_step_lane_q <= jump_lane;
        col_power_q     <= jump_state;
      end
      if (jump_done && phase_q == ROW_STEP) begin
        row_step_lane_q <= jump_lane;
        row_power_q     <= jump_state;
      end
    end
  end
endmodule
