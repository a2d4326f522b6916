/* CIFAR's binary layouts: what is read, and every way in which a file can be wrong. */
#include "data/dataset.h"
#include "support/small.h"
#include "unit/io/scratch.h"

#define PLANE 1024u
#define RECORD10 3073u
#define RECORD100 3074u

/* Byte p of plane c of the i-th image of a half. */
static uint8_t byte_of(size_t half, size_t i, size_t c, size_t p) {
  return (uint8_t)(half * 13 + i * 7 + c * 101 + p / 32 * 3 + p % 32 * 5);
}

/* `n` records from image `first` on; labels count up. */
static void put_file(scratch *s, const char *name, size_t labels, size_t half, size_t first,
                     size_t n) {
  uint8_t data[8 * RECORD100], *at = data;
  for (size_t i = first; i < first + n; i++) {
    if (labels == 2) {
      *at++ = (uint8_t)(i % 20);
    }
    *at++ = (uint8_t)(labels == 2 ? 99 - i : i % 10);
    for (size_t k = 0; k < 3 * PLANE; k++) {
      *at++ = byte_of(half, i, k / PLANE, k % PLANE);
    }
  }
  scratch_write(s, name, data, (size_t)(at - data));
}

/* Files of 1, 2, 3, 4 and 5 records, and of 2 to test. */
static scratch write_cifar10(void) {
  scratch s = scratch_open();
  char name[32];
  for (size_t i = 1, first = 0; i <= 5; first += i, i++) {
    snprintf(name, sizeof name, "data_batch_%zu.bin", i);
    put_file(&s, name, 1, 0, first, i);
  }
  put_file(&s, "test_batch.bin", 1, 1, 0, 2);
  return s;
}

static scratch write_cifar100(void) {
  scratch s = scratch_open();
  put_file(&s, "train.bin", 2, 0, 0, 3);
  put_file(&s, "test.bin", 2, 1, 0, 1);
  return s;
}

static void expect_half(const bt_images *x, size_t half, size_t count, size_t classes) {
  assert_int_equal(x->count, count);
  assert_int_equal(x->height, 32);
  assert_int_equal(x->width, 32);
  assert_int_equal(x->channels, 3);
  assert_int_equal(x->classes, classes);
  for (size_t i = 0; i < count; i++) {
    assert_int_equal(x->labels[i], classes == 100 ? 99 - i : i % 10);
    for (size_t k = 0; k < 3 * PLANE; k++) { /* NHWC */
      if (x->pixels[i * 3 * PLANE + k] != byte_of(half, i, k % 3, k / 3)) {
        fail_msg("half %zu, image %zu, byte %zu: %u, expected %u", half, i, k,
                 x->pixels[i * 3 * PLANE + k], byte_of(half, i, k % 3, k / 3));
      }
    }
  }
}

static void test_read(void **state) {
  (void)state;
  bt_dataset set;
  bt_error error = {""};
  scratch s = write_cifar10();
  assert_int_equal(bt_dataset_load("cifar-10", s.directory, &set, &error), BT_OK);
  expect_half(&set.train, 0, 15, 10);
  expect_half(&set.test, 1, 2, 10);
  bt_dataset_free(&set);
  scratch_close(&s);
  s = write_cifar100();
  assert_int_equal(bt_dataset_load("cifar-100", s.directory, &set, &error), BT_OK);
  expect_half(&set.train, 0, 3, 100);
  expect_half(&set.test, 1, 1, 100);
  bt_dataset_free(&set);
  scratch_close(&s);
}

static void refuse(scratch *s, size_t classes, const char *name, const char *want) {
  bt_dataset set;
  bt_error error = {""};
  assert_refused(bt_dataset_cifar(s->directory, classes, &set, &error), BT_BAD_INPUT, &error,
                 s->directory, name, want, NULL);
  assert_null(set.train.pixels);
  assert_null(set.train.labels);
  assert_null(set.test.pixels);
}

/* `name` cut to `size` bytes, then with `value` in place of the byte at `offset`: refused. */
static void refuse_cut(scratch *s, size_t classes, const char *name, size_t size,
                       const char *want) {
  assert_int_equal(truncate(scratch_path(s, name), (off_t)size), 0);
  refuse(s, classes, name, want);
}
static void refuse_byte(scratch *s, size_t classes, const char *name, long offset, int value,
                        const char *want) {
  FILE *f = fopen(scratch_path(s, name), "r+b");
  assert_int_equal(fseek(f, offset, SEEK_SET), 0);
  int before = fgetc(f);
  fseek(f, offset, SEEK_SET);
  fputc(value, f);
  fflush(f);
  refuse(s, classes, name, want);
  fseek(f, offset, SEEK_SET);
  fputc(before, f);
  fclose(f);
}

static void test_wrong_labels(void **state) {
  (void)state;
  bt_dataset set;
  bt_error error = {""};
  scratch s = write_cifar10();
  refuse_byte(&s, 10, "data_batch_3.bin", 2 * RECORD10, 10,
              "data_batch_3.bin: offset 6146: label 10, expected 0..9");
  refuse_byte(&s, 10, "test_batch.bin", 0, 255,
              "test_batch.bin: offset 0: label 255, expected 0..9");
  assert_int_equal(bt_dataset_cifar(s.directory, 10, &set, &error), BT_OK); /* whole again */
  bt_dataset_free(&set);
  scratch_close(&s);
  s = write_cifar100();
  refuse_byte(&s, 100, "train.bin", RECORD100, 20,
              "train.bin: offset 3074: coarse label 20, expected 0..19");
  refuse_byte(&s, 100, "train.bin", RECORD100 + 1, 100,
              "train.bin: offset 3075: label 100, expected 0..99");
  scratch_close(&s);
}

static void test_torn_files(void **state) {
  (void)state;
  scratch s = write_cifar10();
  refuse_cut(&s, 10, "data_batch_5.bin", 5 * RECORD10 - 1,
             "offset 15364: file ends 3072 bytes into record 4, expected whole records of 3073");
  refuse_cut(&s, 10, "data_batch_5.bin", 1,
             "offset 1: file ends 1 bytes into record 0, expected whole records of 3073 bytes");
  refuse_cut(&s, 10, "data_batch_5.bin", 0,
             "offset 0: no records, expected at least one of 3073 bytes");
  unlink(scratch_path(&s, "data_batch_5.bin"));
  refuse(&s, 10, "data_batch_5.bin", "No such file");
  refuse(&s, 100, "train.bin", "No such file");
  refuse(&s, 12, "12 classes", "expected 10 or 100");
  scratch_close(&s);
  s = write_cifar100();
  refuse_cut(&s, 100, "test.bin", RECORD100 - 1,
             "offset 3073: file ends 3073 bytes into record 0, expected whole records of 3074");
  scratch_close(&s);
}

/* Sets that tests make: the numbers asked for, all classes, the same bytes each time. */
static void test_small_sets(void **state) {
  (void)state;
  bt_error error = {""};
  for (size_t classes = 10; classes <= 100; classes += 90) {
    bt_dataset a, b;
    scratch s = scratch_open();
    const small_cifar small = {.classes = classes, .train = 407, .test = 6, .seed = 5};
    assert_true(small_cifar_write(s.directory, &small));
    assert_int_equal(bt_dataset_cifar(s.directory, classes, &a, &error), BT_OK);
    assert_true(small_cifar_write(s.directory, &small));
    assert_int_equal(bt_dataset_cifar(s.directory, classes, &b, &error), BT_OK);
    assert_int_equal(a.train.count, 407);
    assert_int_equal(a.test.count, 6);
    assert_memory_equal(a.train.pixels, b.train.pixels, 407u * 3072);
    size_t largest = 0;
    for (size_t i = 0; i < 407; i++) {
      largest = a.train.labels[i] > largest ? a.train.labels[i] : largest;
    }
    assert_true(largest > classes - 5);
    bt_dataset_free(&a);
    bt_dataset_free(&b);
    scratch_close(&s);
  }
}

/* The set that scripts/get-data.sh puts into the cache. */
static void test_cifar10(void **state) {
  (void)state;
  static const char *const want[] = {"0.49140", "0.48216", "0.44653"};
  bt_dataset set;
  bt_error error;
  size_t seen[10] = {0};
  if (bt_dataset_load("cifar-10", NULL, &set, &error) != BT_OK) {
    skip(); /* it has not been taken */
  }
  assert_int_equal(set.train.count, 50000);
  assert_int_equal(set.test.count, 10000);
  for (size_t i = 0; i < set.train.count; i++) {
    seen[set.train.labels[i]]++;
  }
  for (size_t c = 0; c < 10; c++) {
    assert_int_equal(seen[c], 5000);
  }
  for (size_t c = 0; c < 3; c++) {
    bt_moments m;
    char mean[BT_MOMENT_TEXT], std[BT_MOMENT_TEXT];
    bt_images_moments(&set.train, c, &m);
    bt_moments_text(&m, mean, std);
    assert_string_equal(mean, want[c]);
  }
  bt_dataset_free(&set);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_read),       cmocka_unit_test(test_wrong_labels),
      cmocka_unit_test(test_torn_files), cmocka_unit_test(test_small_sets),
      cmocka_unit_test(test_cifar10),
  };
  return scratch_report("test_cifar", cmocka_run_group_tests(tests, NULL, NULL));
}
