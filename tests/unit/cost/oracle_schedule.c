#include "oracle_schedule.h"

#include <stdlib.h>

#include "oracle_bytes.h"
#include "oracle_nest.h"
#include "oracle_pipeline.h"
#include "oracle_units.h"

typedef enum { NO_WAIT, IN_BUFFER, IN_DRAM, AGAIN } waiting;

typedef struct {
  bt_cost *cost;
  const bt_machine *m;
  const bt_program *program;
  size_t size;
  size_t *maker;    /* of each command: the one whose wide value passes to it; itself if none */
  bool *read;       /* its wide value has a reader */
  bool *passed_on;  /* its wide value passes to its first reader */
  bool *in_dram;    /* its wide value was parked there */
} schedule;

/* What goes by in one run of steps. */
typedef struct {
  size_t steps;
  const oracle_contraction *array; /* NULL: none in it */
  unsigned units;
  bt_unit unit[BT_UNITS];
  uint64_t cycles[BT_UNITS]; /* by bt_unit */
  uint64_t loads, stores, widest;
} run;

bool oracle_checks(bt_count_kind kind) {
  return kind <= BT_COUNT_SCALAR_CYCLES ||
         (kind >= BT_COUNT_INPUT_READ && kind <= BT_COUNT_DRAM_ACTIVATIONS);
}

static uint64_t *count(const schedule *s, const bt_command *c, bt_count_kind kind) {
  return &s->cost->phase[c->label.phase].n[kind];
}

static const bt_command *at(const schedule *s, size_t i) { return bt_program_at(s->program, i); }

/* Values that pass from unit to unit, or are parked: vectors stay on the chip. */
static bool travels(const bt_tensor *t) { return t != NULL && oracle_passes(t) && t->ndim > 1; }

static size_t maker_of(const schedule *s, const bt_tensor *t, size_t before) {
  for (size_t i = before; i-- > 0;) {
    if (at(s, i)->out[0] == t) {
      return i;
    }
  }
  abort();
}

/* Of the wide values that a command is the first to read, the one made last passes. */
static void link_command(schedule *s, size_t i) {
  const bt_command *c = at(s, i);
  size_t last = s->size, maker[BT_MAX_INPUTS];
  for (size_t j = 0; j < BT_MAX_INPUTS; j++) {
    maker[j] = travels(c->in[j]) ? maker_of(s, c->in[j], i) : s->size;
    if (maker[j] < s->size && !s->read[maker[j]]) {
      last = last == s->size || maker[j] > last ? maker[j] : last;
    }
  }
  for (size_t j = 0; j < BT_MAX_INPUTS; j++) {
    if (maker[j] < s->size) {
      s->read[maker[j]] = true;
    }
  }
  s->maker[i] = last < s->size ? last : i;
  if (last < s->size) {
    s->passed_on[last] = true;
  }
}

static void add_to(run *r, bt_unit unit, uint64_t cycles) {
  unsigned u = 0;
  while (u < r->units && r->unit[u] != unit) {
    u++;
  }
  r->unit[u] = unit;
  r->units = u == r->units ? u + 1 : r->units;
  r->cycles[unit] += cycles;
}

/* The part of step t of `all`, spread evenly, the first steps one more. */
static uint64_t part(uint64_t all, size_t steps, size_t t) {
  return all / steps + (t < all % steps ? 1 : 0);
}

static void count_steps(const schedule *s, run *r) {
  if (r->array != NULL) {
    r->steps = r->array->visits * r->array->chunks;
    return;
  }
  uint64_t in = oracle_half(s->m->sram_input_bytes), out = oracle_half(s->m->sram_output_bytes);
  uint64_t need[3] = {oracle_ceil(r->loads, in), oracle_ceil(r->stores, out),
                      oracle_ceil(r->widest, out)};
  r->steps = 1;
  for (int i = 0; i < 3; i++) {
    r->steps = need[i] > r->steps ? need[i] : r->steps;
  }
}

/* One transfer: cycles of the port, and the rows it opens. */
static uint64_t transfer(const bt_machine *m, uint64_t bytes, uint64_t *rows) {
  *rows += oracle_ceil(bytes, m->dram_row_bytes);
  return oracle_ceil(bytes, m->dram_bytes_per_cycle);
}

static uint64_t elapsed(const schedule *s, run *r, uint64_t *rows) {
  count_steps(s, r);
  oracle_step *step = calloc(r->steps, sizeof *step);
  if (step == NULL) {
    abort();
  }
  for (size_t t = 0; t < r->steps; t++) {
    for (unsigned u = 0; u < r->units; u++) {
      step[t].unit[u] = part(r->cycles[r->unit[u]], r->steps, t);
    }
    if (r->array != NULL) {
      size_t chunks = r->array->chunks;
      const oracle_visit *v = &r->array->visit[t / chunks];
      step[t].unit[0] = part(v->cycles, chunks, t % chunks);
      step[t].load = transfer(s->m, part(v->load[0], chunks, t % chunks), rows) +
                     transfer(s->m, part(v->load[1], chunks, t % chunks), rows);
    }
    step[t].load += transfer(s->m, part(r->loads, r->steps, t), rows);
    step[t].store = transfer(s->m, part(r->stores, r->steps, t), rows);
  }
  uint64_t end = oracle_pipeline(r->units, r->steps, step);
  free(step);
  return end;
}

/* Whether R blocks fit the output buffer as wide values. */
static bool blocks_fit(const bt_machine *m, const bt_tensor *t) {
  size_t n = bt_tensor_elements(t), blocks = bt_tensor_exponents(t), largest = 0;
  size_t *size = calloc(blocks, sizeof *size);
  for (size_t i = 0; size != NULL && i < n; i++) {
    size_t *b = &size[bt_block_of(&t->fmt, t->ndim, t->dim, i)];
    largest = ++*b > largest ? *b : largest;
  }
  free(size);
  size_t open = m->rows * largest;
  open = t->fmt.block == BT_BLOCK_TENSOR ? largest : open < n ? open : n;
  return 4 * open <= m->sram_output_bytes;
}

static waiting waits(const schedule *s, const bt_command *c) {
  if (c->op != BT_OP_QUANTIZE || s->cost->fp32 || c->out[0]->fmt.kind == BT_FIXED) {
    return NO_WAIT;
  }
  bool stays = oracle_passes(c->in[0]) && c->in[0]->ndim == 1;
  if (stays || blocks_fit(s->m, c->out[0])) {
    return IN_BUFFER;
  }
  if (!oracle_passes(c->in[0])) {
    return IN_DRAM;
  }
  return s->m->exponent == BT_EXPONENT_SPILL ? IN_DRAM : AGAIN;
}

/* Through the output buffer, to DRAM and from it. */
static uint64_t spill(const schedule *s, const bt_command *c, const bt_tensor *t, bool back) {
  uint64_t bytes = oracle_elements_bytes(t, s->cost->fp32);
  bt_traffic *wide = &s->cost->dram[c->label.phase][BT_ROLE_WIDE];
  *(back ? &wide->read : &wide->written) += bytes;
  *count(s, c, back ? BT_COUNT_SPILL_READ : BT_COUNT_SPILL_WRITE) += bytes;
  *count(s, c, back ? BT_COUNT_OUTPUT_WRITE : BT_COUNT_OUTPUT_READ) += bytes;
  return bytes;
}

static bool parked_in_dram(const schedule *s, const bt_tensor *t) {
  return 2 * oracle_elements_bytes(t, s->cost->fp32) > s->m->sram_output_bytes;
}

/* Wide values that a command reads and that were parked. One that passed to another reader before
 * is stored first, in this run. */
static void unpark(const schedule *s, size_t i, run *r) {
  const bt_command *c = at(s, i);
  for (size_t j = 0; j < BT_MAX_INPUTS; j++) {
    bool first = travels(c->in[j]) && parked_in_dram(s, c->in[j]);
    for (size_t k = 0; k < j; k++) {
      first = first && c->in[k] != c->in[j];
    }
    size_t maker = first ? maker_of(s, c->in[j], i) : i;
    if (first && maker != s->maker[i]) {
      r->stores += s->in_dram[maker] ? 0 : spill(s, c, c->in[j], false);
      r->loads += spill(s, c, c->in[j], true);
      s->in_dram[maker] = true;
    }
  }
}

static void contraction_buffers(const schedule *s, const bt_command *c, oracle_mover *to,
                                const oracle_contraction *o) {
  oracle_dram_read(to, c->in[0]->role, o->read[0]);
  oracle_dram_read(to, c->in[1]->role, o->read[1]);
  *count(s, c, BT_COUNT_INPUT_WRITE) += o->read[0];
  *count(s, c, BT_COUNT_WEIGHT_WRITE) += o->read[1];
  *count(s, c, BT_COUNT_INPUT_READ) += o->sram_read[0];
  *count(s, c, BT_COUNT_WEIGHT_READ) += o->sram_read[1];
  *count(s, c, BT_COUNT_OUTPUT_WRITE) += o->sums_written;
  *count(s, c, BT_COUNT_OUTPUT_READ) += o->sums_read;
}

/* Counts command i and puts it into a run; its unit works `cycles`, or as long as it takes. */
static void execute(const schedule *s, size_t i, run *r, bool again, unsigned reads, bool half) {
  const bt_command *c = at(s, i);
  static const bt_count_kind kind[BT_UNITS] = {BT_COUNT_ARRAY_CYCLES, BT_COUNT_SCALAR_CYCLES,
                                               BT_COUNT_VECTOR_CYCLES, BT_COUNT_QUANTIZER_CYCLES};
  oracle_mover to = {s->cost, c->label.phase, s->cost->fp32, 0, 0};
  bt_unit unit = oracle_unit_of(c);
  uint64_t cycles =
      unit == BT_UNIT_ARRAY ? r->array->cycles : oracle_unit_cycles(s->m, c, s->cost->fp32);
  oracle_move(&to, c, reads, again);
  if (unit == BT_UNIT_ARRAY) {
    bt_extent e = bt_geometry_extent(&c->u.contract.geometry, c->u.contract.direction);
    *count(s, c, BT_COUNT_MACS) += (uint64_t)e.rows * e.cols * e.k;
    contraction_buffers(s, c, &to, r->array);
  }
  *count(s, c, BT_COUNT_COMMANDS) += again ? 0 : 1;
  *count(s, c, kind[unit]) += cycles;
  add_to(r, unit, half ? cycles / 2 : cycles);
  r->loads += to.loaded;
  r->stores += to.stored;
  for (size_t j = 0; j < BT_MAX_INPUTS; j++) {
    uint64_t wide = travels(c->in[j]) ? oracle_elements_bytes(c->in[j], s->cost->fp32) : 0;
    r->widest = wide > r->widest ? wide : r->widest;
  }
  uint64_t wide = travels(c->out[0]) ? oracle_elements_bytes(c->out[0], s->cost->fp32) : 0;
  r->widest = wide > r->widest ? wide : r->widest;
}

/* The second run of a quantization: rounding. What is loaded again was counted with the first. */
static uint64_t round_run(const schedule *s, const size_t *chain, size_t length, waiting wait,
                          run *first, uint64_t *rows, uint64_t *work) {
  const bt_command *q = at(s, chain[length - 1]);
  run second = {.array = wait == AGAIN ? first->array : NULL};
  for (size_t i = 0; wait == AGAIN && i < length; i++) {
    if (i + 1 < length) {
      execute(s, chain[i], &second, true, 1, false);
    }
    unpark(s, chain[i], &second);
  }
  uint64_t stored =
      oracle_elements_bytes(q->out[0], false) + oracle_exponent_bytes(q->out[0], false);
  first->stores -= stored;
  second.stores += stored;
  second.widest = first->widest;
  add_to(&second, BT_UNIT_QUANTIZER, (oracle_quantizer_cycles(s->m, q->out[0]) + 1) / 2);
  if (wait == IN_DRAM && oracle_passes(q->in[0])) {
    first->stores += spill(s, q, q->in[0], false);
    second.loads += spill(s, q, q->in[0], true);
  } else if (wait == IN_DRAM) {
    second.loads = first->loads / 2;
    first->loads -= second.loads;
  }
  uint64_t end = elapsed(s, &second, rows);
  for (unsigned u = 0; u < BT_UNITS; u++) {
    work[u] += second.cycles[u];
  }
  return end;
}

static void execute_chain(const schedule *s, const size_t *chain, size_t length) {
  const bt_command *last = at(s, chain[length - 1]), *head = at(s, chain[0]);
  waiting wait = waits(s, last);
  run first = {0};
  oracle_contraction o = {0};
  if (head->op == BT_OP_CONTRACT) {
    o = oracle_contract(s->m, head, s->cost->plan, s->cost->fp32);
    first.array = &o;
  }
  for (size_t i = 0; i < length; i++) {
    bool ends = i + 1 == length;
    bool twice = ends && wait == IN_DRAM && !oracle_passes(last->in[0]);
    execute(s, chain[i], &first, false, twice ? 2 : 1, ends && wait != NO_WAIT);
    unpark(s, chain[i], &first);
  }
  if (travels(last->out[0]) && parked_in_dram(s, last->out[0])) {
    first.stores += spill(s, last, last->out[0], false);
    s->in_dram[chain[length - 1]] = true;
  }
  uint64_t rows = 0, work[BT_UNITS] = {0}, cycles = 0, busiest = 0;
  if (wait != NO_WAIT) {
    cycles = round_run(s, chain, length, wait, &first, &rows, work);
  }
  cycles += elapsed(s, &first, &rows);
  for (unsigned u = 0; u < BT_UNITS; u++) {
    work[u] += first.cycles[u];
    busiest = work[u] > busiest ? work[u] : busiest;
  }
  *count(s, last, BT_COUNT_CYCLES) += cycles;
  *count(s, last, BT_COUNT_STALL_CYCLES) += cycles - busiest;
  *count(s, last, BT_COUNT_DRAM_ACTIVATIONS) += rows;
  oracle_contraction_free(&o);
}

void oracle_cost(bt_cost *cost, const bt_machine *m, const bt_program *program) {
  schedule s = {cost, m, program, bt_program_size(program), NULL, NULL, NULL, NULL};
  s.maker = calloc(s.size, sizeof *s.maker);
  s.read = calloc(s.size, sizeof *s.read);
  s.passed_on = calloc(s.size, sizeof *s.passed_on);
  s.in_dram = calloc(s.size, sizeof *s.in_dram);
  size_t *chain = calloc(s.size, sizeof *chain);
  if (s.maker == NULL || s.read == NULL || s.passed_on == NULL || s.in_dram == NULL ||
      chain == NULL) {
    abort();
  }
  for (size_t i = 0; i < s.size; i++) {
    link_command(&s, i);
  }
  for (size_t i = 0; i < s.size; i++) {
    if (!s.passed_on[i]) {
      size_t length = 1;
      for (size_t j = i; s.maker[j] != j; j = s.maker[j]) {
        length++;
      }
      for (size_t j = i, k = length; k-- > 0; j = s.maker[j]) {
        chain[k] = j;
      }
      execute_chain(&s, chain, length);
    }
  }
  free(s.maker);
  free(s.read);
  free(s.passed_on);
  free(s.in_dram);
  free(chain);
}
