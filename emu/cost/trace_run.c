#include "cost/trace_run.h"

static uint64_t least(uint64_t a, uint64_t b) { return a < b ? a : b; }

/* The cycle of the transfer in which its byte `offset` goes by. */
static uint64_t cycle_of(const bt_trace_transfer *t, uint64_t offset) {
  uint64_t c = offset / t->writer->bytes_per_cycle;
  return t->at + (c < t->cycles ? c : t->cycles - (t->cycles > 0));
}

void bt_trace_run_take(bt_trace_run *r, uint64_t n, bt_trace_transfer *t) {
  const bt_trace_section *s = r->section;
  uint64_t from = r->done, burst = t->writer->burst;
  r->done = least(r->done + n, r->end);
  while (r->next < r->done) {
    uint64_t edge = least((r->next | (burst - 1)) + 1, s->bytes);
    uint64_t bytes = least(edge, r->end) - r->next;
    uint64_t ahead = r->next > from ? r->next - from : 0;
    bt_trace_access a = {.cycle = cycle_of(t, t->offset + ahead),
                         .address = s->first + edge - bytes,
                         .bytes = (unsigned)bytes,
                         .write = t->write,
                         .file = t->file,
                         .section = s,
                         .values = t->values};
    bt_trace_writer_put(t->writer, &a);
    r->next += bytes;
  }
  t->offset += n;
}
