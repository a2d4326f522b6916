/* Memories in hexadecimal: what $readmemh takes and $writememh makes. Alone:
 * ctest -R '^test_hexmem$' */
#include "io/hexmem.h"
#include "unit/io/scratch.h"

static void written(scratch *s, bt_npy_type type, int width, size_t count, const void *data,
                    const char *want) {
  bt_file f;
  bt_error error = {""};
  char text[256] = "";
  assert_int_equal(bt_file_create(&f, scratch_path(s, "a.hex"), &error), BT_OK);
  assert_int_equal(bt_hexmem_put(&f, type, width, count, data, &error), BT_OK);
  assert_int_equal(bt_file_commit(&f, &error), BT_OK);
  FILE *in = fopen(s->path, "r");
  assert_non_null(in);
  text[fread(text, 1, sizeof text - 1, in)] = '\0';
  fclose(in);
  assert_string_equal(text, want);
}

static void test_put(void **state) {
  (void)state;
  const int8_t small[] = {-1, 90, -127};
  const int16_t odd[] = {-1, 0x0aaa, -2048};
  const int32_t wide[] = {INT32_MIN, 255};
  const int64_t sums[] = {-2, INT64_MAX};
  const uint8_t byte[] = {200};
  scratch s = scratch_open();
  written(&s, BT_NPY_I1, 8, 3, small, "ff\n5a\n81\n");
  written(&s, BT_NPY_I1, 5, 2, small, "1f\n1a\n"); /* 90 = 0b1011010: its low five bits */
  written(&s, BT_NPY_I2, 12, 3, odd, "fff\naaa\n800\n");
  written(&s, BT_NPY_I4, 32, 2, wide, "80000000\n000000ff\n");
  written(&s, BT_NPY_I8, 64, 2, sums, "fffffffffffffffe\n7fffffffffffffff\n");
  written(&s, BT_NPY_U1, 8, 1, byte, "c8\n");
  scratch_close(&s);
}

static void test_put_bits(void **state) {
  (void)state;
  uint8_t bits[34] = {1, 0, 1};
  bt_file f;
  bt_error error = {""};
  char text[64] = "";
  scratch s = scratch_open();
  bits[31] = 1;
  bits[33] = 1;
  assert_int_equal(bt_file_create(&f, scratch_path(&s, "a.hex"), &error), BT_OK);
  assert_int_equal(bt_hexmem_put_bits(&f, 34, bits, &error), BT_OK);
  assert_int_equal(bt_file_commit(&f, &error), BT_OK);
  FILE *in = fopen(s.path, "r");
  text[fread(text, 1, sizeof text - 1, in)] = '\0';
  fclose(in);
  assert_string_equal(text, "80000005\n00000002\n");
  scratch_close(&s);
}

static void test_read(void **state) {
  (void)state;
  bt_hexmem m;
  bt_error error = {""};
  scratch s = scratch_open();
  scratch_text(&s, "a.hex", "// 0x00000000\nFf 1_0 /* two\nlines */ 0x\nzz\n@6 7 // seven\n@2\n80000000ffffffff\n"
             "@8 12 xx 13");
  assert_int_equal(bt_hexmem_read(s.path, 8, &m, &error), BT_OK);
  const bt_hex_state want[] = {BT_HEX_VALUE, BT_HEX_VALUE, BT_HEX_VALUE, BT_HEX_Z,
                               BT_HEX_ABSENT, BT_HEX_ABSENT, BT_HEX_VALUE, BT_HEX_ABSENT};
  for (size_t i = 0; i < 8; i++) {
    assert_int_equal(m.word[i].state, want[i]);
  }
  assert_int_equal(m.word[0].value, 0xff);
  assert_int_equal(m.word[1].value, 0x10);
  assert_true(m.word[2].value == UINT64_C(0x80000000ffffffff)); /* over the "0x" before */
  assert_int_equal(m.word[6].value, 7);
  assert_int_equal(m.beyond, 2); /* 12 and 13: the x between them is no value */
  bt_hexmem_free(&m);
  scratch_text(&s, "a.hex", "0x x? 3\n");
  assert_int_equal(bt_hexmem_read(s.path, 3, &m, &error), BT_OK);
  assert_int_equal(m.word[0].state, BT_HEX_X);
  assert_int_equal(m.word[1].state, BT_HEX_X);
  assert_int_equal(m.word[2].digits, 1);
  bt_hexmem_free(&m);
  scratch_close(&s);
}

static void refused(const char *text, const char *want) {
  bt_hexmem m;
  bt_error error = {""};
  scratch s = scratch_open();
  scratch_text(&s, "a.hex", text);
  assert_int_equal(bt_hexmem_read(s.path, 4, &m, &error), BT_BAD_INPUT);
  if (strstr(error.text, want) == NULL) {
    fail_msg("'%s' does not say '%s'", error.text, want);
  }
  bt_hexmem_free(&m);
  scratch_close(&s);
}

static void test_refuse(void **state) {
  (void)state;
  bt_hexmem m;
  bt_error error = {""};
  scratch s = scratch_open();
  refused("00\n0g\n", "a.hex:2: '0g': expected hexadecimal");
  refused("10000000000000000\n", "a.hex:1: '10000000000000000': expected");
  refused("00 /* no end\n\n", "a.hex:1: a comment without end");
  refused("@1x 00", "a.hex:1: an address with x or z");
  refused("@ 00", "a.hex:1: '': expected");
  refused("00 / 01", "a.hex:1: '': expected");
  refused("-1", "'-1'");
  assert_int_equal(bt_hexmem_read(scratch_path(&s, "no.hex"), 4, &m, &error), BT_BAD_INPUT);
  scratch_close(&s);
}

static int64_t integer(const char *text, int width, bool is_signed) {
  bt_hexmem m;
  bt_error error = {""};
  scratch s = scratch_open();
  scratch_text(&s, "a.hex", text);
  assert_int_equal(bt_hexmem_read(s.path, 1, &m, &error), BT_OK);
  int64_t v = bt_hex_integer(m.word[0], width, is_signed);
  bt_hexmem_free(&m);
  scratch_close(&s);
  return v;
}

/* A value that an element of the width cannot hold must not turn into one that it can. */
static void test_integer(void **state) {
  (void)state;
  assert_int_equal(integer("ff", 8, true), -1);
  assert_int_equal(integer("ffff", 8, true), -1);
  assert_int_equal(integer("00ff", 8, true), 255);
  assert_int_equal(integer("f", 8, true), 15);
  assert_int_equal(integer("ff", 8, false), 255);
  assert_int_equal(integer("1ff", 8, false), 511);
  assert_int_equal(integer("81", 8, true), -127);
  assert_int_equal(integer("3f", 6, true), -1);
  assert_int_equal(integer("ff", 6, true), -1);
  assert_int_equal(integer("20", 6, true), -32);
  assert_int_equal(integer("60", 6, true), 96);
  assert_int_equal(integer("1f", 6, true), 31);
  assert_true(integer("8000000000000000", 64, true) == INT64_MIN);
  assert_true(integer("ffffffffffffffff", 32, true) == -1);
  assert_true(integer("80000000", 32, true) == INT32_MIN);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_put), cmocka_unit_test(test_put_bits), cmocka_unit_test(test_read),
      cmocka_unit_test(test_refuse), cmocka_unit_test(test_integer)};
  return cmocka_run_group_tests(tests, NULL, NULL);
}
