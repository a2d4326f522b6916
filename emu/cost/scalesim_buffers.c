#include "cost/scalesim_buffers.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "num/error.h"

/* SCALE-Sim's constants: a scratchpad is 100 sets, half of them in each half; the first fetch, of
 * which nothing else sets the pace, brings 10 words a cycle. */
enum { SETS = 100, SETS_IN_HALF = 50, FIRST_BANDWIDTH = 10 };

static uint64_t divide_up(uint64_t a, uint64_t b) {
  return a / b + (a % b != 0);
}

bt_status bt_scalesim_reader_new(bt_scalesim_reader *b, uint64_t words, uint64_t size,
                                 bt_error *error) {
  *b = (bt_scalesim_reader){.half = 1, .words = words, .set_words = size / SETS};
  b->capacity = b->set_words * SETS_IN_HALF;
  b->stamp = words <= SIZE_MAX / sizeof *b->stamp ? calloc((size_t)words, sizeof *b->stamp) : NULL;
  return b->stamp != NULL
             ? BT_OK
             : bt_fail(error, BT_FAILED, "no memory to follow %" PRIu64 " words", words);
}

void bt_scalesim_reader_free(bt_scalesim_reader *b) {
  free(b->stamp);
  *b = (bt_scalesim_reader){0};
}

void bt_scalesim_reader_swap(bt_scalesim_reader *b, int64_t cycle) {
  if (!b->filled) {
    b->filled = true;
    b->start = b->first_cycle - (int64_t)divide_up(b->capacity, FIRST_BANDWIDTH);
  }
  b->full_cycle = cycle;
  b->held = 0;
  if (++b->half == 0) {
    memset(b->stamp, 0, (size_t)b->words * sizeof *b->stamp);
    b->half = 1;
  }
}

bt_scalesim_access bt_scalesim_reader_done(const bt_scalesim_reader *b) {
  bt_scalesim_access a = {.start = b->start, .stop = b->full_cycle + 1, .words = b->fetched};
  if (!b->filled) { /* whole sets are fetched, just before the array's first cycle */
    uint64_t sets = divide_up(b->held, b->set_words);
    a.start = -(int64_t)divide_up(sets * b->set_words, FIRST_BANDWIDTH);
    a.stop = -1;
  }
  return a;
}

void bt_scalesim_writer_new(bt_scalesim_writer *b, uint64_t size, uint64_t width) {
  *b = (bt_scalesim_writer){.size = (int64_t)size, .half = (int64_t)(size / 2), .width = width,
                            .free = (int64_t)size};
}

void bt_scalesim_writer_free(bt_scalesim_writer *b) {
  free(b->partial);
  *b = (bt_scalesim_writer){0};
}

static void remember_partial(bt_scalesim_writer *b) {
  if (b->partials == b->room && b->first_partial > 0) {
    memmove(b->partial, b->partial + b->first_partial,
            (b->partials - b->first_partial) * sizeof *b->partial);
    b->partials -= b->first_partial;
    b->first_partial = 0;
  }
  if (b->partials == b->room) {
    size_t room = b->room == 0 ? 8 : 2 * b->room;
    bt_scalesim_partial *more = realloc(b->partial, room * sizeof *more);
    if (more == NULL) {
      b->no_memory = true;
      return;
    }
    b->partial = more;
    b->room = room;
  }
  b->partial[b->partials++] = (bt_scalesim_partial){b->lines, b->fill};
}

/* Closes the line begun, if one is. */
static void close_line(bt_scalesim_writer *b) {
  if (b->fill == 0) {
    return;
  }
  remember_partial(b);
  b->lines++;
  b->fill = 0;
}

/* Lines that were closed early count as full ones, but for the last line of the drain. */
static void drain(bt_scalesim_writer *b, int64_t cycle) {
  uint64_t count = divide_up((uint64_t)b->half, b->width), fill = b->width;
  count = count < b->lines - b->drained ? count : b->lines - b->drained;
  b->drained += count;
  for (; b->first_partial < b->partials; b->first_partial++) {
    const bt_scalesim_partial *p = &b->partial[b->first_partial];
    if (p->line >= b->drained) {
      break;
    }
    fill = p->line == b->drained - 1 ? p->fill : fill;
  }
  uint64_t words = (count - 1) * b->width + fill;
  b->free += (int64_t)words;
  b->drain_end = cycle + (int64_t)count - 1;
  b->dram.words += words;
  b->dram.start = b->drains && b->dram.start < cycle ? b->dram.start : cycle;
  b->dram.stop = b->drains && b->dram.stop > b->drain_end ? b->dram.stop : b->drain_end;
  b->drains = true;
}

static void store(bt_scalesim_writer *b, uint64_t count) {
  b->free -= (int64_t)count;
  b->fill += count;
  b->lines += b->fill / b->width;
  b->fill %= b->width;
}

/* Words until something may happen: at least 1, at most `count`. */
static uint64_t until(int64_t words, uint64_t count) {
  uint64_t n = words < 1 ? 1 : (uint64_t)words;
  return n < count ? n : count;
}

int64_t bt_scalesim_write(bt_scalesim_writer *b, uint64_t count, int64_t cycle) {
  int64_t keep = b->size - b->half;
  while (count > 0) {
    bool draining = cycle < b->drain_end;
    uint64_t n = until(draining ? b->free : b->free - keep + 1, count);
    store(b, n);
    count -= n;
    if (draining && b->free <= 0) {
      cycle = b->drain_end;
    } else if (!draining && b->free < keep) {
      close_line(b);
      drain(b, cycle);
    }
  }
  return cycle;
}

bt_status bt_scalesim_writer_done(bt_scalesim_writer *b, int64_t cycle, bt_scalesim_access *dram,
                                  bt_error *error) {
  close_line(b);
  while (b->drained < b->lines) {
    drain(b, cycle);
    cycle = b->drain_end + 1;
  }
  *dram = b->dram;
  return b->no_memory ? bt_fail(error, BT_FAILED, "no memory for the lines of the ofmap buffer")
                      : BT_OK;
}
