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

static bt_status read_raw(const char *path, size_t limit, buffer *b, bt_error *error) {
  int fd = open(path, O_RDONLY | O_CLOEXEC);
  ssize_t got = fd < 0 ? -1 : 1;
  while (got > 0 && b->size <= limit) {
    if (!buffer_grow(b, limit)) {
      close(fd);
      return no_memory(path, error);
    }
    got = read(fd, b->data + b->size, b->room - 1 - b->size);
    if (got < 0 && errno == EINTR) {
      got = 1;
    } else if (got > 0) {
      b->size += (size_t)got;
    }
  }
  int why = errno;
  if (fd >= 0) {
    close(fd);
  }
  if (got < 0) {
    return bt_fail(error, BT_BAD_INPUT, "%s: cannot be read: %s", path, strerror(why));
  }
  return BT_OK;
}

static bool is_gzip(const uint8_t *data, size_t size) {
  return size >= 2 && data[0] == 0x1f && data[1] == 0x8b;
}

/* Unpacks all members of `in`, at most `limit` bytes and one. */
static bt_status unpack(const char *path, size_t limit, const buffer *in, z_stream *z, buffer *out,
                        bt_error *error) {
  size_t at = 0;
  for (;;) {
    if (!buffer_grow(out, limit)) {
      return no_memory(path, error);
    }
    size_t give = in->size - at < 1u << 30 ? in->size - at : 1u << 30;
    size_t take = out->room - 1 - out->size < 1u << 30 ? out->room - 1 - out->size : 1u << 30;
    z->next_in = in->data + at;
    z->avail_in = (uInt)give;
    z->next_out = out->data + out->size;
    z->avail_out = (uInt)take;
    int code = inflate(z, Z_NO_FLUSH);
    at += give - z->avail_in;
    out->size += take - z->avail_out;
    if (out->size > limit) {
      return too_large(path, limit, error);
    }
    if (code == Z_STREAM_END) {
      if (at == in->size) {
        return BT_OK;
      }
      if (!is_gzip(in->data + at, in->size - at)) {
        return bt_fail(error, BT_BAD_INPUT, "%s: offset %zu: %zu bytes after the gzip stream's end",
                       path, at, in->size - at);
      }
      inflateReset(z);
    } else if (code == Z_MEM_ERROR) {
      return no_memory(path, error);
    } else if (code != Z_OK && code != Z_BUF_ERROR) {
      return bt_fail(error, BT_BAD_INPUT, "%s: offset %zu: broken gzip stream: %s", path, at,
                     z->msg == NULL ? "unknown" : z->msg);
    } else if (at == in->size && z->avail_out > 0) {
      return bt_fail(error, BT_BAD_INPUT,
                     "%s: offset %zu: gzip stream cut short, expected more bytes", path, at);
    }
  }
}

static bt_status read_gzip(const char *path, size_t limit, const buffer *in, buffer *out,
                           bt_error *error) {
  z_stream z = {0};
  if (inflateInit2(&z, 16 + MAX_WBITS) != Z_OK) {
    return no_memory(path, error);
  }
  bt_status status = unpack(path, limit, in, &z, out, error);
  inflateEnd(&z);
  return status;
}

bt_status bt_file_read(const char *path, size_t limit, uint8_t **data, size_t *size,
                       bt_error *error) {
  buffer raw = {0}, out = {0};
  size_t raw_limit = limit > SIZE_MAX / 4 ? limit : limit + limit / 512 + GZIP_SLACK;
  bt_status status = read_raw(path, raw_limit, &raw, error);
  bool gzip = status == BT_OK && is_gzip(raw.data, raw.size);
  if (gzip && raw.size <= raw_limit) {
    status = read_gzip(path, limit, &raw, &out, error);
    free(raw.data);
    raw = out;
  } else if (status == BT_OK && raw.size > limit) {
    status = too_large(path, limit, error);
  }
  if (status != BT_OK) {
    free(raw.data);
    return status;
  }
  raw.data[raw.size] = 0;
  *data = raw.data;
  *size = raw.size;
  return BT_OK;
}
