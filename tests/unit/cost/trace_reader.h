/* Reads memory traces back: parsers written from the formats' grammars, which share nothing with
 * the writer. */
#ifndef BT_TESTS_TRACE_READER_H
#define BT_TESTS_TRACE_READER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define READER_KINDS 16

/* A row of the address map. */
typedef struct {
  uint64_t first, bytes;
  unsigned kind; /* index into reader_map.kind */
} reader_section;

typedef struct {
  reader_section *section; /* ascending */
  size_t count;
  char kind[READER_KINDS][16];
  unsigned kinds;
} reader_map;

/* Reads the map's CSV. False, with why, if it is wrong: addresses that fall, sections that share
 * bytes, unknown columns. */
bool reader_map_read(reader_map *m, const char *csv, char why[200]);
void reader_map_free(reader_map *m);

typedef struct {
  uint64_t bytes[READER_KINDS][2];  /* by the map's kind: read, written */
  uint64_t accesses, first_cycle, last_cycle;
  uint64_t activations, refreshes;  /* of drampower */
  uint64_t hash;                    /* of the bursts in order: address / burst, write */
} reader_totals;

/* Adds up a trace of a format by name. `row_bytes`: of drampower. False, with line and why, if the
 * grammar is broken, cycles fall, an address is in no section, or a command is not legal. */
bool reader_trace(const char *format, const char *text, size_t size, const reader_map *m,
                  uint64_t burst, uint64_t row_bytes, reader_totals *t, char why[200]);

/* One of SCALE-Sim's files: of reads, or of writes. */
bool reader_scalesim(const char *text, size_t size, const reader_map *m, bool writes,
                     reader_totals *t, char why[200]);

#endif
