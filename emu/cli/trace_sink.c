#include "cli/trace_sink.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "num/error.h"

#define LEVEL 3 /* zstd's own default */

static bool ends_in(const char *text, const char *end) {
  size_t n = strlen(text), m = strlen(end);
  return n > m && strcmp(text + n - m, end) == 0;
}

static bt_status write_plain(bt_trace_output *o, unsigned file, const void *data, size_t size,
                             bt_error *error) {
  if (!o->standard_output) {
    return bt_file_put(&o->file[file], data, size, error);
  }
  return size == 0 || fwrite(data, 1, size, stdout) == size
             ? BT_OK
             : bt_fail(error, BT_BAD_INPUT, "standard output cannot be written: %s",
                       strerror(errno));
}

static bt_status pack(bt_trace_output *o, unsigned file, const void *data, size_t size,
                      ZSTD_EndDirective how, bt_error *error) {
  ZSTD_inBuffer in = {data, size, 0};
  bool more = true;
  while (more) {
    ZSTD_outBuffer out = {o->packed, o->packed_size, 0};
    size_t left = ZSTD_compressStream2(o->zstd, &out, &in, how);
    if (ZSTD_isError(left)) {
      return bt_fail(error, BT_FAILED, "zstd: %s", ZSTD_getErrorName(left));
    }
    bt_status s = write_plain(o, file, o->packed, out.pos, error);
    if (s != BT_OK) {
      return s;
    }
    more = how == ZSTD_e_end ? left > 0 : in.pos < in.size;
  }
  return BT_OK;
}

static bt_status put(void *context, unsigned file, const void *data, size_t size,
                     bt_error *error) {
  bt_trace_output *o = context;
  o->bytes += size;
  return o->zstd == NULL ? write_plain(o, file, data, size, error)
                         : pack(o, file, data, size, ZSTD_e_continue, error);
}

static bt_status start_zstd(bt_trace_output *o, bt_error *error) {
  o->zstd = ZSTD_createCCtx();
  o->packed_size = ZSTD_CStreamOutSize();
  o->packed = malloc(o->packed_size);
  bool got = o->zstd != NULL && o->packed != NULL &&
             !ZSTD_isError(ZSTD_CCtx_setParameter(o->zstd, ZSTD_c_compressionLevel, LEVEL)) &&
             !ZSTD_isError(ZSTD_CCtx_setParameter(o->zstd, ZSTD_c_checksumFlag, 1));
  return got ? BT_OK : bt_fail(error, BT_FAILED, "out of memory for zstd");
}

static bt_status create_three(bt_trace_output *o, const char *directory, bt_error *error) {
  bt_status s = bt_directory_make(directory, error);
  for (unsigned i = 0; s == BT_OK && i < o->files; i++) {
    char *path = NULL;
    if (asprintf(&path, "%s/%s", directory, bt_trace_format_file(i)) < 0) {
      return bt_fail(error, BT_FAILED, "out of memory for a path");
    }
    s = bt_file_create(&o->file[i], path, error);
    free(path);
  }
  return s;
}

bt_status bt_trace_output_open(bt_trace_output *o, unsigned files, const char *out,
                               bt_error *error) {
  *o = (bt_trace_output){.files = files};
  o->sink = (bt_trace_sink){put, o};
  bool console = strcmp(out, "-") == 0, packed = ends_in(out, ".zst");
  if (o->files > 1 && (console || packed)) {
    return bt_fail(error, BT_BAD_INPUT, "--out %s: scalesim is three files, expected a directory",
                   out);
  }
  if (o->files > 1) {
    return create_three(o, out, error);
  }
  o->standard_output = console;
  bt_status s = console ? BT_OK : bt_file_create(&o->file[0], out, error);
  return s == BT_OK && packed ? start_zstd(o, error) : s;
}

bt_status bt_trace_output_commit(bt_trace_output *o, bt_file *map, bt_error *error) {
  bt_file *all[BT_TRACE_FILES + 1];
  bt_status s = o->zstd == NULL ? BT_OK : pack(o, 0, NULL, 0, ZSTD_e_end, error);
  if (s == BT_OK && o->standard_output && fflush(stdout) != 0) {
    s = bt_fail(error, BT_BAD_INPUT, "standard output cannot be written: %s", strerror(errno));
  }
  for (unsigned i = 0; i < BT_TRACE_FILES; i++) {
    all[i] = &o->file[i];
  }
  all[BT_TRACE_FILES] = map;
  return s == BT_OK ? bt_file_commit_all(all, BT_TRACE_FILES + 1, error) : s;
}

void bt_trace_output_close(bt_trace_output *o) {
  for (unsigned i = 0; i < BT_TRACE_FILES; i++) {
    bt_file_abandon(&o->file[i]);
  }
  ZSTD_freeCCtx(o->zstd);
  free(o->packed);
  *o = (bt_trace_output){0};
}
