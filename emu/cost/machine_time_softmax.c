#include "cost/machine_time_parts.h"

#define CLIENTS 4u
#define WRITERS 0xcu
#define READS 16u        /* mem_arbiter's */
#define READ_AHEAD 8u
#define EXP2_CYCLES 16u  /* stages of scalar_exp2 */
#define RECIP_CYCLES 32u
#define RECORD 3u        /* elements of the record of sums; exponent and label are two more */

enum { LOGITS, PARTS, VALUES, STORE };
typedef enum { LARGEST, POWERS, INVERSE, PRODUCTS } phases;

typedef struct {
  uint64_t classes, rows, repeat; /* rows of one exponent, 0: all */
  unsigned lanes, lane;
  bool error;
  bt_stream_in logits;
  unsigned asks, due;             /* of a row's parts */
  uint64_t row, done, in_block;
  phases phase;
  uint64_t count;
  bool held;
  bt_vector_out values;
} softmax;

static uint64_t repeats(const bt_tensor *t) {
  switch (t->fmt.kind == BT_FIXED ? BT_BLOCK_TENSOR : t->fmt.block) {
    case BT_BLOCK_TENSOR: return 0;
    case BT_BLOCK_TILE: return t->fmt.tile_rows;
    default: return 1;
  }
}

static void next_phase(softmax *s, phases phase) {
  s->phase = phase;
  s->count = 0;
}

/* A cycle of softmax_row, with a logit there, the row's parts there, room for an error. */
static bool row_step(softmax *s, bool logit, bool parts, bool room) {
  bool hold = s->held && !room, work = false;
  s->held = hold;
  switch (s->phase) {
    case LARGEST:
      work = logit;
      s->count += logit;
      if (s->count == s->classes) {
        next_phase(s, POWERS);
      }
      break;
    case POWERS:
      work = parts;
      s->count += parts;
      if (s->count == s->classes + EXP2_CYCLES) {
        next_phase(s, INVERSE);
      }
      break;
    case INVERSE:
      work = !hold;
      if (s->count == RECIP_CYCLES - 1) {
        next_phase(s, PRODUCTS);
      } else {
        s->count += !hold;
      }
      break;
    case PRODUCTS:
    default:
      work = !hold;
      s->held = hold || s->error;
      s->count += !hold;
      if (s->count == s->classes) {
        next_phase(s, LARGEST);
      }
      break;
  }
  return work;
}

/* A row's sum is there: the next one's parts are read. */
static void row_done(softmax *s) {
  bool fresh = s->repeat != 0 && s->in_block + 1 == s->repeat;
  s->in_block = fresh ? 0 : s->in_block + 1;
  if (++s->done != s->rows) {
    s->asks = s->due = fresh ? 2 : 1;
  }
}

/* A cycle of ROWS or FLUSH. */
static bool step(softmax *s, bt_port *port, bool flush) {
  int who = bt_port_answer(port);
  unsigned want = (bt_stream_in_wants(&s->logits) ? 1u << LOGITS : 0u) |
                  (s->asks > 0 ? 1u << PARTS : 0u) | (s->values.words > 0 ? 1u << VALUES : 0u);
  int taken = bt_port_ask(port, want, WRITERS);
  bool room = bt_vector_out_ready(&s->values, flush, taken == VALUES), error = s->held;
  bool logit = s->phase == LARGEST && bt_stream_in_valid(&s->logits);
  bool last = s->count + 1 == s->classes, parts = s->due == 0;
  bool beat = logit && (s->lane == s->lanes - 1 || (last && s->row + 1 == s->rows));
  bool done = s->phase == INVERSE && s->count == RECIP_CYCLES - 1;
  s->lane = logit ? (s->lane + 1) % s->lanes : s->lane;
  s->row += logit && last;
  s->asks -= taken == PARTS;
  s->due -= who == PARTS;
  bt_stream_in_step(&s->logits, taken == LOGITS, who == LOGITS, beat);
  bt_vector_out_step(&s->values, false, error, flush, taken == VALUES);
  bool work = row_step(s, logit, parts, room);
  if (done) {
    row_done(s);
  }
  return work;
}

bt_unit_time bt_time_softmax(const bt_time_of *how, const bt_command *c) {
  const bt_tensor *x = c->in[0];
  bt_unit_time t = {.cycles = 1, .prepare = 1}; /* CHECK */
  bt_port port;
  bt_port_open(&port, how, CLIENTS, READS);
  softmax s = {.classes = bt_tensor_last(x), .rows = x->dim[0], .repeat = repeats(x),
               .lanes = how->lanes, .error = c->out[0] != NULL,
               .asks = RECORD + 2, .due = RECORD + 2, .values = {.lanes = how->lanes}};
  bt_stream_in_open(&s.logits, READ_AHEAD);
  bt_stream_in_start(&s.logits, x->kind == BT_T_BFP16 ? 1 : 0,
                     bt_ceil_div(bt_tensor_elements(x), how->lanes));
  for (bool ends = false; !ends;) {
    ends = s.done == s.rows && s.phase == LARGEST && s.count == 0 && !s.held;
    bt_unit_time_cycle(&t, step(&s, &port, false));
  }
  for (bool ends = false; !ends; t.cycles++) {
    ends = s.values.count == 0 && s.values.words == 0;
    (void)step(&s, &port, true);
  }
  unsigned stored = RECORD + (s.error ? 2 : 0); /* exponent and header of the error */
  t.cycles += stored + 1 + 1; /* STORE, DONE */
  t.reads = port.reads;
  t.writes = port.writes + stored;
  return t;
}
