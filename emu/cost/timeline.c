#include "cost/timeline.h"

#include <stdlib.h>

#include "cost/live.h"
#include "cost/timeline_slices.h"
#include "cost/timeline_rates.h"
#include "num/error.h"

#define BURST 64u /* of a map whose addresses are not used */

struct bt_timeline {
  const bt_program *program;
  const bt_machine *machine;
  bt_timeline_options options;
  bt_trace_text text;
  bt_event_text events;
  bt_trace_map map;
  bt_trace_places places;
  bt_trace_moves moves;
  bt_footprint footprint;
  bt_cost_listener listener;
  bt_rates rates;
  unsigned __int128 rate[2];  /* last told: of reads, of writes */
  uint64_t held[2];           /* last told: bytes of tensors, of wide values */
  uint64_t now;               /* when the next chain starts */
  bt_status status;
  bt_error error;
};

static void take_transfer(void *context, bool write, uint64_t at, uint64_t bytes) {
  bt_timeline *t = context;
  bt_rates_add(&t->rates, write, at, bytes);
}

static void put_rate(bt_timeline *t, bool write, uint64_t at, unsigned __int128 rate) {
  bt_event_text *e = &t->events;
  if (rate == t->rate[write]) {
    return;
  }
  t->rate[write] = rate;
  bt_event_start(e, "C", BT_TRACK_CHAINS);
  bt_event_time(e, at);
  bt_event_string(e, "name", write ? "DRAM write" : "DRAM read");
  bt_event_open(e, "args", '{');
  bt_event_decimal(e, "bytes per cycle", rate, BT_RATE_PLACES);
  bt_event_close(e, '}');
  bt_event_close(e, '}');
}

static void put_rates(bt_timeline *t) {
  for (unsigned write = 0; write < 2; write++) {
    for (unsigned i = 0; i < t->rates.windows; i++) {
      bt_rate r = bt_rates_of(&t->rates, write, i);
      if (r.rises > r.from) {
        put_rate(t, write, t->now + r.from, r.rate);
      }
      if (r.rises < r.to) {
        put_rate(t, write, t->now + r.rises, r.rate + 1);
      }
    }
  }
}

static void put_bytes(bt_timeline *t, bool wide, uint64_t bytes) {
  bt_event_text *e = &t->events;
  t->held[wide] = bytes;
  bt_event_start(e, "C", BT_TRACK_CHAINS);
  bt_event_time(e, t->now);
  bt_event_string(e, "name", wide ? "wide values" : "footprint");
  bt_event_open(e, "args", '{');
  bt_event_integer(e, "bytes", bytes);
  bt_event_close(e, '}');
  bt_event_close(e, '}');
}

static size_t number_of(const bt_timeline *t, const bt_command *c) {
  size_t i = 0;
  while (i < t->footprint.commands && bt_program_at(t->program, i) != c) {
    i++;
  }
  return i;
}

/* The most that one of the chain's commands finds. */
static void put_footprint(bt_timeline *t, const bt_chain *chain) {
  uint64_t most[2] = {0, 0};
  for (unsigned i = 0; i < chain->commands; i++) {
    const bt_live *l = &t->footprint.at[number_of(t, chain->demand[i].command)];
    most[0] = l->total > most[0] ? l->total : most[0];
    most[1] = l->kind[BT_ROLE_WIDE] > most[1] ? l->kind[BT_ROLE_WIDE] : most[1];
  }
  for (unsigned wide = 0; wide < 2; wide++) {
    if (t->now == 0 || most[wide] != t->held[wide]) {
      put_bytes(t, wide, most[wide]);
    }
  }
}

static bool is_chosen(const bt_timeline *t, const bt_chain *chain) {
  bool any = t->options.chosen == NULL;
  for (unsigned i = 0; !any && i < chain->commands; i++) {
    any = t->options.chosen[number_of(t, chain->demand[i].command)];
  }
  return any;
}

static bt_status write_chain(bt_timeline *t, const bt_chain *chain, const bt_chain_cost *cost) {
  bt_timeline_chain times;
  bt_transfer_follower follower = {take_transfer, t};
  bt_slices s = {.program = t->program, .chain = chain, .cost = cost, .moves = &t->moves,
                 .times = &times, .start = t->now};
  t->rates = bt_rates_start(cost->cycles, t->machine->dram_bytes_per_cycle);
  bt_status status = bt_timeline_chain_of(chain, &follower, &times, &t->error);
  if (status != BT_OK) {
    return status;
  }
  bt_slices_write(&s, &t->events);
  put_rates(t);
  return t->options.steps ? bt_slices_write_steps(&s, &t->events, &t->error) : BT_OK;
}

static void take_chain(void *context, const bt_chain *chain, const bt_chain_cost *cost) {
  bt_timeline *t = context;
  if (bt_timeline_failed(t)) {
    return;
  }
  t->status = bt_trace_moves_of(&t->places, chain, &t->moves, &t->error);
  if (t->status == BT_OK && cost->cycles > 0) {
    put_footprint(t, chain);
    if (is_chosen(t, chain)) {
      t->status = write_chain(t, chain, cost);
    } else {
      put_rate(t, false, t->now, 0);
      put_rate(t, true, t->now, 0);
    }
  }
  t->now += cost->cycles;
}

static void put_metadata(bt_event_text *e, const char *name, unsigned thread) {
  bt_event_start(e, "M", thread);
  bt_event_string(e, "name", name);
  bt_event_open(e, "args", '{');
}

static void close_metadata(bt_event_text *e) {
  bt_event_close(e, '}');
  bt_event_close(e, '}');
}

/* "systolic-16x16, 1000 MHz" */
static void put_process(const bt_machine *m, bt_event_text *e) {
  put_metadata(e, "process_name", BT_TRACK_CHAINS);
  bt_event_string_open(e, "name");
  bt_event_string_add(e, m->name);
  bt_event_string_add(e, ", ");
  bt_event_string_decimal(e, m->clock_hz, 6);
  bt_event_string_add(e, " MHz");
  bt_event_string_close(e);
  close_metadata(e);
}

static void put_head(bt_timeline *t) {
  const bt_machine *m = t->machine;
  bt_event_text *e = &t->events;
  bt_event_open(e, NULL, '{');
  bt_event_string(e, "displayTimeUnit", "ns");
  bt_event_open(e, "otherData", '{');
  bt_event_string(e, "machine", m->name);
  bt_event_integer(e, "clock_hz", m->clock_hz);
  bt_event_integer(e, "dram_bytes_per_cycle", m->dram_bytes_per_cycle);
  bt_event_integer(e, "commands", bt_program_size(t->program));
  bt_event_close(e, '}');
  bt_event_open(e, "traceEvents", '[');
  put_process(m, e);
  for (unsigned track = BT_TRACK_CHAINS; track < BT_TRACK_END; track++) {
    put_metadata(e, "thread_name", track);
    bt_event_string(e, "name", bt_track_name((bt_track)track));
    close_metadata(e);
    put_metadata(e, "thread_sort_index", track);
    bt_event_integer(e, "sort_index", track);
    close_metadata(e);
  }
}

bt_timeline *bt_timeline_open(const bt_program *program, const bt_machine *machine,
                              const bt_timeline_options *options, const bt_trace_sink *sink,
                              bt_error *error) {
  bt_timeline *t = calloc(1, sizeof *t);
  if (t == NULL) {
    bt_fail(error, BT_FAILED, "out of memory for a timeline");
    return NULL;
  }
  t->program = program;
  t->machine = machine;
  t->options = *options;
  t->text.sink = sink;
  t->events = (bt_event_text){.text = &t->text, .clock_hz = machine->clock_hz};
  t->listener = (bt_cost_listener){take_chain, t};
  bt_status s = bt_trace_map_new(&t->map, program, machine, BURST, error);
  s = s == BT_OK ? bt_footprint_new(program, &t->footprint, error) : s;
  if (s == BT_OK) {
    t->places = (bt_trace_places){&t->map, calloc(t->map.count + 1, sizeof(bool))};
    bool got = t->places.parked != NULL;
    s = got ? BT_OK : bt_fail(error, BT_FAILED, "out of memory for a timeline");
  }
  if (s != BT_OK) {
    bt_timeline_free(t);
    return NULL;
  }
  put_head(t);
  return t;
}

void bt_timeline_free(bt_timeline *t) {
  if (t == NULL) {
    return;
  }
  bt_footprint_free(&t->footprint);
  free(t->places.parked);
  bt_trace_map_free(&t->map);
  free(t);
}

const bt_cost_listener *bt_timeline_listener(const bt_timeline *t) { return &t->listener; }

bool bt_timeline_failed(const bt_timeline *t) {
  return t->status != BT_OK || t->text.status != BT_OK;
}

uint64_t bt_timeline_cycles(const bt_timeline *t) { return t->now; }

bt_status bt_timeline_finish(bt_timeline *t, bt_error *error) {
  if (t->status != BT_OK) {
    return bt_fail(error, t->status, "%s", t->error.text);
  }
  put_rate(t, false, t->now, 0);
  put_rate(t, true, t->now, 0);
  put_bytes(t, false, t->held[0]);
  put_bytes(t, true, t->held[1]);
  bt_event_close(&t->events, ']');
  bt_event_close(&t->events, '}');
  char *end = bt_trace_line(&t->text);
  *end++ = '\n';
  bt_trace_line_end(&t->text, end);
  bt_trace_flush(&t->text);
  return t->text.status == BT_OK ? BT_OK
                                 : bt_fail(error, t->text.status, "%s", t->text.error.text);
}
