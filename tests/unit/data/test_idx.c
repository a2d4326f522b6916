/* IDX sets: what is read, and every way in which a file can be wrong. */
#include <zlib.h>

#include "data/dataset.h"
#include "io/file.h"
#include "unit/io/scratch.h"

#define IMAGES "train-images-idx3-ubyte"
#define LABELS "train-labels-idx1-ubyte"

/* Three training images of 2 x 2 and two test images. */
static const uint8_t images3[] = "\0\0\x08\x03\0\0\0\x03\0\0\0\x02\0\0\0\x02" "abcdefghijkl";
static const uint8_t labels3[] = "\0\0\x08\x01\0\0\0\x03" "\x00\x09\x05";
static const uint8_t images2[] = "\0\0\x08\x03\0\0\0\x02\0\0\0\x02\0\0\0\x02" "mnopqrst";
static const uint8_t labels2[] = "\0\0\x08\x01\0\0\0\x02" "\x01\x02";

static scratch write_set(void) {
  scratch s = scratch_open();
  scratch_write(&s, IMAGES, images3, sizeof images3 - 1);
  scratch_write(&s, LABELS, labels3, sizeof labels3 - 1);
  scratch_write(&s, "t10k-images-idx3-ubyte", images2, sizeof images2 - 1);
  scratch_write(&s, "t10k-labels-idx1-ubyte", labels2, sizeof labels2 - 1);
  return s;
}

static void expect_sample(const bt_dataset *set) {
  assert_int_equal(set->train.count, 3);
  assert_int_equal(set->train.height * 10 + set->train.width, 22);
  assert_int_equal(set->train.channels, 1);
  assert_int_equal(set->train.classes, 10);
  assert_memory_equal(set->train.pixels, "abcdefghijkl", 12);
  assert_memory_equal(set->train.labels, "\x00\x09\x05", 3);
  assert_int_equal(set->test.count, 2);
  assert_memory_equal(set->test.pixels, "mnopqrst", 8);
  assert_memory_equal(set->test.labels, "\x01\x02", 2);
}

static void test_plain(void **state) {
  (void)state;
  scratch s = write_set();
  bt_dataset set;
  bt_error error;
  assert_int_equal(bt_dataset_idx(s.directory, 10, &set, &error), BT_OK);
  expect_sample(&set);
  bt_dataset_free(&set);
  bt_dataset_free(&set);
  assert_int_equal(bt_dataset_load("mnist", s.directory, &set, &error), BT_OK);
  expect_sample(&set);
  bt_dataset_free(&set);
  scratch_close(&s);
}

static void test_gzip(void **state) {
  (void)state;
  scratch s = write_set();
  bt_dataset set;
  bt_error error;
  unlink(scratch_path(&s, IMAGES));
  gzFile f = gzopen(scratch_path(&s, IMAGES ".gz"), "wb");
  assert_int_equal(gzwrite(f, images3, sizeof images3 - 1), sizeof images3 - 1);
  gzclose(f);
  assert_int_equal(bt_dataset_idx(s.directory, 10, &set, &error), BT_OK);
  expect_sample(&set);
  bt_dataset_free(&set);
  uint8_t *packed;
  FILE *raw = fopen(s.path, "rb");
  packed = malloc(1000);
  size_t size = fread(packed, 1, 1000, raw);
  fclose(raw);
  scratch_write(&s, IMAGES ".gz", packed, size - 3);
  assert_refused(bt_dataset_idx(s.directory, 10, &set, &error), BT_BAD_INPUT, &error,
                 IMAGES ".gz: offset ", "gzip stream cut short", NULL);
  free(packed);
  scratch_close(&s);
}

static void refuse(const char *name, const void *data, size_t size, size_t classes,
                   const char *want) {
  scratch s = write_set();
  bt_dataset set;
  bt_error error;
  scratch_write(&s, name, data, size);
  assert_refused(bt_dataset_idx(s.directory, classes, &set, &error), BT_BAD_INPUT, &error, name,
                 want, NULL);
  assert_null(set.train.pixels);
  assert_null(set.test.labels);
  scratch_close(&s);
}

/* The file with `value` in place of the byte at `offset`. */
static void refuse_byte(const char *name, const uint8_t *data, size_t size, size_t offset,
                        uint8_t value, const char *want) {
  uint8_t copy[64];
  memcpy(copy, data, size);
  copy[offset] = value;
  refuse(name, copy, size, 10, want);
}

static void test_wrong_images(void **state) {
  (void)state;
  const size_t n = sizeof images3 - 1;
  for (size_t cut = 0; cut < 16; cut++) {
    char want[64];
    snprintf(want, sizeof want, ": offset %zu: file ends, expected an IDX header of 16", cut);
    refuse(IMAGES, images3, cut, 10, want);
  }
  refuse(IMAGES, images3, n - 1, 10,
         ": offset 27: file cut short, expected 12 bytes of pixels, got 11");
  refuse(IMAGES, images3, n + 1, 10, ": offset 28: 1 bytes too many, expected 12 bytes of pixels");
  refuse(IMAGES, labels3, 11, 10, ": offset 11: file ends");
  refuse_byte(IMAGES, images3, n, 3, 1, ": offset 0: magic 0x00000801, expected 0x00000803");
  refuse_byte(IMAGES, images3, n, 2, 9, ": offset 0: magic 0x00000903");
  refuse_byte(IMAGES, images3, n, 7, 0, ": offset 4: no images");
  refuse_byte(IMAGES, images3, n, 7, 2, "4 bytes too many");
  refuse_byte(IMAGES, images3, n, 4, 0xff, "file cut short");
  refuse_byte(IMAGES, images3, n, 11, 0, ": offset 8: images of 0 x 2, expected sides in 1..4096");
  refuse_byte(IMAGES, images3, n, 12, 0xff, ": offset 8: images of");
}

static void test_wrong_labels(void **state) {
  (void)state;
  const size_t n = sizeof labels3 - 1;
  refuse(LABELS, labels3, 7, 10, ": offset 7: file ends, expected an IDX header of 8");
  refuse(LABELS, labels3, n - 1, 10,
         ": offset 10: file cut short, expected 3 bytes of labels, got 2");
  refuse(LABELS, labels3, n + 1, 10, ": offset 11: 1 bytes too many");
  refuse(LABELS, labels3, n, 9, ": offset 9: label 9, expected 0..8");
  refuse_byte(LABELS, labels3, n, 3, 3, ": offset 0: magic 0x00000803, expected 0x00000801");
  refuse_byte(LABELS, labels3, n, 7, 2, ": offset 4: 2 labels, expected 3 as of images");
  refuse_byte(LABELS, labels3, n, 10, 10, ": offset 10: label 10, expected 0..9");
}

static void test_wrong_sets(void **state) {
  (void)state;
  scratch s = write_set();
  bt_dataset set;
  bt_error error;
  static const uint8_t other[] = "\0\0\x08\x03\0\0\0\x02\0\0\0\x01\0\0\0\x04" "mnopqrst";
  assert_refused(bt_dataset_idx(s.directory, 0, &set, &error), BT_BAD_INPUT, &error, "classes",
                 NULL);
  assert_refused(bt_dataset_idx(s.directory, 257, &set, &error), BT_BAD_INPUT, &error, "classes",
                 NULL);
  scratch_write(&s, "t10k-images-idx3-ubyte", other, sizeof other - 1);
  assert_refused(bt_dataset_idx(s.directory, 10, &set, &error), BT_BAD_INPUT, &error, s.directory,
                 "test images are 1 x 4, expected 2 x 2", NULL);
  unlink(scratch_path(&s, LABELS));
  assert_refused(bt_dataset_idx(s.directory, 10, &set, &error), BT_BAD_INPUT, &error,
                 LABELS ": No such file", NULL);
  assert_refused(bt_dataset_load("cifar", NULL, &set, &error), BT_BAD_INPUT, &error,
                 "set 'cifar': unknown, expected one of: fashion-mnist, mnist, cifar-10, cifar-100",
                 NULL);
  bt_dataset_free(&set);
  scratch_close(&s);
}

/* Up to three directories; NULL for none. */
static void expect_places(const bt_dataset_source *source, const char *first, const char *second,
                          const char *third) {
  const char *const want[] = {first, second, third, NULL};
  char path[256];
  size_t i = 0;
  for (; want[i] != NULL; i++) {
    assert_true(bt_dataset_directory(source, i, path, sizeof path));
    assert_string_equal(path, want[i]);
  }
  assert_false(bt_dataset_directory(source, i, path, sizeof path));
}

static void test_places(void **state) {
  (void)state;
  bt_error error;
  bt_dataset set;
  const bt_dataset_source *mnist = bt_dataset_known(1), *cifar = bt_dataset_known(2);
  assert_string_equal(mnist->name, "mnist");
  assert_string_equal(cifar->name, "cifar-10");
  assert_null(bt_dataset_known(4));
  setenv("BITTRUE_DATA", "/nowhere", 1);
  setenv("XDG_CACHE_HOME", "/no/cache", 1);
  setenv("HOME", "/no/home", 1);
  expect_places(mnist, "/nowhere/mnist", "/no/cache/bittrue/mnist", mnist->directory);
  expect_places(cifar, "/nowhere/cifar-10", "/no/cache/bittrue/cifar-10", NULL);
  if (access(mnist->directory, F_OK) != 0) {
    assert_refused(bt_dataset_load("mnist", "", &set, &error), BT_BAD_INPUT, &error,
                   "no directory at /nowhere/mnist, /no/cache/bittrue/mnist, ", mnist->directory,
                   NULL);
  }
  unsetenv("BITTRUE_DATA");
  expect_places(mnist, "/no/cache/bittrue/mnist", mnist->directory, NULL);
  setenv("XDG_CACHE_HOME", "", 1);
  expect_places(mnist, "/no/home/.cache/bittrue/mnist", mnist->directory, NULL);
  assert_refused(bt_dataset_load("cifar-10", "", &set, &error), BT_BAD_INPUT, &error,
                 "no directory at /no/home/.cache/bittrue/cifar-10; expected: scripts/get-data.sh "
                 "cifar10", NULL);
  unsetenv("HOME");
  expect_places(mnist, mnist->directory, NULL, NULL);
}

/* Debian's own files, as the package lists them. */
static void test_fashion_mnist(void **state) {
  (void)state;
  bt_dataset set;
  bt_error error;
  size_t seen[10] = {0};
  if (access(bt_dataset_known(0)->directory, F_OK) != 0) {
    skip(); /* Debian's package with the images is not installed */
  }
  assert_int_equal(bt_dataset_load("fashion-mnist", NULL, &set, &error), BT_OK);
  assert_int_equal(set.train.count, 60000);
  assert_int_equal(set.test.count, 10000);
  assert_int_equal(set.train.height * set.train.width, 784);
  for (size_t i = 0; i < set.train.count; i++) {
    seen[set.train.labels[i]]++;
  }
  for (size_t i = 0; i < 10; i++) {
    assert_int_equal(seen[i], 6000);
  }
  bt_dataset_free(&set);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_plain),        cmocka_unit_test(test_gzip),
      cmocka_unit_test(test_wrong_images), cmocka_unit_test(test_wrong_labels),
      cmocka_unit_test(test_wrong_sets),   cmocka_unit_test(test_places),
      cmocka_unit_test(test_fashion_mnist),
  };
  return scratch_report("test_idx", cmocka_run_group_tests(tests, NULL, NULL));
}
