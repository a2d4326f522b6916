#include "cost/pipeline.h"

static uint64_t later(uint64_t a, uint64_t b) { return a > b ? a : b; }

bt_pipeline bt_pipeline_start(unsigned stages) { return (bt_pipeline){.stages = stages}; }

/* The store of the step before: after this step's load on the port. */
static void store_last(bt_pipeline *p) {
  p->stored[1] = p->stored[0];
  if (p->pending > 0) {
    p->port = later(p->port, p->done[p->stages - 1][0]) + p->pending;
    p->stored[0] = p->port;
  }
  p->pending = 0;
}

void bt_pipeline_add(bt_pipeline *p, const bt_pipeline_step *step) {
  uint64_t ready = 0;
  if (step->load > 0) {
    p->port = later(p->port, p->done[0][1]) + step->load;
    ready = p->loaded = p->port;
  }
  store_last(p);
  for (unsigned u = 0; u < p->stages; u++) {
    uint64_t freed = u + 1 < p->stages ? p->done[u + 1][1] : p->stored[1];
    uint64_t start = later(later(ready, p->done[u][0]), freed);
    p->done[u][1] = p->done[u][0];
    p->done[u][0] = ready = start + step->unit[u];
  }
  p->pending = step->store;
}

uint64_t bt_pipeline_end(bt_pipeline *p) {
  store_last(p);
  return later(p->port, p->done[p->stages - 1][0]);
}
