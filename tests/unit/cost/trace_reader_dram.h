/* Whether DRAM commands are legal, from what docs/traces.md says of one rank. */
#ifndef BT_TESTS_TRACE_READER_DRAM_H
#define BT_TESTS_TRACE_READER_DRAM_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

typedef enum {
  READER_ACT, READER_PRE, READER_PREA, READER_REFA, READER_RD, READER_WR, READER_END
} reader_dram_command;

typedef struct {
  uint64_t time, group, bank, row, column;
  reader_dram_command command;
} reader_command;

/* Times are those of a command plus one; 0: never. */
typedef struct {
  uint64_t row_bytes, last, activations, refreshes;
  bool any, ended;
  uint64_t act[4], read, write, refresh;
  struct {
    bool open;
    uint64_t row, act, pre, read, write;
  } bank[16];
} reader_dram;

reader_dram reader_dram_start(uint64_t row_bytes);
/* NULL, or what is wrong. */
const char *reader_dram_take(reader_dram *d, const reader_command *c);
/* Of a column. */
uint64_t reader_dram_address(const reader_dram *d, const reader_command *c);

#endif
