#include "oracle_pipeline.h"

#include <stdbool.h>
#include <stdlib.h>

typedef struct {
  bool store;
  size_t step;
} transfer;

typedef struct {
  bool busy;
  uint64_t until;
  size_t ended; /* steps; of the port: transfers */
} actor;

typedef struct {
  unsigned units;
  size_t steps;
  const oracle_step *step;
  actor unit[ORACLE_UNITS], port;
  transfer *queue; /* without transfers of 0 cycles: nothing waits for them */
  size_t transfers;
  bool *loaded, *stored;
  uint64_t now;
} machine;

static void enqueue(machine *m, bool store, size_t step) {
  uint64_t cycles = store ? m->step[step].store : m->step[step].load;
  if (cycles > 0) {
    m->queue[m->transfers++] = (transfer){store, step};
  }
  (store ? m->stored : m->loaded)[step] = cycles == 0;
}

/* load 0, load 1, store 0, load 2, store 1, ... */
static void enqueue_all(machine *m) {
  for (size_t t = 0; t < m->steps; t++) {
    enqueue(m, false, t);
    if (t > 0) {
      enqueue(m, true, t - 1);
    }
  }
  enqueue(m, true, m->steps - 1);
}

static bool end_those_due(machine *m) {
  bool any = false;
  for (unsigned u = 0; u < m->units; u++) {
    if (m->unit[u].busy && m->unit[u].until == m->now) {
      m->unit[u].busy = false;
      m->unit[u].ended++;
      any = true;
    }
  }
  if (m->port.busy && m->port.until == m->now) {
    const transfer *t = &m->queue[m->port.ended++];
    m->port.busy = false;
    (t->store ? m->stored : m->loaded)[t->step] = true;
    any = true;
  }
  return any;
}

/* Whether an actor has ended step t - back; true for steps before the first. */
static bool has_ended(const actor *a, size_t t, size_t back) { return a->ended + back > t; }

static bool unit_may_start(const machine *m, unsigned u) {
  size_t t = m->unit[u].ended;
  if (m->unit[u].busy || t == m->steps) {
    return false;
  }
  bool fed = u == 0 ? m->loaded[t] : has_ended(&m->unit[u - 1], t, 0);
  bool room = u + 1 == m->units ? t < 2 || m->stored[t - 2] : has_ended(&m->unit[u + 1], t, 2);
  return fed && room;
}

static bool port_may_start(const machine *m) {
  if (m->port.busy || m->port.ended == m->transfers) {
    return false;
  }
  const transfer *t = &m->queue[m->port.ended];
  return t->store ? has_ended(&m->unit[m->units - 1], t->step, 0)
                  : has_ended(&m->unit[0], t->step, 2);
}

static bool start_those_ready(machine *m) {
  bool any = false;
  for (unsigned u = 0; u < m->units; u++) {
    if (unit_may_start(m, u)) {
      m->unit[u].busy = true;
      m->unit[u].until = m->now + m->step[m->unit[u].ended].unit[u];
      any = true;
    }
  }
  if (port_may_start(m)) {
    const transfer *t = &m->queue[m->port.ended];
    m->port.busy = true;
    m->port.until = m->now + (t->store ? m->step[t->step].store : m->step[t->step].load);
    any = true;
  }
  return any;
}

/* Moves the clock to the next end; false if nothing is under way. */
static bool advance(machine *m) {
  uint64_t next = UINT64_MAX;
  for (unsigned u = 0; u < m->units; u++) {
    next = m->unit[u].busy && m->unit[u].until < next ? m->unit[u].until : next;
  }
  next = m->port.busy && m->port.until < next ? m->port.until : next;
  if (next == UINT64_MAX) {
    return false;
  }
  m->now = next;
  return true;
}

uint64_t oracle_pipeline(unsigned units, size_t steps, const oracle_step *step) {
  machine m = {.units = units, .steps = steps, .step = step};
  m.queue = calloc(2 * steps, sizeof *m.queue);
  m.loaded = calloc(steps, sizeof *m.loaded);
  m.stored = calloc(steps, sizeof *m.stored);
  if (m.queue == NULL || m.loaded == NULL || m.stored == NULL) {
    abort();
  }
  enqueue_all(&m);
  do {
    bool changed = true;
    while (changed) {
      changed = start_those_ready(&m);
      changed = end_those_due(&m) || changed;
    }
  } while (advance(&m));
  if (m.unit[units - 1].ended != steps || m.port.ended != m.transfers) {
    abort(); /* a deadlock: the document's rules allow none */
  }
  free(m.queue);
  free(m.loaded);
  free(m.stored);
  return m.now;
}
