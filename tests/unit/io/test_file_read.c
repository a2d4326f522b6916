/* Reading whole files: plain, gzip, and everything that can be wrong with gzip. */
#include <zlib.h>

#include "io/file.h"
#include "unit/io/scratch.h"

#define PACKED_MAX 4096u

/* Packs `size` bytes as one gzip member; returns its length. */
static size_t pack(const void *data, size_t size, uint8_t out[PACKED_MAX]) {
  z_stream z = {0};
  assert_int_equal(deflateInit2(&z, 6, Z_DEFLATED, 16 + MAX_WBITS, 8, Z_DEFAULT_STRATEGY), Z_OK);
  z.next_in = (Bytef *)(uintptr_t)data;
  z.avail_in = (uInt)size;
  z.next_out = out;
  z.avail_out = PACKED_MAX;
  assert_int_equal(deflate(&z, Z_FINISH), Z_STREAM_END);
  size_t length = PACKED_MAX - z.avail_out;
  deflateEnd(&z);
  return length;
}

/* The same without compression, up to `room` bytes. */
static size_t store(const uint8_t *data, size_t size, uint8_t *out, size_t room) {
  z_stream z = {0};
  assert_int_equal(deflateInit2(&z, 0, Z_DEFLATED, 16 + MAX_WBITS, 8, Z_DEFAULT_STRATEGY), Z_OK);
  z.next_in = (Bytef *)(uintptr_t)data;
  z.avail_in = (uInt)size;
  z.next_out = out;
  z.avail_out = (uInt)room;
  assert_int_equal(deflate(&z, Z_FINISH), Z_STREAM_END);
  size_t length = room - z.avail_out;
  deflateEnd(&z);
  return length;
}

static void expect_read(const char *path, size_t limit, const void *want, size_t want_size) {
  uint8_t *data = NULL;
  size_t size = 0;
  bt_error error;
  if (bt_file_read(path, limit, &data, &size, &error) != BT_OK) {
    fail_msg("%s", error.text);
  }
  assert_int_equal(size, want_size);
  assert_memory_equal(data, want, size + 0);
  assert_int_equal(data[size], 0);
  free(data);
}

static void expect_refused(const char *path, size_t limit, const char *want) {
  uint8_t *data = NULL;
  size_t size = 0;
  bt_error error;
  assert_refused(bt_file_read(path, limit, &data, &size, &error), BT_BAD_INPUT, &error, path, want,
                 NULL);
  assert_null(data);
}

static void test_plain(void **state) {
  (void)state;
  scratch s = scratch_open();
  expect_read(scratch_text(&s, "a", "hello"), 5, "hello", 5);
  expect_read(scratch_text(&s, "a", ""), 0, "", 0);
  expect_refused(scratch_text(&s, "a", "hello"), 4, "larger than the 4 bytes");
  expect_refused(scratch_path(&s, "none"), 4, "No such file");
  expect_refused(s.directory, 4, "Is a directory");
  scratch_close(&s);
}

static void test_large_plain(void **state) {
  (void)state;
  scratch s = scratch_open();
  size_t size = 300000;
  uint8_t *bytes = malloc(size);
  for (size_t i = 0; i < size; i++) {
    bytes[i] = (uint8_t)(i * 7 + i / 256);
  }
  scratch_write(&s, "a", bytes, size);
  expect_read(s.path, size, bytes, size);
  expect_read(s.path, SIZE_MAX / 8, bytes, size);
  expect_refused(s.path, size - 1, "larger");
  expect_refused(s.path, 10, "larger");
  free(bytes);
  scratch_close(&s);
}

static void test_gzip(void **state) {
  (void)state;
  scratch s = scratch_open();
  uint8_t packed[PACKED_MAX];
  char zeros[200000] = {0};
  size_t n = pack(zeros, sizeof zeros, packed);
  scratch_write(&s, "a", packed, n);
  expect_read(s.path, sizeof zeros, zeros, sizeof zeros);
  expect_refused(s.path, sizeof zeros - 1, "larger than the 199999 bytes");
  expect_refused(s.path, 0, "larger");
  n = pack("", 0, packed);
  expect_read(scratch_write(&s, "a", packed, n), 0, "", 0);
  n = pack("ab", 2, packed);
  n += pack("cd", 2, packed + n);
  expect_read(scratch_write(&s, "a", packed, n), 4, "abcd", 4);
  scratch_close(&s);
}

/* Two members, unpacked bytes that do not compress, the second's start at every offset around
 * 65536: what is read by chunks must not show it. */
static void test_gzip_across_chunks(void **state) {
  (void)state;
  enum { SECOND = 70000, MOST = 150000 };
  scratch s = scratch_open();
  uint8_t *packed = malloc(MOST), *bytes = malloc(MOST);
  for (size_t i = 0; i < MOST; i++) {
    bytes[i] = (uint8_t)(i * 7 + i / 256);
  }
  size_t least = MOST, most = 0;
  for (size_t first = 65470; first < 65525; first++) {
    size_t n = store(bytes, first, packed, MOST);
    least = n < least ? n : least;
    most = n > most ? n : most;
    n += store(bytes + first, SECOND, packed + n, MOST - n);
    expect_read(scratch_write(&s, "a", packed, n), MOST, bytes, first + SECOND);
    packed[n] = 'x';
    expect_refused(scratch_write(&s, "a", packed, n + 1), MOST, "1 bytes after the gzip stream");
    memset(packed + n, 'x', 100);
    expect_refused(scratch_write(&s, "a", packed, n + 100), MOST, "100 bytes after the gzip");
    expect_refused(scratch_write(&s, "a", packed, n - 1), MOST, "cut short");
  }
  assert_true(least < 65530 && most > 65540);
  free(packed);
  free(bytes);
  scratch_close(&s);
}

static void test_gzip_cut_anywhere(void **state) {
  (void)state;
  scratch s = scratch_open();
  uint8_t packed[PACKED_MAX];
  size_t n = pack("some text, some more text", 25, packed);
  for (size_t cut = 2; cut < n; cut++) {
    char want[64];
    snprintf(want, sizeof want, "offset %zu: gzip stream cut short", cut);
    expect_refused(scratch_write(&s, "a.gz", packed, cut), 100, want);
  }
  scratch_close(&s);
}

static void test_gzip_damaged(void **state) {
  (void)state;
  scratch s = scratch_open();
  uint8_t packed[PACKED_MAX];
  size_t n = pack("some text, some more text", 25, packed);
  packed[n] = 'x';
  char want[64];
  snprintf(want, sizeof want, "offset %zu: 1 bytes after the gzip stream's end", n);
  expect_refused(scratch_write(&s, "a.gz", packed, n + 1), 100, want);
  packed[n - 5] ^= 1; /* of the CRC */
  expect_refused(scratch_write(&s, "a.gz", packed, n), 100, "broken gzip stream");
  packed[n - 5] ^= 1;
  packed[n - 1] ^= 1; /* of the length */
  expect_refused(scratch_write(&s, "a.gz", packed, n), 100, "broken gzip stream");
  scratch_close(&s);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_plain),
      cmocka_unit_test(test_large_plain),
      cmocka_unit_test(test_gzip),
      cmocka_unit_test(test_gzip_across_chunks),
      cmocka_unit_test(test_gzip_cut_anywhere),
      cmocka_unit_test(test_gzip_damaged),
  };
  return scratch_report("test_file_read", cmocka_run_group_tests(tests, NULL, NULL));
}
