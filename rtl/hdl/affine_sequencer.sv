// The commands affine and gate (numerics 9, 9.1), from memory to memory: decode, bring to the
// chip what is used more than once (exponents, vectors), set up which exponent belongs to which
// element, then stream beats through affine_unit while cells are planned ahead of them. work_o is
// a beat that enters the unit: ceil(elements / Lanes) of a command, whatever memory and planner do.
//
// A gate is an affine of one term, 1 * x with the mask, whose exponents are copied.
//
// What does not fit the stores ends with status 8: more exponents of an operand than Exponents,
// vectors longer than Vector, cells of one row of cells (of two, if there are several rows) more
// than Cells. The number of cells has no limit: they are planned as the elements come to them.
module affine_sequencer #(
  parameter int Lanes     = 16,    // 4 or more, a power of two
  parameter int Cells     = 1024,  // powers of two, at least 4 Lanes, at most 2^15
  parameter int Exponents = 1024,
  parameter int Vector    = 1024
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
  localparam int Terms = 4;
  localparam logic [7:0] FORMAT = 8'd7;

  // The control: what is decided once a command.
  typedef enum logic [2:0] {IDLE, DECODE, LOAD, BEGIN, RUN, DONE} state_e;
  state_e state_d, state_q;

  logic [7:0]         bad, status_q;
  logic               gate, relu, masked, each, fixed;
  logic [31:0]        elements, last, rest, cells;
  logic [3:0]         present, vector, bytes, wide, varies;
  logic [7:0]         size;
  logic [19:0]        wl;
  logic [4*32-1:0]    count;
  logic [9:0]         split0;
  logic [4:0]         split_last, k32, tile, constants;
  logic [5*32-1:0]    tile_size;
  logic [1:0]         out_size;
  logic [4*16-1:0]    mantissa;
  logic [31:0]        c0_mantissa;
  logic [5*16-1:0]    exp;

  affine_decode #(
    .Lanes(Lanes), .Cells(Cells), .Exponents(Exponents), .Vector(Vector)
  ) u_decode (
    .desc_i, .status_o(bad), .gate_o(gate), .relu_o(relu), .masked_o(masked), .each_o(each),
    .elements_o(elements), .last_o(last), .rest_o(rest), .cells_o(cells), .present_o(present),
    .vector_o(vector), .bytes_o(bytes), .wide_o(wide), .varies_o(varies), .size_o(size),
    .wl_o(wl), .count_o(count), .split0_o(split0), .split_last_o(split_last), .k32_o(k32),
    .tile_o(tile), .tile_size_o(tile_size), .fixed_o(fixed), .out_size_o(out_size),
    .constants_o(constants), .mantissa_o(mantissa), .c0_mantissa_o(c0_mantissa), .exp_o(exp)
  );

  logic accepted, begin_run, running, ending;
  logic loading, shaping, whole_rows, walked, passed, written, exps_busy;

  assign accepted  = state_q == DECODE && bad == '0;
  assign begin_run = state_q == BEGIN;
  assign running   = state_q == RUN;
  assign ending    = running && passed && written && !exps_busy;
  assign busy_o    = state_q != IDLE;
  assign done_o    = state_q == DONE;
  assign status_o  = status_q;

  always_comb begin
    state_d = state_q;
    case (state_q)
      IDLE:    if (start_i) state_d = DECODE;
      DECODE: begin
        if (bad == '0) state_d = LOAD;
        else           state_d = DONE;
      end
      LOAD: begin
        if (!loading && !shaping && walked) begin
          if (whole_rows) state_d = BEGIN;
          else            state_d = DONE;
        end
      end
      BEGIN:   state_d = RUN;
      RUN:     if (ending) state_d = DONE;
      DONE:    state_d = IDLE;
      default: state_d = IDLE;
    endcase
  end

  // Memory: streams of operands and mask, what is loaded, and what is written.
  localparam int Clients = 10;
  localparam int Mask = 4, LoadExps = 5, LoadData = 6, Result = 7, Kept = 8, Exps = 9;
  logic [Clients-1:0]          req_valid, req_ready, rsp_valid;
  logic [Clients*32-1:0]       req_addr;
  logic [3*Lanes*32-1:0]       req_data;   // of writers
  logic [3*Lanes*4-1:0]        req_strb;
  logic [Lanes*32-1:0]         rsp_data;

  mem_arbiter #(.Clients(Clients), .WordBytes(Lanes * 4)) u_arbiter (
    .clk_i, .rst_ni, .req_valid_i(req_valid), .req_ready_o(req_ready),
    .req_write_i(10'b1110000000), .req_addr_i(req_addr),
    .req_data_i({req_data, {(7*Lanes*32){1'b0}}}), .req_strb_i({req_strb, {(7*Lanes*4){1'b0}}}),
    .rsp_valid_o(rsp_valid), .rsp_data_o(rsp_data), .req_valid_o, .req_ready_i, .req_write_o,
    .req_addr_o, .req_data_o, .req_strb_o, .rsp_valid_i, .rsp_data_i
  );

  // Addresses of slots: operands and vectors, in the loader's order.
  logic [9*32-1:0] data_base, exps_base;
  for (genvar i = 0; i < 9; i++) begin : gen_base
    localparam int Slot = (i < 4) ? i : i + 1;
    assign data_base[i*32 +: 32] = desc_i[(32 + Slot*8)*32 +: 32];
    assign exps_base[i*32 +: 32] = desc_i[(33 + Slot*8)*32 +: 32];
  end

  logic [3:0]          write_exps;
  logic [8:0]          write_data;
  logic [15:0]         exps_beat, data_beat;
  logic [Lanes-1:0]    load_valid;
  logic [Lanes*16-1:0] load_exps;
  logic [Lanes*32-1:0] load_data;
  logic [19:0]         wide_bits;

  affine_loader #(.Lanes(Lanes)) u_loader (
    .clk_i, .rst_ni, .start_i(accepted), .busy_o(loading), .header_i(present & wide),
    .exps_i({constants, present & ~bytes}), .data_i({constants, vector}),
    .exps_base_i(exps_base), .data_base_i(data_base), .count_i(count), .last_i(last),
    .size_i(size), .unsigned_i(bytes), .shared_i(~wide & {4{!gate}}), .wl_i(wl),
    .write_exps_o(write_exps), .write_data_o(write_data), .exps_beat_o(exps_beat),
    .data_beat_o(data_beat), .valid_o(load_valid), .exponents_o(load_exps),
    .mantissas_o(load_data), .bits_o(wide_bits),
    .req_valid_o(req_valid[LoadData:LoadExps]), .req_ready_i(req_ready[LoadData:LoadExps]),
    .req_addr_o(req_addr[LoadExps*32 +: 64]), .rsp_valid_i(rsp_valid[LoadData:LoadExps]),
    .rsp_data_i(rsp_data)
  );

  logic [4:0]  walk;
  logic [3:0]  walk_cells;
  logic [31:0] width, rows, cols, whole, over;

  affine_geometry u_geometry (
    .clk_i, .rst_ni, .start_i(accepted), .busy_o(shaping), .whole_rows_o(whole_rows),
    .last_i(last), .rest_i(rest), .entries_i(gate), .each_i(each), .split0_i(split0),
    .split_last_i(split_last), .k32_i(k32), .tile_i(tile), .tile_size_i(tile_size),
    .walk_o(walk), .walk_cells_o(walk_cells), .width_o(width), .rows_o(rows), .cols_o(cols),
    .whole_o(whole), .over_o(over)
  );

  // The elements: a beat goes when all that it wants is there.
  logic [31:0]         beats, left_q;
  logic [Lanes-1:0]    valid, keep;
  logic [3:0]          x_valid, walked_x;
  logic                go, room, there, mask_valid, next_cell, next_entry, unused_mask;
  logic [4*Lanes*32-1:0] x;
  logic [4*Lanes*16-1:0] x_exp, c, c_exp;
  logic [Lanes*32-1:0] c0, mask_bytes;
  logic [Lanes*16-1:0] c0_exp, last_index, block;
  logic [4*16-1:0]     step;

  assign beats  = (elements + 32'(Lanes - 1)) / 32'(Lanes);
  assign passed = left_q == '0;
  assign go     = running && !passed && x_valid == '1 && (mask_valid || !masked) && room
               && (there || gate);
  assign work_o = go;

  for (genvar l = 0; l < Lanes; l++) begin : gen_valid
    assign valid[l] = go && 32'(l) < left_q;
    assign keep[l]  = mask_bytes[l*32 +: 8] != '0;
  end

  // Which last index each lane has; only vectors want to know.
  logic                vectors, lasts_ready;
  logic [Lanes*32-1:0] unused_rows, lasts;

  assign vectors = vector != '0 || constants != '0;
  lane_walker #(.Lanes(Lanes)) u_lasts (
    .clk_i, .rst_ni, .start_i(accepted && vectors), .modulus_i(last), .ready_o(lasts_ready),
    .next_i(go && vectors), .quotient_o(unused_rows), .remainder_o(lasts)
  );
  for (genvar l = 0; l < Lanes; l++) begin : gen_last
    logic unused_high;
    assign last_index[l*16 +: 16] = lasts[l*32 +: 16];
    assign unused_high = ^{lasts[l*32+16 +: 16], mask_bytes[l*32+8 +: 24]};
  end

  // The cell that is planned: its last index, where cells split along it.
  logic [31:0] cell_q;
  logic        end_cells;
  assign end_cells = !split_last[4] || cell_q + 32'd1 == last;

  // The output's cells of the lanes.
  logic [Lanes*16-1:0] cell_base, cell_index;
  logic [15:0]         from, upto, across;
  logic                cells_ready;

  affine_walk #(.Lanes(Lanes)) u_cells (
    .clk_i, .rst_ni, .start_i(walk[4]), .width_i(width), .rows_i(rows), .cols_i(cols),
    .whole_i(whole), .over_i(over), .ready_o(cells_ready),
    .next_i(go && !gate && cells != 32'd1), .base_o(cell_base), .index_o(cell_index)
  );
  assign across = split_last[4] ? last[15:0] : 16'd1;
  assign from   = each ? cell_index[15:0] : cell_base[15:0];
  assign upto   = each ? cell_index[(Lanes-1)*16 +: 16] + 16'd1
                       : cell_base[(Lanes-1)*16 +: 16] + across;
  assign walked = walked_x == '1 && cells_ready && (lasts_ready || !vectors);

  // Operands.
  logic [4*Lanes*16-1:0] x_block;
  logic [4*5-1:0]        x_bits;
  logic [4*16-1:0]       raw_step;
  logic                  reading;
  assign reading = running;
  assign block   = x_block[Lanes*16-1:0];

  logic unused_index;
  assign unused_index = ^{cell_base[(Lanes-1)*16-1:16], x_block[4*Lanes*16-1:Lanes*16]};

  for (genvar k = 0; k < Terms; k++) begin : gen_operand
    affine_operand #(.Lanes(Lanes), .Exponents(Exponents), .Vector(Vector)) u_operand (
      .clk_i, .rst_ni, .present_i(present[k]), .vector_i(vector[k]),
      .plain_i(bytes[k] || gate), .varies_i(varies[k]), .base_i(data_base[k*32 +: 32]),
      .size_i(size[k*2 +: 2]), .unsigned_i(bytes[k]), .beats_i(beats), .stream_i(begin_run),
      .walk_i(walk[k]), .walk_cells_i(walk_cells[k]), .width_i(width), .rows_i(rows),
      .cols_i(cols), .whole_i(whole), .over_i(over), .write_data_i(write_data[k]),
      .write_steps_i(write_exps[k]), .data_beat_i(data_beat), .steps_beat_i(exps_beat),
      .data_i(load_data), .steps_i(load_exps), .read_i(reading), .last_index_i(last_index),
      .valid_o(x_valid[k]), .take_i(go), .x_o(x[k*Lanes*32 +: Lanes*32]),
      .x_exp_o(x_exp[k*Lanes*16 +: Lanes*16]), .index_o(x_block[k*Lanes*16 +: Lanes*16]),
      .walked_o(walked_x[k]), .next_cell_i(next_cell || next_entry),
      .step_o(raw_step[k*16 +: 16]), .req_valid_o(req_valid[k]), .req_ready_i(req_ready[k]),
      .req_addr_o(req_addr[k*32 +: 32]), .rsp_valid_i(rsp_valid[k]), .rsp_data_i(rsp_data)
    );
    assign step[k*16 +: 16] = bytes[k] ? '0 : raw_step[k*16 +: 16];
    assign x_bits[k*5 +: 5] = bytes[k] ? 5'd8 : wide[k] ? wide_bits[k*5 +: 5]
                                              : wl[k*5 +: 5] - 5'd1;
  end

  stream_reader #(.Lanes(Lanes)) u_mask (
    .clk_i, .rst_ni, .start_i(begin_run && masked), .base_i(desc_i[(32 + 4*8)*32 +: 32]),
    .size_i(2'd0), .unsigned_i(1'b1), .first_i(32'd0), .beats_i(beats), .busy_o(unused_mask),
    .valid_o(mask_valid), .ready_i(go), .data_o(mask_bytes), .req_valid_o(req_valid[Mask]),
    .req_ready_i(req_ready[Mask]), .req_addr_o(req_addr[Mask*32 +: 32]),
    .rsp_valid_i(rsp_valid[Mask]), .rsp_data_i(rsp_data)
  );

  // Constants.
  logic [4:0]      counts;
  logic [4*16-1:0] most;
  logic [31:0]     most_c0;
  logic [5*16-1:0] high, low;

  for (genvar k = 0; k < Terms; k++) begin : gen_constant
    affine_constant #(.Lanes(Lanes), .Bits(16), .Vector(Vector)) u_constant (
      .clk_i, .clear_i(accepted), .vector_i(constants[k]), .mantissa_i(mantissa[k*16 +: 16]),
      .exp_i(exp[k*16 +: 16]), .write_i(write_data[4+k]), .beat_i(data_beat),
      .valid_i(load_valid), .mantissas_i(load_data), .exps_i(load_exps), .read_i(reading),
      .index_i(last_index), .c_o(c[k*Lanes*16 +: Lanes*16]),
      .c_exp_o(c_exp[k*Lanes*16 +: Lanes*16]), .split_i(split_last[4]), .cell_i(cell_q[15:0]),
      .counts_o(counts[k]), .mantissa_o(most[k*16 +: 16]), .high_o(high[k*16 +: 16]),
      .low_o(low[k*16 +: 16])
    );
  end
  affine_constant #(.Lanes(Lanes), .Bits(32), .Vector(Vector)) u_addend (
    .clk_i, .clear_i(accepted), .vector_i(constants[4]), .mantissa_i(c0_mantissa),
    .exp_i(exp[4*16 +: 16]), .write_i(write_data[8]), .beat_i(data_beat), .valid_i(load_valid),
    .mantissas_i(load_data), .exps_i(load_exps), .read_i(reading), .index_i(last_index),
    .c_o(c0), .c_exp_o(c0_exp), .split_i(split_last[4]), .cell_i(cell_q[15:0]),
    .counts_o(counts[4]), .mantissa_o(most_c0), .high_o(high[4*16 +: 16]),
    .low_o(low[4*16 +: 16])
  );

  // Plans.
  logic                plan_exp_valid, plan_exp_ready, plans_out;
  logic [15:0]         plan_exp;
  logic [4:0]          out_bits;
  logic [Lanes*17-1:0] top, plan_top;
  logic [Lanes*5-1:0]  final_floor, plan_floor;

  affine_plans #(.Lanes(Lanes), .Cells(Cells)) u_plans (
    .clk_i, .rst_ni, .start_i(begin_run && !gate), .cells_i(cells), .ready_i(running),
    .next_o(next_cell), .counts_i(counts), .step_i(step), .bits_i(x_bits), .mantissa_i(most),
    .c0_mantissa_i(most_c0), .high_i(high), .low_i(low), .read_i(reading), .passed_i(passed),
    .from_i(from), .upto_i(upto), .there_o(there), .index_i(cell_index), .top_o(plan_top),
    .floor_o(plan_floor), .valid_o(plan_exp_valid), .ready_exp_i(plan_exp_ready),
    .exp_o(plan_exp), .last_o(plans_out), .bits_o(out_bits)
  );
  assign top         = gate ? {Lanes{17'd8}} : plan_top;  // the guard: nothing is shifted
  assign final_floor = gate ? '0 : plan_floor;

  // The unit, and what comes out of it.
  logic [Lanes-1:0]    y_valid, kept;
  logic [Lanes*32-1:0] y;
  logic [Lanes*16-1:0] unused_y_exp;

  affine_unit #(.Lanes(Lanes)) u_unit (
    .clk_i, .rst_ni, .valid_i(valid), .relu_i(relu), .masked_i(masked), .mask_i(keep), .x_i(x),
    .x_exp_i(x_exp), .c_i(c), .c_exp_i(c_exp), .c0_i(c0), .c0_exp_i(c0_exp), .top_i(top),
    .floor_i(final_floor), .valid_o(y_valid), .y_o(y), .y_exp_o(unused_y_exp), .kept_o(kept)
  );

  affine_result #(.Lanes(Lanes)) u_result (
    .clk_i, .rst_ni, .start_i(begin_run), .base_i(desc_i[(32 + 10*8)*32 +: 32]),
    .size_i(gate ? out_size : 2'd2), .mask_i(relu), .mask_base_i(desc_i[(32 + 11*8)*32 +: 32]),
    .sent_i(go), .room_o(room), .valid_i(y_valid), .y_i(y), .kept_i(kept), .flush_i(passed),
    .empty_o(written), .req_valid_o(req_valid[Kept:Result]), .req_ready_i(req_ready[Kept:Result]),
    .req_addr_o(req_addr[Result*32 +: 64]), .req_data_o(req_data[2*Lanes*32-1:0]),
    .req_strb_o(req_strb[2*Lanes*4-1:0])
  );

  // Exponents: of the cells, or a gate's.
  logic             gate_valid, gate_out, exps_ready, finish;
  logic [15:0]      gate_entry;
  logic [Lanes-1:0] keeps;

  for (genvar l = 0; l < Lanes; l++) begin : gen_keeps
    assign keeps[l] = gate && valid[l] && keep[l] && x[l*32 +: 32] != '0;
  end

  affine_gate #(.Lanes(Lanes), .Exponents(Exponents)) u_gate (
    .clk_i, .rst_ni, .start_i(begin_run), .keeps_i(keeps), .index_i(block),
    .passed_i(running && gate && passed), .count_i(count[31:0]), .fixed_i(fixed),
    .entry_i(raw_step[15:0]), .next_o(next_entry), .valid_o(gate_valid), .ready_i(exps_ready),
    .entry_o(gate_entry), .last_o(gate_out)
  );

  assign plan_exp_ready = exps_ready && !gate;
  assign finish         = running && exps_ready && (gate ? passed && gate_out : plans_out);

  exponent_writer #(.Lanes(Lanes)) u_exps (
    .clk_i, .rst_ni, .start_i(begin_run), .base_i(desc_i[(33 + 10*8)*32 +: 32]),
    .valid_i(gate ? gate_valid : plan_exp_valid), .ready_o(exps_ready),
    .entry_i(gate ? gate_entry : plan_exp), .finish_i(finish),
    .header_i(gate ? '0 : {123'b0, out_bits}), .busy_o(exps_busy),
    .req_valid_o(req_valid[Exps]), .req_ready_i(req_ready[Exps]),
    .req_addr_o(req_addr[Exps*32 +: 32]), .req_data_o(req_data[2*Lanes*32 +: Lanes*32]),
    .req_strb_o(req_strb[2*Lanes*4 +: Lanes*4])
  );

  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) begin
      state_q  <= IDLE;
      status_q <= '0;
      left_q   <= '0;
      cell_q   <= '0;
    end else begin
      state_q <= state_d;
      if (state_q == DECODE)                  status_q <= bad;
      else if (state_q == LOAD && state_d == DONE) status_q <= FORMAT;
      if (begin_run) left_q <= elements;
      else if (go)   left_q <= (left_q > 32'(Lanes)) ? left_q - 32'(Lanes) : '0;
      if (begin_run)      cell_q <= '0;
      else if (next_cell) cell_q <= end_cells ? '0 : cell_q + 32'd1;
    end
  end
endmodule
