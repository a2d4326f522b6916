#include "cost/machine_time_parts.h"

#define CLIENTS 6u
#define WRITERS 0x38u
#define READS 16u          /* mem_arbiter's */
#define PLAN_CYCLES 14u    /* pool_plan: 13 products */
#define RING 32768u        /* elements: `Depth` of pool_unit */
#define DATA_AHEAD 8u      /* words read ahead */
#define INDEX_AHEAD 4u
#define EXPONENTS_AHEAD 2u

enum { DATA, INDEX, EXPONENTS, TO_DATA, TO_INDEX, TO_EXPONENTS };

typedef struct {
  bool back, largest, indexed, by_sample;
  unsigned lanes;
  uint64_t window, places;          /* places of a window that a beat takes, one a cycle */
  uint64_t loads, elements;         /* that come, that leave */
  uint64_t row, rows;               /* elements of a row that leaves, rows of an image */
  uint64_t line, image;             /* elements that come: of a line, from image to image */
  uint64_t loaded, left, beat, place;
  bt_stream_in data, index, entries_in;
  bool read, read_last, valid;
  uint64_t read_beat, out_beat;
  bool had[3];                      /* the beat that leaves: data, index, exponents have it */
  bt_stream_out to_data, to_index;
  bt_entries_out entries;
  uint64_t entries_left, sample;
  unsigned lane;
} pool;

static void shape(pool *p, const bt_command *c) {
  const bt_tensor *large = p->back ? c->out[0] : c->in[0], *small = p->back ? c->in[0] : c->out[0];
  uint64_t h = large->dim[1], w = large->dim[2], ch = large->dim[3];
  uint64_t oh = small->dim[1], ow = small->dim[2];
  p->elements = bt_tensor_elements(c->out[0]);
  p->row = (p->back ? w : ow) * ch;
  p->rows = p->back ? h : oh;
  p->line = p->back ? ow * ch : p->window * w * ch;
  p->image = p->back ? oh * p->line : h * w * ch;
  p->loads = bt_tensor_elements(c->in[0]);
  p->loads -= p->back ? 0 : p->image - oh * p->line; /* rows in no window, of the last image */
  p->places = p->back ? 1 : p->window * p->window;
}

static pool opened(const bt_command *c, unsigned lanes) {
  const bt_tensor *in = c->in[0];
  unsigned size = in->kind == BT_T_BFP16 ? 1 : 0;
  pool p = {.back = c->op == BT_OP_POOL_BACK || c->op == BT_OP_SPREAD,
            .largest = c->op == BT_OP_POOL, .indexed = c->op == BT_OP_POOL_BACK, .lanes = lanes,
            .by_sample = in->fmt.kind == BT_BFP && in->fmt.block != BT_BLOCK_TENSOR,
            .window = c->u.pool.k, .to_data = {.size = c->op == BT_OP_POOL_SUM ? 2 : size},
            .entries = {BT_ENTRIES_FILL, 2 * lanes, 0}};
  shape(&p, c);
  uint64_t beats = bt_ceil_div(p.loads, lanes);
  p.left = bt_ceil_div(p.elements, lanes);
  p.entries_left = bt_tensor_exponents(in);
  bt_stream_in_open(&p.data, DATA_AHEAD);
  bt_stream_in_open(&p.index, INDEX_AHEAD);
  bt_stream_in_open(&p.entries_in, EXPONENTS_AHEAD);
  bt_stream_in_start(&p.data, size, beats);
  bt_stream_in_start(&p.index, 0, p.indexed ? beats : 0);
  bt_stream_in_start(&p.entries_in, 1, bt_ceil_div(p.entries_left, lanes));
  return p;
}

/* Where the line begins that an element of the side that leaves needs, and its image. */
static uint64_t line_of(const pool *p, uint64_t element) {
  uint64_t row = element / p->row, image = row / p->rows, in_image = row % p->rows;
  return image * p->image + (p->back ? in_image / p->window : in_image) * p->line;
}

static uint64_t sample_of(const pool *p, uint64_t element) { return element / p->row / p->rows; }

static bool enough(const pool *p) {
  uint64_t needed = line_of(p, p->beat * p->lanes + p->lanes - 1) + p->line;
  return p->loaded >= (needed < p->loads ? needed : p->loads);
}

/* As far as the ring has room; lines that it does not hold, which the machine refuses, go on. */
static bool load_ready(const pool *p) {
  uint64_t kept = line_of(p, p->beat * p->lanes) / p->lanes * p->lanes;
  return p->loaded < p->loads && (p->loaded + p->lanes <= kept + RING || !enough(p));
}

/* pool_exponents: an entry leaves at once, or, of a maximum, when the next sample's beat comes. */
static void entries_step(pool *p, int who, int taken, bool beat, bool flush) {
  bool fill = p->entries.state == BT_ENTRIES_FILL;
  uint64_t last = sample_of(p, p->out_beat * p->lanes + p->lanes - 1);
  bool close = flush || (beat && p->by_sample && last != p->sample);
  bool put = bt_stream_in_valid(&p->entries_in) && p->entries_left > 0 && fill &&
             (!p->largest || close);
  bool pop = put && (p->lane == p->lanes - 1 || p->entries_left == 1);
  bt_stream_in_step(&p->entries_in, taken == EXPONENTS, who == EXPONENTS, pop);
  bt_entries_out_step(&p->entries, false, put, fill && p->entries_left == 0,
                      taken == TO_EXPONENTS);
  p->entries_left -= put;
  p->sample += put;
  p->lane = pop ? 0 : p->lane + put;
}

static bool entries_ready(const pool *p) {
  uint64_t last = sample_of(p, p->out_beat * p->lanes + p->lanes - 1);
  return !p->largest || p->entries_left == 0 || !p->by_sample || last == p->sample;
}

static unsigned wants(const pool *p, bt_stream_beat data, bt_stream_beat index) {
  return (bt_stream_in_wants(&p->data) ? 1u << DATA : 0u) |
         (bt_stream_in_wants(&p->index) ? 1u << INDEX : 0u) |
         (bt_stream_in_wants(&p->entries_in) ? 1u << EXPONENTS : 0u) |
         (bt_stream_out_wants(&p->to_data, data) ? 1u << TO_DATA : 0u) |
         (bt_stream_out_wants(&p->to_index, index) ? 1u << TO_INDEX : 0u) |
         (bt_entries_out_wants(&p->entries) ? 1u << TO_EXPONENTS : 0u);
}

/* A place issued, what was read, and the beat that leaves. */
static void places_step(pool *p, bool issue, bool take, bool ready) {
  bool leave = take && p->read_last;
  p->valid = leave || (p->valid && !ready);
  p->out_beat = leave ? p->read_beat : p->out_beat;
  p->read = issue || (p->read && !take);
  if (issue) {
    p->read_last = p->place + 1 == p->places;
    p->read_beat = p->beat;
    p->place = p->read_last ? 0 : p->place + 1;
    p->beat += p->read_last;
    p->left -= p->read_last;
  }
}

/* A cycle of RUN or FLUSH; whether a place was issued. */
static bool step(pool *p, bt_port *port, bool flush) {
  int who = bt_port_answer(port);
  bt_stream_beat data = {p->valid && !p->had[0], flush, p->out_beat};
  bt_stream_beat index = {p->valid && p->largest && !p->had[1], flush, p->out_beat};
  bool entry_beat = p->valid && p->largest && !p->had[2];
  int taken = bt_port_ask(port, wants(p, data, index), WRITERS);
  bool has[3] = {p->had[0] || bt_stream_out_ready(&p->to_data, data, taken == TO_DATA),
                 p->had[1] || bt_stream_out_ready(&p->to_index, index, taken == TO_INDEX),
                 p->had[2] || entries_ready(p)};
  bool ready = has[0] && (!p->largest || (has[1] && has[2]));
  bool take = p->read && (!p->read_last || !p->valid || ready);
  bool issue = p->left > 0 && enough(p) && (!p->read || take);
  bool load = load_ready(p) && bt_stream_in_valid(&p->data) &&
              (!p->indexed || bt_stream_in_valid(&p->index));
  bt_stream_in_step(&p->data, taken == DATA, who == DATA, load);
  bt_stream_in_step(&p->index, taken == INDEX, who == INDEX, load && p->indexed);
  entries_step(p, who, taken, entry_beat, flush);
  bt_stream_out_step(&p->to_data, data, taken == TO_DATA);
  bt_stream_out_step(&p->to_index, index, taken == TO_INDEX);
  for (int i = 0; i < 3; i++) {
    p->had[i] = p->valid && !ready && has[i];
  }
  p->loaded += load ? p->lanes : 0;
  places_step(p, issue, take, ready);
  return issue;
}

bt_unit_time bt_time_pool(const bt_time_of *how, const bt_command *c) {
  bt_unit_time t = {0};
  bt_port port;
  bt_port_open(&port, how, CLIENTS, READS);
  t.cycles = t.prepare = PLAN_CYCLES + how->lanes + 2; /* PLAN; SETUP: the lanes' places */
  pool p = opened(c, how->lanes);
  for (bool busy = true; busy;) {
    busy = p.left > 0 || p.read || p.valid;
    bt_unit_time_cycle(&t, step(&p, &port, false));
  }
  bt_unit_time_cycle(&t, step(&p, &port, false)); /* RUN, which sees that */
  for (bool ends = false; !ends; t.cycles++) {
    ends = !p.to_data.held && !p.to_index.held && p.entries.state == BT_ENTRIES_IDLE;
    (void)step(&p, &port, true);
  }
  t.cycles++;
  t.reads = port.reads;
  t.writes = port.writes;
  return t;
}
