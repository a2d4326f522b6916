// The quantizer (numerics 7): one band of values after another to block floating point, or all of
// a tensor to fixed point.
//
// A band is a run of `beats` beats of Lanes elements, cut into tiles, each a block: one, or those
// that lie beside each other. After start_i the source gives all its beats once (the amax pass),
// then, after a cycle for the exponent of each tile, all of them again (the round pass): one beat
// in each cycle with ready_o and without stall_i. A result is registered; it stands on mant_o in
// the cycle after its beat. A band takes 2 * beats + tiles + 1 cycles; fixed point has no amax
// pass: beats + 1. The next band may be started in the last of them.
//
// A beat is aligned to the lanes: element i of the tensor is in lane i mod Lanes (numerics 4.3).
// A band may so begin and end within a beat: valid_i says which lanes hold its elements, tile_i
// whose tile each is in. In the round pass lanes with step_i spend a draw when the mode is
// stochastic.
module bfp_quantizer #(
  parameter int Lanes     = 16,
  parameter int Tiles     = 2,   // most in a band, a power of two, at least 2
  parameter int FaultBit  = -1,  // for tests: flips this bit of the mantissas of FaultLane
  parameter int FaultLane = 0,
  parameter int TileBits  = $clog2(Tiles)
) (
  input  logic                      clk_i,
  input  logic                      rst_ni,
  // The lanes' generators: set them all, read them all.
  input  logic                      load_i,
  input  logic [Lanes*32-1:0]       state_i,
  output logic [Lanes*32-1:0]       state_o,
  // How to quantize; stable while busy_o.
  input  logic [4:0]                wl_i,           // 2..16
  input  logic [1:0]                mode_i,         // bittrue_pkg::ROUND_*
  input  logic                      asymmetric_i,
  input  logic [4:0]                random_bits_i,  // 1..24; without draws any
  input  logic                      half_i,         // sr_half
  input  logic                      fixed_i,        // fixed point, of exponent fixed_exp_i
  input  logic [7:0]                fixed_exp_i,
  input  logic [TileBits:0]         tiles_i,        // of a band, 1..Tiles
  // Makes the stores of tiles ready for bands of tiles_i, in so many cycles; when not busy_o. To be
  // done before the first band, and before bands of more tiles than the last ones.
  input  logic                      clear_i,
  // A band.
  input  logic                      start_i,        // taken when not busy_o, or at done_o's end
  input  logic [31:0]               beats_i,        // at least 1; with start_i
  input  logic                      stall_i,        // a cycle in which nothing moves
  output logic                      busy_o,
  output logic                      work_o,         // a cycle of a band
  output logic                      ready_o,
  output logic                      done_o,         // the last cycle of a band
  input  logic [Lanes-1:0]          valid_i,
  input  logic [Lanes-1:0]          step_i,
  input  logic [Lanes*32-1:0]       mant_i,
  input  logic [Lanes*16-1:0]       exp_i,          // step exponents
  input  logic [Lanes*TileBits-1:0] tile_i,
  // The exponents of the band's tiles in order, in cycles with tile_o.
  output logic                      tile_o,
  output logic                      zero_o,         // a zero block
  output logic [7:0]                shared_exp_o,   // E, two's complement
  output logic                      overflow_o,     // E was above 127
  output logic                      flushed_o,      // E was below -128
  // The result of a beat.
  output logic [Lanes-1:0]          valid_o,
  output logic [Lanes*16-1:0]       mant_o,
  output logic [Lanes-1:0]          clipped_o,
  output logic [Lanes-1:0]          overflowed_o,   // in an overflowed block
  output logic [Lanes-1:0]          lost_o,         // not zero, in a flushed block
  output logic [31:0]               cycles_o        // cycles with work_o since reset, mod 2^32
);
  typedef enum logic [2:0] {IDLE, CLEAR, AMAX, MERGE, ROUND, DONE} state_e;
  state_e state_d, state_q;

  logic [31:0]         beats_d, beats_q, left_d, left_q, cycles_q;
  logic [TileBits-1:0] tile_d, tile_q;
  logic                parity_d, parity_q, last_beat, last_tile, begin_band;

  assign last_beat = left_q == 32'd1;
  assign last_tile = (TileBits+1)'(tile_q) + (TileBits+1)'(1) == tiles_i;
  assign busy_o    = state_q != IDLE;
  assign work_o    = busy_o && state_q != CLEAR && !stall_i;
  assign ready_o   = (state_q == AMAX) || (state_q == ROUND);
  assign done_o    = state_q == DONE;
  assign tile_o    = state_q == MERGE;
  assign cycles_o  = cycles_q;

  assign begin_band = start_i && (state_q == IDLE || (done_o && !stall_i));

  always_comb begin
    state_d  = state_q;
    beats_d  = beats_q;
    left_d   = left_q;
    tile_d   = tile_q;
    parity_d = parity_q;
    if (!stall_i) begin
      case (state_q)
        AMAX: begin
          left_d = left_q - 32'd1;
          if (last_beat) state_d = MERGE;
        end
        MERGE: begin
          left_d = beats_q;
          tile_d = last_tile ? '0 : tile_q + TileBits'(1);
          if (last_tile) state_d = ROUND;
        end
        ROUND: begin
          left_d = left_q - 32'd1;
          if (last_beat) state_d = DONE;
        end
        DONE:    state_d = IDLE;
        default: state_d = state_q;
      endcase
    end
    if (state_q == CLEAR) begin
      tile_d = last_tile ? '0 : tile_q + TileBits'(1);
      if (last_tile) state_d = IDLE;
    end
    if (begin_band) begin
      if (fixed_i) state_d = ROUND;
      else         state_d = AMAX;
      beats_d  = beats_i;
      left_d   = beats_i;
      parity_d = parity_q ^ !fixed_i;
    end else if (state_q == IDLE && clear_i) begin
      state_d = CLEAR;
    end
  end

  // The lanes. Their stores are read and written together at the tile that is merged or cleared.
  logic [Lanes-1:0]          nonzero, clipped, overflow, flushed;
  logic [Lanes*16-1:0]       mant;
  logic [Lanes*TileBits-1:0] tile;
  logic [Lanes*9-1:0]        top;
  logic signed [8:0]         merged;
  logic                      together, write, raise, step;

  assign together = (state_q == MERGE) || (state_q == CLEAR);
  assign write    = (state_q == CLEAR) || ((state_q == MERGE) && !stall_i);
  assign raise    = (state_q == AMAX) && !stall_i;
  assign step     = (state_q == ROUND) && !stall_i && (mode_i == bittrue_pkg::ROUND_STOCHASTIC);
  assign tile     = together ? {Lanes{tile_q}} : tile_i;

  for (genvar l = 0; l < Lanes; l++) begin : gen_lane
    logic signed [15:0] lane_mant;
    bfp_lane #(.Tiles(Tiles), .TileBits(TileBits)) u_lane (
      .clk_i, .rst_ni, .load_i,
      .state_i(state_i[l*32 +: 32]), .state_o(state_o[l*32 +: 32]), .step_i(step && step_i[l]),
      .random_bits_i, .half_i,
      .mant_i(mant_i[l*32 +: 32]), .exp_i(exp_i[l*16 +: 16]), .nonzero_o(nonzero[l]),
      .tile_i(tile[l*TileBits +: TileBits]), .parity_i(parity_q),
      .raise_i(raise && valid_i[l]), .write_i(write), .top_i(merged), .top_o(top[l*9 +: 9]),
      .fixed_i, .fixed_exp_i, .mode_i, .wl_i, .asymmetric_i,
      .mant_o(lane_mant), .clipped_o(clipped[l]), .overflow_o(overflow[l]),
      .flushed_o(flushed[l])
    );
    if (FaultBit >= 0 && l == FaultLane) begin : gen_fault
      assign mant[l*16 +: 16] = lane_mant ^ (16'd1 << FaultBit);
    end else begin : gen_sound
      assign mant[l*16 +: 16] = lane_mant;
    end
  end

  // The largest of all lanes, and of those up to each.
  for (genvar l = 0; l < Lanes; l++) begin : gen_merge
    logic signed [8:0] own, best;
    assign own = top[l*9 +: 9];
    if (l == 0) begin : gen_first
      assign best = own;
    end else begin : gen_next
      assign best = (own > gen_merge[l-1].best) ? own : gen_merge[l-1].best;
    end
  end
  assign merged = gen_merge[Lanes-1].best;

  shared_exponent u_shared (
    .top_i(merged), .zero_o, .exp_o(shared_exp_o), .overflow_o, .flushed_o
  );

  // Results.
  logic [Lanes-1:0]    valid_q, clipped_q, overflowed_q, lost_q;
  logic [Lanes*16-1:0] mant_q;

  assign valid_o      = valid_q;
  assign mant_o       = mant_q;
  assign clipped_o    = clipped_q;
  assign overflowed_o = overflowed_q;
  assign lost_o       = lost_q;

  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) begin
      state_q      <= IDLE;
      beats_q      <= '0;
      left_q       <= '0;
      tile_q       <= '0;
      parity_q     <= 1'b0;
      cycles_q     <= '0;
      valid_q      <= '0;
      mant_q       <= '0;
      clipped_q    <= '0;
      overflowed_q <= '0;
      lost_q       <= '0;
    end else begin
      state_q  <= state_d;
      beats_q  <= beats_d;
      left_q   <= left_d;
      tile_q   <= tile_d;
      parity_q <= parity_d;
      cycles_q <= cycles_q + {31'b0, work_o};
      if (!stall_i) begin
        valid_q <= (state_q == ROUND) ? valid_i : '0;
        if (state_q == ROUND) begin
          mant_q       <= mant;
          clipped_q    <= clipped & valid_i;
          overflowed_q <= fixed_i ? '0 : overflow & valid_i;
          lost_q       <= fixed_i ? '0 : flushed & nonzero & valid_i;
        end
      end
    end
  end
endmodule
