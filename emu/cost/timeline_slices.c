#include "cost/timeline_slices.h"

_Static_assert(BT_TRACK_ARRAY + (int)BT_UNIT_QUANTIZER == BT_TRACK_QUANTIZER, "a track a unit");

const char *bt_track_name(bt_track track) {
  switch (track) {
    case BT_TRACK_CHAINS: return "chains";
    case BT_TRACK_LOADS: return "DMA loads";
    case BT_TRACK_STORES: return "DMA stores";
    default: return bt_unit_name((bt_unit)(track - BT_TRACK_ARRAY));
  }
}

static const bt_command *last_of(const bt_chain *c) {
  return c->demand[c->commands - 1].command;
}

static uint64_t number_of(const bt_slices *s, const bt_command *c) {
  uint64_t i = 0;
  while (i < bt_program_size(s->program) && bt_program_at(s->program, i) != c) {
    i++;
  }
  return i;
}

/* What a run is to a command: "" for its only one. */
static const char *part_of(const bt_chain *c, unsigned i, bool second) {
  bool waiting = c->wait != BT_WAIT_NONE && i + 1 == c->commands;
  return waiting ? (second ? "rounding" : "exponent") : second ? "again" : "";
}

/* Up to the arguments, whose first are the slice's place and length in cycles. */
static void open_slice(const bt_slices *s, bt_event_text *e, bt_track track, uint64_t from,
                       uint64_t to) {
  bt_event_start(e, "X", track);
  bt_event_times(e, s->start + from, s->start + to);
  bt_event_string(e, "cat", bt_phase_name(last_of(s->chain)->label.phase));
}

static void open_arguments(const bt_slices *s, bt_event_text *e, uint64_t from, uint64_t to) {
  bt_event_open(e, "args", '{');
  bt_event_integer(e, "cycle", s->start + from);
  bt_event_integer(e, "cycles", to - from);
}

static void close_slice(bt_event_text *e) {
  bt_event_close(e, '}');
  bt_event_close(e, '}');
}

static void put_tensor(bt_event_text *e, const bt_tensor *t) {
  static const char *const type[] = {"bfp", "bfp", "wide", "byte", "sums"};
  bool narrow = t->kind == BT_T_BFP8 || t->kind == BT_T_BFP16;
  bt_event_open(e, NULL, '{');
  bt_event_string(e, "tensor", t->name);
  bt_event_string(e, "kind", bt_role_name(t->role));
  bt_event_string(e, "type", narrow && t->fmt.kind == BT_FIXED ? "fixed" : type[t->kind]);
  if (narrow) {
    bt_event_integer(e, "bits", (uint64_t)t->fmt.wl);
  }
  bt_event_open(e, "shape", '[');
  for (size_t d = 0; d < t->ndim; d++) {
    bt_event_integer(e, NULL, t->dim[d]);
  }
  bt_event_close(e, ']');
  bt_event_close(e, '}');
}

static void put_command(const bt_slices *s, bt_event_text *e, const bt_demand *d,
                        const char *part) {
  const bt_command *c = d->command;
  bt_event_open(e, NULL, '{');
  bt_event_integer(e, "number", number_of(s, c));
  bt_event_string(e, "kind", bt_op_name(c->op));
  bt_event_string(e, "label", c->label.text);
  bt_event_string(e, "phase", bt_phase_name(c->label.phase));
  if (part[0] != '\0') {
    bt_event_string(e, "part", part);
  }
  if (d->contracts) {
    bt_event_integer(e, "macs", d->macs);
  }
  bt_event_open(e, "in", '[');
  for (unsigned i = 0; i < BT_MAX_INPUTS; i++) {
    if (c->in[i] != NULL) {
      put_tensor(e, c->in[i]);
    }
  }
  bt_event_close(e, ']');
  bt_event_open(e, "out", '[');
  for (unsigned i = 0; i < BT_MAX_OUTPUTS; i++) {
    if (c->out[i] != NULL) {
      put_tensor(e, c->out[i]);
    }
  }
  bt_event_close(e, ']');
  bt_event_close(e, '}');
}

/* "conv1 forward", "a + b" of two commands, "conv1 quantize (rounding)". */
static void put_unit_name(const bt_slices *s, bt_event_text *e, bt_unit unit, bool second) {
  const bt_chain *c = s->chain;
  const char *between = "", *part = "";
  bt_event_string_open(e, "name");
  for (unsigned i = 0; i < c->commands; i++) {
    if (c->demand[i].unit == unit) {
      bt_event_string_add(e, between);
      bt_event_string_add(e, c->demand[i].command->label.text);
      between = " + ";
      part = part_of(c, i, second);
    }
  }
  if (part[0] != '\0') {
    bt_event_string_add(e, " (");
    bt_event_string_add(e, part);
    bt_event_string_add(e, ")");
  }
  bt_event_string_close(e);
}

static void put_run(bt_event_text *e, const bt_slices *s, bool second, const bt_span *span) {
  bt_event_integer(e, "work_cycles", span->cycles);
  bt_event_integer(e, "steps", span->steps);
  if (s->times->runs > 1) {
    bt_event_integer(e, "run", second ? 2 : 1);
  }
  if (second && s->chain->wait == BT_WAIT_RECOMPUTE) {
    bt_event_true(e, "recompute");
  }
  bt_event_string(e, "bound", bt_timeline_bound(&s->times->run[second], 1));
}

/* A unit that works in a run does so for all of its commands in the chain. */
static void put_unit(const bt_slices *s, bt_event_text *e, bt_unit unit, bool second) {
  const bt_chain *c = s->chain;
  const bt_span *span = &s->times->run[second].unit[unit];
  if (span->steps == 0) {
    return;
  }
  open_slice(s, e, bt_track_of(unit), span->from, span->to);
  put_unit_name(s, e, unit, second);
  open_arguments(s, e, span->from, span->to);
  put_run(e, s, second, span);
  bt_event_open(e, "commands", '[');
  for (unsigned i = 0; i < c->commands; i++) {
    if (c->demand[i].unit == unit) {
      put_command(s, e, &c->demand[i], part_of(c, i, second));
    }
  }
  bt_event_close(e, ']');
  close_slice(e);
}

static void put_moved(bt_event_text *e, const char *tensor, unsigned kind, uint64_t bytes) {
  bt_event_open(e, NULL, '{');
  bt_event_string(e, "tensor", tensor);
  bt_event_string(e, "kind", bt_traffic_name(kind));
  bt_event_integer(e, "bytes", bytes);
  bt_event_close(e, '}');
}

static const bt_command *contraction_of(const bt_chain *c) {
  const bt_command *found = NULL;
  for (unsigned i = 0; i < c->commands; i++) {
    found = c->demand[i].contracts ? c->demand[i].command : found;
  }
  return found;
}

/* Loads or stores of a run, by tensor: a contraction's operands, then everything else. */
static void put_transfers(const bt_slices *s, bt_event_text *e, bool write, bool second) {
  const bt_timeline_run *run = &s->times->run[second];
  const bt_trace_list *list = &s->moves->run[second][write];
  const bt_span *span = &run->port[write];
  const bt_command *c = contraction_of(s->chain);
  if (span->steps == 0) {
    return;
  }
  open_slice(s, e, write ? BT_TRACK_STORES : BT_TRACK_LOADS, span->from, span->to);
  bt_event_string(e, "name",
                  (write ? last_of(s->chain) : s->chain->demand[0].command)->label.text);
  open_arguments(s, e, span->from, span->to);
  put_run(e, s, second, span);
  bt_event_integer(e, "bytes", run->bytes[write]);
  bt_event_open(e, "tensors", '[');
  for (unsigned k = 0; !write && k < 2; k++) {
    if (run->operand[k] > 0) {
      put_moved(e, c->in[k]->name, c->in[k]->role, run->operand[k]);
    }
  }
  for (size_t i = 0; i < list->count; i++) {
    const bt_trace_section *of = list->at[i].section;
    put_moved(e, of->tensor == NULL ? "statistics" : of->tensor->name, of->kind, of->bytes);
  }
  bt_event_close(e, ']');
  close_slice(e);
}

static void put_chain(const bt_slices *s, bt_event_text *e) {
  static const char *const wait[] = {"", "in the output buffer", "in DRAM", "computed again"};
  const bt_chain *c = s->chain;
  const bt_timeline_run *first = &s->times->run[0], *second = &s->times->run[1];
  open_slice(s, e, BT_TRACK_CHAINS, 0, s->cost->cycles);
  bt_event_string(e, "name", last_of(c)->label.text);
  open_arguments(s, e, 0, s->cost->cycles);
  bt_event_integer(e, "stall_cycles", s->cost->cycles - bt_chain_busiest(s->cost));
  bt_event_integer(e, "bytes_read", first->bytes[0] + second->bytes[0]);
  bt_event_integer(e, "bytes_written", first->bytes[1] + second->bytes[1]);
  bt_event_integer(e, "dram_activations", s->cost->activations);
  bt_event_string(e, "bound", bt_timeline_bound(s->times->run, s->times->runs));
  if (c->wait != BT_WAIT_NONE) {
    bt_event_string(e, "waits_for_exponent", wait[c->wait]);
  }
  bt_event_open(e, "commands", '[');
  for (unsigned i = 0; i < c->commands; i++) {
    bt_event_integer(e, NULL, number_of(s, c->demand[i].command));
  }
  bt_event_close(e, ']');
  close_slice(e);
}

void bt_slices_write(const bt_slices *s, bt_event_text *e) {
  put_chain(s, e);
  for (unsigned second = 0; second < s->times->runs; second++) {
    put_transfers(s, e, false, second);
    for (unsigned u = 0; u < BT_UNITS; u++) {
      put_unit(s, e, (bt_unit)u, second);
    }
    put_transfers(s, e, true, second);
  }
}

typedef struct {
  const bt_slices *s;
  bt_event_text *e;
} stepping;

static void put_step(const stepping *w, bt_track track, const char *name, uint64_t step,
                     uint64_t at, uint64_t cycles, uint64_t bytes) {
  if (cycles == 0) {
    return;
  }
  open_slice(w->s, w->e, track, at, at + cycles);
  bt_event_string(w->e, "name", name);
  open_arguments(w->s, w->e, at, at + cycles);
  bt_event_integer(w->e, "step", step);
  if (bytes > 0) {
    bt_event_integer(w->e, "bytes", bytes);
  }
  close_slice(w->e);
}

static void take_step(void *context, const bt_chain_step *step) {
  const stepping *w = context;
  const bt_command *c = contraction_of(w->s->chain);
  uint64_t at = step->loads_at;
  for (unsigned k = 0; k < 3; k++) {
    const char *name = c != NULL && k < 2 ? c->in[k]->name : "others";
    put_step(w, BT_TRACK_LOADS, name, step->step, at, step->load_cycles[k],
             step->load_bytes[k]);
    at += step->load_cycles[k];
  }
  for (unsigned u = 0; u < BT_UNITS; u++) {
    put_step(w, bt_track_of((bt_unit)u), "step", step->step, step->unit_at[u],
             step->unit_cycles[u], 0);
  }
  put_step(w, BT_TRACK_STORES, "results", step->step - 1, step->store_at, step->store_cycles,
           step->store_bytes);
}

bt_status bt_slices_write_steps(const bt_slices *s, bt_event_text *e, bt_error *error) {
  stepping w = {s, e};
  bt_chain_follower follower = {take_step, &w};
  bt_chain_cost again;
  return bt_chain_follow(s->chain, &follower, &again, error);
}
