/* Where a program's tensors lie in DRAM: the addresses of a memory trace (docs/traces.md,
 * "traces 2"). A tensor is one or two sections: its elements, packed as cost 5 counts them, and its
 * shared exponents. */
#ifndef BT_COST_TRACE_MAP_H
#define BT_COST_TRACE_MAP_H

#include <stdio.h>

#include "cmd/program.h"
#include "cost/count.h"

typedef struct {
  const void *key;         /* the tensor, or bt_trace_state() */
  const bt_tensor *tensor; /* of an average that of the weights; NULL for statistics */
  bool exponents;  /* its shared exponents; else its elements */
  unsigned kind;   /* of traffic: the tensor's role, or BT_TRAFFIC_EXPONENT */
  unsigned bits;   /* of an element, or of an exponent; 8 of statistics, which are records */
  uint64_t items;  /* elements, or exponents */
  uint64_t first;  /* address, a multiple of the burst */
  uint64_t bytes;  /* at least 1 */
} bt_trace_section;

typedef struct {
  bt_trace_section *section; /* in ascending order of addresses */
  size_t count;
  uint64_t end;              /* of the last region */
} bt_trace_map;

/* Places every tensor that a command of the program moves: regions by role in the order of
 * traces 2, each from a multiple of the machine's DRAM row on, tensors in the order in which
 * commands name them, sections from multiples of `burst` bytes on. No two share a byte. Wide
 * values have a place if they may be sent to DRAM (cost 5.3, 8.1). BT_BAD_INPUT: an address beyond
 * 2^62. BT_FAILED: no memory. Free it, after an error too; the program must outlive it. */
bt_status bt_trace_map_new(bt_trace_map *map, const bt_program *program, const bt_machine *machine,
                           uint64_t burst, bt_error *error);
void bt_trace_map_free(bt_trace_map *map);

/* The section of a key; NULL if there is none. */
const bt_trace_section *bt_trace_map_find(const bt_trace_map *map, const void *key,
                                          bool exponents);

/* Stands for what a command adds to or reads besides tensors: its average, which is of its own
 * weights, or the bt_statistics; NULL if there is nothing. */
const void *bt_trace_state(const bt_command *c);

/* CSV: a head, then a row a section (traces 2). */
void bt_trace_map_csv(FILE *out, const bt_trace_map *map);

#endif
