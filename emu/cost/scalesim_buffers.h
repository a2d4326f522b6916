/* The scratchpads of the SCALE-Sim compatible model: which words they ask of DRAM, and when
 * (docs/scalesim.md 5). Cycles are counted from the array's first; those before it are negative. */
#ifndef BT_COST_SCALESIM_BUFFERS_H
#define BT_COST_SCALESIM_BUFFERS_H

#include "bittrue.h"

/* Words moved, and the cycles of the first and the last of them. */
typedef struct {
  int64_t start, stop;
  uint64_t words;
} bt_scalesim_access;

/* ---- What the array reads: ifmap, filter ----
 * One half serves the array while the other is filled. A half holds 50 sets of floor(size / 100)
 * words; it is full once the array has asked for as many different words, and the halves change
 * places. Nothing stalls: the bandwidth is what it takes. */
typedef struct {
  uint32_t *stamp;     /* per word, the half that fetched it last; half 0 is none */
  uint32_t half;       /* how many there were, this one included */
  uint64_t words;      /* of the operand */
  uint64_t set_words, capacity, held;
  uint64_t fetched;    /* in all halves */
  bool seen;           /* a word was asked for */
  int64_t first_cycle; /* when the first was asked for */
  int64_t full_cycle;  /* when a half was last full */
  bool filled;         /* one was */
  int64_t start;       /* of the fetch of the first half, once filled */
} bt_scalesim_reader;

/* For an operand of `words` words and a scratchpad of `size` words, at least 100. BT_FAILED: no
 * memory. */
bt_status bt_scalesim_reader_new(bt_scalesim_reader *b, uint64_t words, uint64_t size,
                                 bt_error *error);
void bt_scalesim_reader_free(bt_scalesim_reader *b);

/* A half is full at `cycle`; bt_scalesim_read calls it. */
void bt_scalesim_reader_swap(bt_scalesim_reader *b, int64_t cycle);

/* The array reads `word` (below b->words) at `cycle`, which never goes down. */
static inline void bt_scalesim_read(bt_scalesim_reader *b, uint64_t word, int64_t cycle) {
  if (!b->seen) {
    b->seen = true;
    b->first_cycle = cycle;
  }
  if (b->stamp[word] != b->half) {
    b->stamp[word] = b->half;
    b->fetched++;
    if (++b->held == b->capacity) {
      bt_scalesim_reader_swap(b, cycle);
    }
  }
}

/* The DRAM reads, after the array's last one. */
bt_scalesim_access bt_scalesim_reader_done(const bt_scalesim_reader *b);

/* ---- What the array writes: ofmap ----
 * Outputs are packed into lines of `width` words. Once more than half of the scratchpad is in use
 * and no drain runs, the line begun is closed as it is, and a half's worth of lines goes to DRAM, a
 * line a cycle. The room of a drain is free from its start. */
typedef struct {
  uint64_t line, fill;
} bt_scalesim_partial;

typedef struct {
  int64_t size, half;      /* words; half is what a drain takes, rounded down */
  uint64_t width;          /* words of a line */
  int64_t free;            /* words */
  uint64_t fill;           /* of the line begun */
  uint64_t lines, drained; /* closed, and of these drained, since the start */
  bt_scalesim_partial *partial; /* lines closed before they were full, not drained yet */
  size_t partials, first_partial, room;
  int64_t drain_end; /* when the last drain moves its last line */
  bool drains;       /* there was one */
  bool no_memory;
  bt_scalesim_access dram;
} bt_scalesim_writer;

void bt_scalesim_writer_new(bt_scalesim_writer *b, uint64_t size, uint64_t width);
void bt_scalesim_writer_free(bt_scalesim_writer *b);

/* The array writes `count` words at `cycle`. Returns the cycle at which the last is taken: later
 * than `cycle` if the scratchpad was full while a drain ran. */
int64_t bt_scalesim_write(bt_scalesim_writer *b, uint64_t count, int64_t cycle);

/* Drains what is left, from `cycle` on. BT_FAILED: there was no memory at some time. */
bt_status bt_scalesim_writer_done(bt_scalesim_writer *b, int64_t cycle, bt_scalesim_access *dram,
                                  bt_error *error);

#endif
