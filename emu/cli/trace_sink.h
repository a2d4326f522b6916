/* Where a trace goes: files that are whole or absent, compressed by zstd if their names end in
 * .zst, or standard output. */
#ifndef BT_CLI_TRACE_SINK_H
#define BT_CLI_TRACE_SINK_H

#include <zstd.h>

#include "cost/trace_write.h"
#include "io/file.h"

typedef struct {
  unsigned files;
  bool standard_output;
  bt_file file[BT_TRACE_FILES];
  ZSTD_CCtx *zstd;  /* NULL: plain */
  void *packed;     /* [packed_size] */
  size_t packed_size;
  uint64_t bytes;   /* of text */
  bt_trace_sink sink;
} bt_trace_output;

/* `out` is "-" or a file; if there are more `files` than one, SCALE-Sim's BT_TRACE_FILES, their
 * directory, which is made. BT_BAD_INPUT: a place that cannot be written; standard output for three
 * files. Close it, after an error too. */
bt_status bt_trace_output_open(bt_trace_output *o, unsigned files, const char *out,
                               bt_error *error);
/* Puts the files in place, together with `map`, a created file or NULL: all or none. */
bt_status bt_trace_output_commit(bt_trace_output *o, bt_file *map, bt_error *error);
void bt_trace_output_close(bt_trace_output *o);

#endif
