/* The formats of a memory trace: one line, or a few, for each access (docs/traces.md, "traces 4").
 */
#ifndef BT_COST_TRACE_WRITE_H
#define BT_COST_TRACE_WRITE_H

#include "cost/trace_dram.h"
#include "cost/trace_map.h"
#include "cost/trace_text.h"

typedef enum {
  BT_TRACE_DRAMSIM3,
  BT_TRACE_RAMULATOR2,
  BT_TRACE_RAMULATOR1,
  BT_TRACE_STL,
  BT_TRACE_DRAMPOWER,
  BT_TRACE_SCALESIM,
  BT_TRACE_FORMATS
} bt_trace_format;

/* By name: "dramsim3", ... BT_BAD_INPUT lists them all. */
bt_status bt_trace_format_parse(const char *name, bt_trace_format *format, bt_error *error);
bool bt_trace_format_has_data(bt_trace_format format);
/* SCALE-Sim's trace is three files: reads of A and all else, reads of B, writes. */
#define BT_TRACE_FILES 3u
unsigned bt_trace_format_files(bt_trace_format format);
const char *bt_trace_format_file(unsigned file); /* "IFMAP_DRAM_TRACE.csv", ... */

#define BT_TRACE_MOST_BURST 1024u
#define BT_TRACE_COLUMNS 128u /* of addresses in a row of SCALE-Sim's */

/* A part of one burst: bytes from the address to the burst's end, or to the section's. */
typedef struct {
  uint64_t cycle, address;
  unsigned bytes;
  bool write;
  unsigned file;                   /* of SCALE-Sim's */
  const bt_trace_section *section;
  const bt_tensor *values;         /* whose data it carries; NULL: none */
} bt_trace_access;

typedef struct {
  bt_trace_format format;
  unsigned burst;        /* bytes, a power of two of 8..BT_TRACE_MOST_BURST */
  bool whole;            /* addresses and lengths of whole bursts */
  uint64_t bytes_per_cycle;
  uint64_t last_row[BT_TRACE_FILES]; /* SCALE-Sim's: the cycle of the last one */
  bt_trace_dram dram;
  bt_trace_text *text;   /* [BT_TRACE_FILES] */
} bt_trace_writer;

/* BT_BAD_INPUT: a burst that is no such power of two; for drampower a DRAM row that is no power of
 * two of at least a burst. BT_FAILED: no memory. The sink must outlive it. */
bt_status bt_trace_writer_open(bt_trace_writer *w, bt_trace_format format, bool whole,
                               unsigned burst, const bt_machine *machine,
                               const bt_trace_sink *sink, bt_error *error);
/* Cycles never fall. */
void bt_trace_writer_put(bt_trace_writer *w, const bt_trace_access *a);
/* What closes the format, at `cycle` or later, and the last text. The sink's first error. */
bt_status bt_trace_writer_close(bt_trace_writer *w, uint64_t cycle, bt_error *error);
void bt_trace_writer_free(bt_trace_writer *w);

#endif
