/* NPY arrays: round trips, headers that others write, and refusals. */
#include "io/npy.h"
#include "unit/io/scratch.h"

static void test_round_trips(void **state) {
  (void)state;
  static const bt_npy_type types[] = {BT_NPY_F4, BT_NPY_F8, BT_NPY_I1, BT_NPY_I2,
                                      BT_NPY_I4, BT_NPY_I8, BT_NPY_U1};
  static const size_t dim[BT_MAX_DIMS] = {2, 1, 3, 1, 2, 1, 1, 2};
  uint8_t bytes[24 * 8];
  for (size_t i = 0; i < sizeof bytes; i++) {
    bytes[i] = (uint8_t)(i * 11);
  }
  scratch s = scratch_open();
  for (size_t t = 0; t < sizeof types / sizeof types[0]; t++) {
    for (size_t ndim = 0; ndim <= BT_MAX_DIMS; ndim++) {
      bt_npy a;
      bt_error error;
      const char *path = scratch_path(&s, "a.npy");
      assert_int_equal(bt_npy_write(path, types[t], ndim, dim, bytes, &error), BT_OK);
      assert_int_equal(bt_npy_read(path, &a, &error), BT_OK);
      assert_int_equal(a.type, types[t]);
      assert_int_equal(a.ndim, ndim);
      assert_memory_equal(a.dim, dim, ndim * sizeof dim[0]);
      assert_memory_equal(a.data, bytes, bt_elements(ndim, dim) * bt_npy_size(types[t]));
      bt_npy_free(&a);
    }
  }
  scratch_close(&s);
}

static void test_bytes_of_the_format(void **state) {
  (void)state;
  scratch s = scratch_open();
  bt_error error;
  const size_t dim[] = {3};
  const int16_t data[] = {1, -2, 300};
  assert_int_equal(bt_npy_write(scratch_path(&s, "a"), BT_NPY_I2, 1, dim, data, &error), BT_OK);
  uint8_t *got;
  size_t size;
  assert_int_equal(bt_file_read(s.path, 1000, &got, &size, &error), BT_OK);
  assert_int_equal(size, 128 + 6);
  assert_memory_equal(got,
                      "\x93NUMPY\x01\x00\x76\x00{'descr': '<i2', 'fortran_order': False, "
                      "'shape': (3,), }", 10 + 55);
  assert_int_equal(got[127], '\n');
  assert_memory_equal(got + 128, "\x01\x00\xfe\xff\x2c\x01", 6);
  free(got);
  scratch_close(&s);
}

static void test_empty(void **state) {
  (void)state;
  scratch s = scratch_open();
  bt_error error;
  bt_npy a;
  const size_t dim[] = {4, 0};
  assert_int_equal(bt_npy_write(scratch_path(&s, "a"), BT_NPY_F4, 2, dim, NULL, &error), BT_OK);
  assert_int_equal(bt_npy_read(s.path, &a, &error), BT_OK);
  assert_int_equal(bt_elements(a.ndim, a.dim), 0);
  bt_npy_free(&a);
  scratch_close(&s);
}

/* A file of version 1 or 2 with this header and `bytes` zero bytes of data. */
static const char *write_raw(scratch *s, int version, const char *header, size_t bytes) {
  uint8_t file[1024] = "\x93NUMPY";
  size_t length = strlen(header), at = version == 2 ? 12 : 10;
  file[6] = (uint8_t)version;
  file[8] = (uint8_t)length;
  file[9] = (uint8_t)(length >> 8);
  memcpy(file + at, header, length);
  return scratch_write(s, "a.npy", file, at + length + bytes);
}

static void test_headers_of_others(void **state) {
  (void)state;
  static const char *const good[] = {
      "{'descr': '<f4', 'fortran_order': False, 'shape': (2, 3), }          \n",
      "{\"shape\":(2,3),\"fortran_order\":False,\"descr\":\"<f4\"}",
      " { 'fortran_order' : False , 'shape' : ( 2 , 3 , ) , 'descr' : '<f4' , } \n\n",
  };
  scratch s = scratch_open();
  for (size_t i = 0; i < sizeof good / sizeof good[0]; i++) {
    for (int version = 1; version <= 2; version++) {
      bt_npy a;
      bt_error error;
      if (bt_npy_read(write_raw(&s, version, good[i], 24), &a, &error) != BT_OK) {
        fail_msg("%s", error.text);
      }
      assert_int_equal(a.dim[0] * 10 + a.dim[1], 23);
      bt_npy_free(&a);
    }
  }
  bt_npy a;
  bt_error error;
  write_raw(&s, 1, "{'descr': '<i1', 'fortran_order': False, 'shape': ()}", 1);
  assert_int_equal(bt_npy_read(s.path, &a, &error), BT_OK);
  assert_int_equal(a.type, BT_NPY_I1);
  bt_npy_free(&a);
  scratch_close(&s);
}

static void test_refused_headers(void **state) {
  (void)state;
  static const struct {
    const char *header, *want;
  } bad[] = {
      {"{'descr': '>f4', 'fortran_order': False, 'shape': (1,)}", "offset 20: element type '>f4'"},
      {"{'descr': '<c8', 'fortran_order': False, 'shape': (1,)}", "expected little-endian"},
      {"{'descr': '|O', 'fortran_order': False, 'shape': (1,)}", "element type '|O'"},
      {"{'descr': [('a', '<f4')], 'fortran_order': False, 'shape': (1,)}", "a plain element type"},
      {"{'descr': '<f4', 'fortran_order': True, 'shape': (1,)}", "Fortran order, expected C order"},
      {"{'descr': '<f4', 'fortran_order': Maybe, 'shape': (1,)}", "expected False or True"},
      {"{'descr': '<f4', 'fortran_order': False, 'shape': (-1,)}", "a dimension"},
      {"{'descr': '<f4', 'fortran_order': False, 'shape': (99999999999999999999,)}", "a dimension"},
      {"{'descr': '<f4', 'fortran_order': False, 'shape': (1 2)}", "',' or ')'"},
      {"{'descr': '<f4', 'fortran_order': False, 'shape': (1,1,1,1,1,1,1,1,1)}", "8 dimensions"},
      {"{'descr': '<f4', 'fortran_order': False, 'shape': 1}", "a shape"},
      {"{'descr': '<f4', 'fortran_order': False}", "one is missing"},
      {"{'descr': '<f4', 'fortran_order': False, 'shape': (1,), 'x': 1}", "keys descr"},
      {"{'descr': '<f4', 'fortran_order': False, 'shape': (1,)", "',' or '}'"},
      {"{'descr': '<f4', 'fortran_order': False, 'shape': (1,)} x", "its end"},
      {"{'descr': '<f4' 'shape': (1,)}", "',' or '}'"},
      {"{'descr", "a quoted key"},
      {"", "'{'"},
      {"{'descr': '<f4', 'fortran_order': False, 'shape': (2,)}",
       "file cut short, expected 8 bytes of float32 (2,), got 4"},
      {"{'descr': '<f4', 'fortran_order': False, 'shape': (4294967296, 4294967296)}",
       "file cut short"},
      {"{'descr': '<i2', 'fortran_order': False, 'shape': (1,)}",
       "offset 67: bytes left over, expected 2 bytes of int16 (1,), got 4"},
      {"{'descr': '<i2', 'fortran_order': False, 'shape': (0, 4294967296, 4294967296)}",
       "bytes left over"},
  };
  scratch s = scratch_open();
  for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
    bt_npy a;
    bt_error error;
    const char *path = write_raw(&s, 1, bad[i].header, 4);
    assert_refused(bt_npy_read(path, &a, &error), BT_BAD_INPUT, &error, "a.npy: offset ",
                   bad[i].want, NULL);
    assert_null(a.data);
  }
  scratch_close(&s);
}

static void test_cut_anywhere(void **state) {
  (void)state;
  scratch s = scratch_open();
  bt_error error;
  bt_npy a;
  uint8_t *whole;
  size_t size;
  const size_t dim[] = {2};
  const float data[] = {1, 2};
  assert_int_equal(bt_npy_write(scratch_path(&s, "a.npy"), BT_NPY_F4, 1, dim, data, &error), BT_OK);
  assert_int_equal(bt_file_read(s.path, 1000, &whole, &size, &error), BT_OK);
  for (size_t cut = 0; cut < size; cut++) {
    scratch_write(&s, "a.npy", whole, cut);
    assert_refused(bt_npy_read(s.path, &a, &error), BT_BAD_INPUT, &error, "a.npy: offset ", NULL);
  }
  whole[6] = 3;
  scratch_write(&s, "a.npy", whole, size);
  assert_refused(bt_npy_read(s.path, &a, &error), BT_BAD_INPUT, &error, "offset 6: NPY version 3",
                 NULL);
  free(whole);
  scratch_close(&s);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_round_trips),       cmocka_unit_test(test_bytes_of_the_format),
      cmocka_unit_test(test_empty),             cmocka_unit_test(test_headers_of_others),
      cmocka_unit_test(test_refused_headers),   cmocka_unit_test(test_cut_anywhere),
  };
  return scratch_report("test_npy", cmocka_run_group_tests(tests, NULL, NULL));
}
