#include "cost/trace.h"

#include <stdlib.h>

#include "cost/trace_run.h"
#include "num/error.h"

/* What a kept tensor held before a command of the step overwrote it. */
typedef struct {
  bt_tensor tensor;      /* with storage of its own */
  const bt_tensor *of;
  size_t command;        /* that overwrote it */
} old_value;

typedef struct {
  bt_trace_run run;
  const bt_tensor *values;
  bool of_b;             /* an operand B's */
  uint64_t each, longer; /* bytes a step, and how many of the first steps take one more */
} even_run;

struct bt_trace {
  const bt_program *program;
  const bt_machine *machine;
  bt_trace_options options;
  bt_trace_map map;
  bt_trace_places places;
  bt_trace_writer writer;
  bt_cost_listener listener;
  uint64_t now;                      /* when the next chain starts */
  bt_trace_moves moves;              /* of the chain at work */
  bool second;                       /* run of it that `even` and `operand` are of */
  const bt_command *contraction;
  bt_trace_run operand[2];
  const bt_tensor *operand_values[2];
  even_run even[2][BT_TRACE_PIECES]; /* loads, stores */
  old_value *old;
  size_t olds;
  bt_status status;
  bt_error error;
};

static size_t number_of(const bt_trace *t, const bt_command *c) {
  size_t i = 0;
  while (i < bt_program_size(t->program) && bt_program_at(t->program, i) != c) {
    i++;
  }
  return i;
}

/* Whose values a command reads: the section's tensor, unless that command or a later one has
 * overwritten it since. */
static const bt_tensor *values_of(const bt_trace *t, const bt_trace_section *s,
                                  const bt_command *c, bool write) {
  const bt_tensor *found = s->tensor;
  if (!t->options.values || (const void *)s->tensor != s->key) {
    return NULL;
  }
  for (size_t i = t->olds; !write && i-- > 0;) {
    if (t->old[i].of == s->tensor && t->old[i].command >= number_of(t, c)) {
      found = &t->old[i].tensor;
    }
  }
  return found;
}

/* Bytes of operand k before the tile of a visit, where each tile has bytes of its own. Where tiles
 * share bytes, those of a convolution's windows, they begin at equal distances (traces 3). */
static uint64_t tile_start(const bt_nest *n, const bt_visit *v, int k, uint64_t length) {
  uint64_t tile = k == 0 ? v->row_block * n->row_block + v->row
                         : v->col_block * n->col_block + v->col;
  uint64_t outputs = k == 0 ? n->passes.rows : n->passes.cols;
  uint64_t size = k == 0 ? n->passes.tile_rows : n->passes.tile_cols;
  uint64_t tiles = k == 0 ? n->passes.row_tiles : n->passes.col_tiles;
  unsigned __int128 all = ((unsigned __int128)outputs * n->k * n->bits[k] + 7) / 8;
  unsigned __int128 start = all == n->bytes[k]
                                ? (unsigned __int128)tile * size * n->k * n->bits[k] / 8
                                : (unsigned __int128)tile * n->bytes[k] / tiles;
  uint64_t last = n->bytes[k] - length;
  return start < last ? (uint64_t)start : last;
}

static void place_operand(bt_trace *t, const bt_chain_step *step, int k) {
  bt_trace_run *r = &t->operand[k];
  bool parts = step->nest->residence[k] == BT_STAYS_WHOLE ||
               (k == 0 && step->nest->residence[k] == BT_STAYS_BLOCK);
  if (parts && r->done == r->end) { /* all of it was read: from its beginning again */
    r->done = r->next = 0;
  } else if (!parts && step->chunk == 0) {
    uint64_t length = step->of.load[k];
    r->next = r->done = tile_start(step->nest, &step->visit, k, length);
    r->end = r->done + length;
  }
}

static void load_operands(bt_trace *t, const bt_chain_step *step) {
  uint64_t at = t->now + step->loads_at;
  for (int k = 0; k < 2; k++) {
    if (step->load_bytes[k] > 0) {
      place_operand(t, step, k);
      bt_trace_transfer transfer = {
          .writer = &t->writer, .at = at, .cycles = step->load_cycles[k], .file = (unsigned)k,
          .values = t->operand_values[k]};
      bt_trace_run_take(&t->operand[k], step->load_bytes[k], &transfer);
    }
    at += step->load_cycles[k];
  }
}

/* Part i of everything else that is loaded, or of what is stored. */
static void move_even(bt_trace *t, bool write, uint64_t i, uint64_t at, uint64_t cycles) {
  size_t count = t->moves.run[t->second][write].count;
  bt_trace_transfer transfer = {.writer = &t->writer, .at = t->now + at, .cycles = cycles,
                                .write = write, .file = write ? 2 : 0};
  for (size_t k = 0; k < count; k++) {
    even_run *e = &t->even[write][k];
    uint64_t bytes = e->each + (i < e->longer);
    if (bytes > 0) {
      transfer.file = write ? 2 : e->of_b;
      transfer.values = e->values;
      bt_trace_run_take(&e->run, bytes, &transfer);
    }
  }
}

static void start_run(bt_trace *t, const bt_chain_step *step) {
  const bt_command *c = t->contraction;
  for (int write = 0; write < 2; write++) {
    const bt_trace_list *list = &t->moves.run[step->second][write];
    for (size_t k = 0; k < list->count; k++) {
      const bt_trace_section *s = list->at[k].section;
      t->even[write][k] = (even_run){
          .run = bt_trace_run_whole(s),
          .values = values_of(t, s, list->at[k].command, write),
          .of_b = list->at[k].command == c && s->tensor == c->in[1],
          .each = s->bytes / step->steps,
          .longer = s->bytes % step->steps};
    }
  }
  for (int k = 0; step->nest != NULL && k < 2; k++) {
    const bt_trace_section *s = bt_trace_map_find(&t->map, c->in[k], false);
    t->operand[k] = bt_trace_run_whole(s);
    t->operand_values[k] = values_of(t, s, c, false);
  }
  t->second = step->second;
}

static void take_step(void *context, const bt_chain_step *step) {
  bt_trace *t = context;
  if (step->step == 0) {
    start_run(t, step);
  }
  if (step->nest != NULL) {
    load_operands(t, step);
  }
  if (step->load_cycles[2] > 0) {
    move_even(t, false, step->step,
              step->loads_at + step->load_cycles[0] + step->load_cycles[1], step->load_cycles[2]);
  }
  if (step->store_cycles > 0) {
    move_even(t, true, step->step - 1, step->store_at, step->store_cycles);
  }
}

static bool is_chosen(bt_trace *t, const bt_chain *chain) {
  bool any = t->options.chosen == NULL;
  t->contraction = NULL;
  for (unsigned i = 0; i < chain->commands; i++) {
    const bt_command *c = chain->demand[i].command;
    t->contraction = chain->demand[i].contracts ? c : t->contraction;
    any = any || t->options.chosen[number_of(t, c)];
  }
  return any;
}

static void take_chain(void *context, const bt_chain *chain, const bt_chain_cost *cost) {
  bt_trace *t = context;
  bt_chain_follower follower = {take_step, t};
  bt_chain_cost again;
  if (bt_trace_failed(t)) {
    return;
  }
  t->status = bt_trace_moves_of(&t->places, chain, &t->moves, &t->error);
  if (t->status == BT_OK && is_chosen(t, chain)) {
    t->status = bt_chain_follow(chain, &follower, &again, &t->error);
  }
  t->now += cost->cycles;
}

bt_trace *bt_trace_open(const bt_program *program, const bt_machine *machine,
                        const bt_trace_options *options, const bt_trace_sink *sink,
                        bt_error *error) {
  bt_trace *t = calloc(1, sizeof *t);
  if (t == NULL) {
    bt_fail(error, BT_FAILED, "out of memory for a trace");
    return NULL;
  }
  t->program = program;
  t->machine = machine;
  t->options = *options;
  t->listener = (bt_cost_listener){take_chain, t};
  bt_status s = bt_trace_writer_open(&t->writer, options->format, options->whole, options->burst,
                                     machine, sink, error);
  s = s == BT_OK ? bt_trace_map_new(&t->map, program, machine, options->burst, error) : s;
  if (s == BT_OK) {
    t->places = (bt_trace_places){&t->map, calloc(t->map.count + 1, sizeof(bool))};
    t->old = calloc(bt_program_size(program) * BT_MAX_OUTPUTS + 1, sizeof *t->old);
    bool got = t->places.parked != NULL && t->old != NULL;
    s = got ? BT_OK : bt_fail(error, BT_FAILED, "out of memory for a trace");
  }
  if (s != BT_OK) {
    bt_trace_free(t);
    return NULL;
  }
  return t;
}

void bt_trace_free(bt_trace *t) {
  if (t == NULL) {
    return;
  }
  for (size_t i = 0; i < t->olds; i++) {
    bt_tensor_free(&t->old[i].tensor);
  }
  free(t->old);
  free(t->places.parked);
  bt_trace_map_free(&t->map);
  bt_trace_writer_free(&t->writer);
  free(t);
}

const bt_trace_map *bt_trace_map_of(const bt_trace *t) { return &t->map; }

const bt_cost_listener *bt_trace_listener(const bt_trace *t) { return &t->listener; }

bool bt_trace_failed(const bt_trace *t) {
  bool failed = t->status != BT_OK;
  for (unsigned i = 0; i < BT_TRACE_FILES; i++) {
    failed = failed || t->writer.text[i].status != BT_OK;
  }
  return failed;
}

uint64_t bt_trace_cycles(const bt_trace *t) { return t->now; }

bt_status bt_trace_before(bt_trace *t, size_t number, bt_error *error) {
  const bt_command *c = bt_program_at(t->program, number);
  size_t first, last;
  for (unsigned k = 0; t->options.values && k < BT_MAX_OUTPUTS; k++) {
    const bt_tensor *from = c->out[k];
    bool kept = from != NULL && from->data != NULL && from->kind != BT_T_WIDE &&
                !bt_program_lifetime(t->program, from, &first, &last);
    if (!kept) {
      continue;
    }
    old_value *o = &t->old[t->olds];
    *o = (old_value){.tensor = *from, .of = from, .command = number};
    o->tensor.data = NULL;
    o->tensor.exp = NULL;
    if (!bt_tensor_alloc(&o->tensor)) {
      return bt_fail(error, BT_FAILED, "out of memory for the values before %s", c->label.text);
    }
    t->olds++;
    memcpy(o->tensor.data, from->data, bt_tensor_elements(from) * bt_tensor_element_size(from));
    for (size_t e = 0; e < bt_tensor_exponents(from); e++) {
      o->tensor.exp[e] = from->exp[e];
    }
  }
  return BT_OK;
}

bt_status bt_trace_finish(bt_trace *t, bt_error *error) {
  if (t->status != BT_OK) {
    return bt_fail(error, t->status, "%s", t->error.text);
  }
  return bt_trace_writer_close(&t->writer, t->now, error);
}
