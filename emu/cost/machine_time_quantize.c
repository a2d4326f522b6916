#include "cost/machine_time_parts.h"

#define PLAN_CYCLES 2u   /* quantize_plan: CHECK and LIMIT */
#define DIVISION 32u     /* of a row by the columns of tiles, or of cells */
#define OPEN_AND_DONE 2u /* states of a cycle */
#define READ_AHEAD 16u   /* words: `Depth` of pass_reader */
#define CLIENTS 4u
#define WRITERS 12u      /* clients 2 and 3 */

enum { MANTISSAS, EXPONENTS, RESULTS, ENTRIES };

/* band_walker: elements begin..end-1 of the tensor's n. */
typedef struct {
  uint64_t begin, end, n, length;
  unsigned lanes;
} band;

static uint64_t first_beat(const band *b) { return b->begin / b->lanes; }
static uint64_t last_beat(const band *b) { return (b->end - 1) / b->lanes; }

static void next_band(band *b) {
  b->begin = b->end;
  b->end = b->n - b->end < b->length ? b->n : b->end + b->length;
}

/* pass_reader: the words of each band, once or twice; a cycle between passes asks for nothing. */
typedef struct {
  band b;
  bool open, second, twice;
  unsigned size, room, filled;
  uint64_t asks;
} pass_reader;

static bool reader_wants(const pass_reader *r) { return r->asks > 0 && r->room > 0; }

static void reader_step(pass_reader *r, bool asked, bool answered, bool pop) {
  unsigned in_word = r->size == 0 ? 2 : r->size == 1 ? 1 : 0; /* log2 of the beats */
  r->room = r->room - asked + pop;
  r->filled = r->filled + answered - pop;
  if (r->open && r->asks == 0) {
    bool last = r->b.end == r->b.n, ends = r->second || !r->twice;
    r->asks = (last_beat(&r->b) >> in_word) - (first_beat(&r->b) >> in_word) + 1;
    if (ends && !last) {
      next_band(&r->b);
    }
    r->open = !last || !ends;
    r->second = r->twice && !r->second;
  } else {
    r->asks -= asked;
  }
}

static bool reader_pops(const pass_reader *r, uint64_t beat, bool last, bool take) {
  bool ends = r->size == 0 ? beat % 4 == 3 : r->size == 1 ? beat % 2 == 1 : true;
  return take && (ends || last);
}

/* quantize_source's register of a beat, and bfp_quantizer's states. */
typedef struct {
  bool valid, first, last;
  uint64_t beat, beats;
} source_beat;

typedef enum { IDLE, CLEAR, AMAX, MERGE, ROUND, BAND_DONE } quantizer_state;

typedef struct {
  bool fixed, stream; /* an exponent an element */
  uint64_t tiles;     /* of a band */
  unsigned walk;      /* cycles until the places of the first beat's elements are known */
  band b;
  uint64_t beat;
  bool running, second;
  pass_reader mantissas, each;
  bt_entries_in store;
  source_beat out;
  quantizer_state q;
  uint64_t left, beats;
  bool band_final, result, written;
  uint64_t result_beat;
  bt_stream_out writer;
  bt_entries_out entries;
  bool rounded, entered; /* all bands; the entry of fixed point */
} quantizer;

static unsigned log_size(const bt_tensor *t) {
  return t->kind == BT_T_WIDE ? 2 : t->kind == BT_T_BFP16 ? 1 : 0;
}

static bool has_tiles(const bt_tensor *t) {
  return t->kind != BT_T_WIDE && t->fmt.kind == BT_BFP && t->fmt.block == BT_BLOCK_TILE;
}

static void shape_bands(quantizer *s, const bt_tensor *out, unsigned lanes) {
  uint64_t n = bt_tensor_elements(out), last = bt_tensor_last(out);
  uint64_t rest = out->ndim == 0 ? 1 : n / out->dim[0];
  bt_block block = out->fmt.kind == BT_FIXED ? BT_BLOCK_TENSOR : out->fmt.block;
  s->tiles = block == BT_BLOCK_TILE  ? bt_ceil_div(rest, out->fmt.tile_cols)
             : block == BT_BLOCK_K32 ? bt_ceil_div(last, 32)
                                     : 1;
  uint64_t length = block == BT_BLOCK_TILE     ? out->fmt.tile_rows * rest
                    : block == BT_BLOCK_K32    ? last
                    : block == BT_BLOCK_TENSOR ? n
                                               : rest;
  length = length < n ? length : n;
  s->b = (band){0, length, n, length, lanes};
}

static quantizer opened(const bt_command *c, unsigned lanes) {
  const bt_tensor *in = c->in[0], *out = c->out[0];
  quantizer s = {.fixed = out->fmt.kind == BT_FIXED, .walk = lanes + 1, .running = true,
                 .q = IDLE, .writer = {.size = log_size(out)},
                 .entries = {BT_ENTRIES_FILL, 2 * lanes, 0}};
  shape_bands(&s, out, lanes);
  s.stream = bt_tensor_exponents(in) == bt_tensor_elements(in);
  pass_reader r = {.b = s.b, .open = true, .twice = !s.fixed, .room = READ_AHEAD};
  s.mantissas = s.each = r;
  s.mantissas.size = log_size(in);
  s.each.size = 1;
  s.each.open = s.stream;
  if (!s.stream) {
    bt_entries_in_start(&s.store, bt_tensor_exponents(in), lanes);
  }
  s.q = s.fixed ? IDLE : CLEAR;
  s.left = s.tiles;
  return s;
}

static void quantizer_step(quantizer *s, bool stall, bool start) {
  if (s->q == CLEAR) {
    s->q = --s->left == 0 ? IDLE : CLEAR;
    return;
  }
  if (!stall && s->q != IDLE) {
    s->left--;
    if (s->q == AMAX && s->left == 0) {
      s->q = MERGE;
      s->left = s->tiles;
    } else if (s->q == MERGE && s->left == 0) {
      s->q = ROUND;
      s->left = s->beats;
    } else if (s->q == ROUND && s->left == 0) {
      s->q = BAND_DONE;
      s->left = 1;
    } else if (s->q == BAND_DONE) {
      s->q = IDLE;
    }
  }
  if (start) {
    s->q = s->fixed ? ROUND : AMAX;
    s->left = s->beats = s->out.beats;
    s->band_final = s->out.last;
  }
}

static void source_step(quantizer *s, bool emit, bool taken) {
  bool at_last = s->beat == last_beat(&s->b), last = s->b.end == s->b.n;
  bool ends = s->second || s->fixed;
  if (emit) {
    s->out = (source_beat){true, s->beat == first_beat(&s->b) && !s->second, last, s->beat,
                           last_beat(&s->b) - first_beat(&s->b) + 1};
    s->beat = !at_last ? s->beat + 1 : ends ? s->b.end / s->b.lanes : first_beat(&s->b);
    if (at_last) {
      s->second = !ends;
      s->running = !(ends && last);
      if (ends && !last) {
        next_band(&s->b);
      }
    }
  } else {
    s->out.valid = s->out.valid && !taken;
  }
}

/* A cycle of state RUN, ENTRY or CLOSE; whether the unit worked. */
static bool step(quantizer *s, bt_port *port) {
  int who = bt_port_answer(port);
  bool waiting = s->result && !s->written, closing = s->rounded && s->entered;
  bt_stream_beat beat = {waiting, closing, s->result_beat};
  bool exponents = s->stream ? reader_wants(&s->each) : s->store.asks > 0;
  unsigned want = (reader_wants(&s->mantissas) ? 1u << MANTISSAS : 0u) |
                  (exponents ? 1u << EXPONENTS : 0u) |
                  (bt_stream_out_wants(&s->writer, beat) ? 1u << RESULTS : 0u) |
                  (bt_entries_out_wants(&s->entries) ? 1u << ENTRIES : 0u);
  int taken = bt_port_ask(port, want, WRITERS);
  bool room = bt_stream_out_ready(&s->writer, beat, taken == RESULTS);
  bool entry_room = s->entries.state == BT_ENTRIES_FILL, merging = s->q == MERGE;
  bool wants = s->q == AMAX || s->q == ROUND;
  bool stall = (waiting && !room) || (merging && !entry_room) || (wants && !s->out.valid);
  bool beat_taken = wants && !stall, ended = s->q == BAND_DONE && !stall;
  bool start = s->out.valid && s->out.first && (s->q == IDLE || ended);
  bool work = s->q >= AMAX && !stall, entry = s->rounded && !s->entered;
  bool known = s->stream ? s->each.filled > 0 : s->store.words == 0;
  bool emit = s->running && s->mantissas.filled > 0 && known && s->walk == 0 &&
              (!s->out.valid || beat_taken);
  bool at_last = s->beat == last_beat(&s->b);
  reader_step(&s->mantissas, taken == MANTISSAS, who == MANTISSAS,
              reader_pops(&s->mantissas, s->beat, at_last, emit));
  if (s->stream) {
    reader_step(&s->each, taken == EXPONENTS, who == EXPONENTS,
                reader_pops(&s->each, s->beat, at_last, emit));
  } else {
    bt_entries_in_step(&s->store, taken == EXPONENTS, who == EXPONENTS);
  }
  bt_stream_out_step(&s->writer, beat, taken == RESULTS);
  bt_entries_out_step(&s->entries, false, merging || entry, closing, taken == ENTRIES);
  s->written = stall && (s->written || (waiting && room));
  s->result = stall ? s->result : s->q == ROUND;
  s->result_beat = beat_taken ? s->out.beat : s->result_beat;
  s->walk -= s->walk > 0;
  s->entered = s->entered || (entry && entry_room);
  if (ended && s->band_final) {
    s->rounded = true;
    s->entered = !s->fixed;
  }
  quantizer_step(s, stall, start);
  source_step(s, emit, beat_taken);
  return work;
}

/* Rows of tiles or cells of the input, and of tiles of the output, are divided. */
static unsigned divisions(const bt_command *c) {
  const bt_tensor *in = c->in[0];
  bool stream = bt_tensor_exponents(in) == bt_tensor_elements(in);
  bool both = in->kind == BT_T_WIDE && in->nl > 1 && in->n0 > 1 && in->n0 == in->dim[0];
  return (!stream && (has_tiles(in) || both) ? 1u : 0u) + (has_tiles(c->out[0]) ? 1u : 0u);
}

bt_unit_time bt_time_quantize(const bt_time_of *how, const bt_command *c) {
  bt_unit_time t = {0};
  bt_port port;
  bt_port_open(&port, how, CLIENTS, BT_PORT_READS);
  quantizer s = opened(c, how->lanes);
  t.cycles = t.prepare = PLAN_CYCLES + DIVISION * divisions(c) + OPEN_AND_DONE - 1;
  for (bool ends = false; !ends;) {
    ends = s.rounded && s.entered && !s.writer.held && s.entries.state == BT_ENTRIES_IDLE;
    bt_unit_time_cycle(&t, step(&s, &port));
  }
  t.cycles++;
  t.reads = port.reads;
  t.writes = port.writes;
  return t;
}
