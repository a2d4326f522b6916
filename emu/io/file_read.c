/* Reading whole files, plain or gzip, within a limit. */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <zlib.h>

#include "io/file.h"
#include "num/error.h"

#define FIRST_BUFFER 65536u
#define CHUNK 65536u
#define GZIP_SLACK 65536u /* header, trailer, and incompressible data's growth, generously */

typedef struct {
  uint8_t *data;
  size_t size, room; /* room counts a last byte that stays zero */
} buffer;

/* Makes room for at least one more byte, at most `limit` in all. */
static bool buffer_grow(buffer *b, size_t limit) {
  if (b->size + 1 < b->room) {
    return true;
  }
  size_t room = b->room == 0 ? FIRST_BUFFER : b->room > SIZE_MAX / 2 ? SIZE_MAX : b->room * 2;
  if (limit < SIZE_MAX - 2 && room > limit + 2) {
    room = limit + 2; /* one byte beyond the limit tells that there is more */
  }
  uint8_t *data = realloc(b->data, room);
  if (data == NULL) {
    return false;
  }
  b->data = data;
  b->room = room;
  return true;
}

static bt_status too_large(const char *path, size_t limit, bt_error *error) {
  return bt_fail(error, BT_BAD_INPUT, "%s: larger than the %zu bytes that are allowed here", path,
                 limit);
}

static bt_status no_memory(const char *path, bt_error *error) {
  return bt_fail(error, BT_FAILED, "%s: out of memory", path);
}

/* A file read by chunks, so that a packed one is never in memory as a whole. */
typedef struct {
  const char *path;
  int fd;
  uint8_t *chunk;      /* [CHUNK] */
  size_t first, count; /* bytes of the chunk that are still to be taken */
  size_t at;           /* the first one's offset in the file */
} input;

/* Has `least` bytes (at most CHUNK) ready, or all that are left. */
static bt_status fetch(input *in, size_t least, bt_error *error) {
  if (in->count >= least) {
    return BT_OK;
  }
  memmove(in->chunk, in->chunk + in->first, in->count);
  in->first = 0;
  for (ssize_t got = 1; in->count < least && got != 0;) {
    got = read(in->fd, in->chunk + in->count, CHUNK - in->count);
    if (got < 0 && errno != EINTR) {
      return bt_fail(error, BT_BAD_INPUT, "%s: cannot be read: %s", in->path, strerror(errno));
    }
    in->count += got < 0 ? 0 : (size_t)got;
  }
  return BT_OK;
}

static void take(input *in, size_t bytes) {
  in->first += bytes;
  in->count -= bytes;
  in->at += bytes;
}

static bt_status read_plain(input *in, size_t limit, buffer *out, bt_error *error) {
  for (;;) {
    bt_status status = fetch(in, 1, error);
    if (status != BT_OK || in->count == 0) {
      return status;
    }
    if (!buffer_grow(out, limit)) {
      return no_memory(in->path, error);
    }
    size_t room = out->room - 1 - out->size, bytes = in->count < room ? in->count : room;
    memcpy(out->data + out->size, in->chunk + in->first, bytes);
    out->size += bytes;
    take(in, bytes);
    if (out->size > limit) {
      return too_large(in->path, limit, error);
    }
  }
}

static bool is_gzip(const input *in) {
  return in->count >= 2 && in->chunk[in->first] == 0x1f && in->chunk[in->first + 1] == 0x8b;
}

/* Between two members: *done at the file's end. */
static bt_status next_member(input *in, z_stream *z, bool *done, bt_error *error) {
  bt_status status = fetch(in, 2, error);
  *done = status == BT_OK && in->count == 0;
  if (status != BT_OK || *done) {
    return status;
  }
  if (is_gzip(in)) {
    inflateReset(z);
    return BT_OK;
  }
  size_t end = in->at;
  while (status == BT_OK && in->count > 0) {
    take(in, in->count);
    status = fetch(in, 1, error);
  }
  return status != BT_OK ? status
                         : bt_fail(error, BT_BAD_INPUT,
                                   "%s: offset %zu: %zu bytes after the gzip stream's end",
                                   in->path, end, in->at - end);
}

/* Inflates what is ready of `in` into `out`. */
static int inflate_some(input *in, z_stream *z, buffer *out) {
  size_t room = out->room - 1 - out->size < 1u << 30 ? out->room - 1 - out->size : 1u << 30;
  z->next_in = in->chunk + in->first;
  z->avail_in = (uInt)in->count;
  z->next_out = out->data + out->size;
  z->avail_out = (uInt)room;
  int code = inflate(z, Z_NO_FLUSH);
  take(in, in->count - z->avail_in);
  out->size += room - z->avail_out;
  return code;
}

/* Unpacks all members, at most `limit` bytes and one; `packed` is the limit of the file. */
static bt_status unpack(input *in, size_t limit, size_t packed, z_stream *z, buffer *out,
                        bt_error *error) {
  for (bool done = false; !done;) {
    bt_status status = fetch(in, 1, error);
    if (status == BT_OK && !buffer_grow(out, limit)) {
      status = no_memory(in->path, error);
    }
    if (status != BT_OK) {
      return status;
    }
    bool last = in->count == 0;
    int code = inflate_some(in, z, out);
    if (out->size > limit || in->at > packed) {
      return too_large(in->path, limit, error);
    }
    if (code == Z_STREAM_END) {
      status = next_member(in, z, &done, error);
    } else if (code == Z_MEM_ERROR) {
      status = no_memory(in->path, error);
    } else if (code != Z_OK && code != Z_BUF_ERROR) {
      status = bt_fail(error, BT_BAD_INPUT, "%s: offset %zu: broken gzip stream: %s", in->path,
                       in->at, z->msg == NULL ? "unknown" : z->msg);
    } else if (last && z->avail_out > 0) {
      status = bt_fail(error, BT_BAD_INPUT,
                       "%s: offset %zu: gzip stream cut short, expected more bytes", in->path,
                       in->at);
    }
    if (status != BT_OK) {
      return status;
    }
  }
  return BT_OK;
}

static bt_status read_gzip(input *in, size_t limit, buffer *out, bt_error *error) {
  size_t packed = limit > SIZE_MAX / 4 ? limit : limit + limit / 512 + GZIP_SLACK;
  z_stream z = {0};
  if (inflateInit2(&z, 16 + MAX_WBITS) != Z_OK) {
    return no_memory(in->path, error);
  }
  bt_status status = unpack(in, limit, packed, &z, out, error);
  inflateEnd(&z);
  return status;
}

static bt_status read_any(input *in, size_t limit, buffer *out, bt_error *error) {
  bt_status status = fetch(in, 2, error);
  if (status == BT_OK && !buffer_grow(out, limit)) {
    status = no_memory(in->path, error);
  }
  if (status != BT_OK) {
    return status;
  }
  return is_gzip(in) ? read_gzip(in, limit, out, error) : read_plain(in, limit, out, error);
}

bt_status bt_file_read(const char *path, size_t limit, uint8_t **data, size_t *size,
                       bt_error *error) {
  buffer out = {0};
  input in = {.path = path, .fd = open(path, O_RDONLY | O_CLOEXEC)};
  if (in.fd < 0) {
    return bt_fail(error, BT_BAD_INPUT, "%s: cannot be read: %s", path, strerror(errno));
  }
  in.chunk = malloc(CHUNK);
  bt_status status = in.chunk == NULL ? no_memory(path, error)
                                      : read_any(&in, limit, &out, error);
  free(in.chunk);
  close(in.fd);
  if (status != BT_OK) {
    free(out.data);
    return status;
  }
  out.data[out.size] = 0;
  *data = out.data;
  *size = out.size;
  return BT_OK;
}
