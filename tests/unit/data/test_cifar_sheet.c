/* scripts/data/cifar_sheet: sheets of images to records, and sheets that are none. */
#include <png.h>
#include <sys/stat.h>
#include <sys/wait.h>

#include "unit/io/scratch.h"

#define ROWS 3u
#define WIDTH 1024u

static uint8_t sheet[ROWS * WIDTH * 3];

static void put_sheet(scratch *s, unsigned width, unsigned rows, unsigned format) {
  png_image image = {.version = PNG_IMAGE_VERSION, .width = width, .height = rows,
                     .format = format};
  for (size_t i = 0; i < sizeof sheet; i++) {
    sheet[i] = (uint8_t)(i * 7 + i / WIDTH);
  }
  assert_int_not_equal(
      png_image_write_to_file(&image, scratch_path(s, "sheet.png"), 0, sheet, 0, NULL), 0);
}

/* The tool's status; what it says goes to *said. */
static int run(scratch *s, const char *arguments, char said[256]) {
  char command[1024];
  snprintf(command, sizeof command, "cd %s && %s %s 2>said", s->directory, CIFAR_SHEET, arguments);
  int status = system(command);
  assert_true(WIFEXITED(status));
  FILE *f = fopen(scratch_path(s, "said"), "r");
  size_t n = fread(said, 1, 255, f);
  said[n] = '\0';
  fclose(f);
  return WEXITSTATUS(status);
}

static void refuse(scratch *s, const char *arguments, const char *want) {
  char said[256];
  int status = run(s, arguments, said);
  const char *end = strchr(said, '\n');
  if (status != 2 || strstr(said, want) == NULL || end == NULL || end[1] != '\0') {
    fail_msg("cifar_sheet %s: status %d, '%s', expected 2, one line and '%s'", arguments, status,
             said, want);
  }
}

static void test_records(void **state) {
  (void)state;
  scratch s = scratch_open();
  char said[256];
  uint8_t got[ROWS * 3073 + 1];
  put_sheet(&s, WIDTH, ROWS, PNG_FORMAT_RGB);
  scratch_text(&s, "labels.json", "[9,9,3,0,7]");
  if (run(&s, "sheet.png labels.json 2 out.bin", said) != 0) {
    fail_msg("%s", said);
  }
  FILE *f = fopen(scratch_path(&s, "out.bin"), "rb");
  assert_int_equal(fread(got, 1, sizeof got, f), ROWS * 3073);
  fclose(f);
  static const uint8_t labels[] = {3, 0, 7};
  for (size_t i = 0; i < ROWS; i++) {
    assert_int_equal(got[i * 3073], labels[i]);
    for (size_t k = 0; k < 3072; k++) {
      assert_int_equal(got[i * 3073 + 1 + k], sheet[(i * WIDTH + k % WIDTH) * 3 + k / WIDTH]);
    }
  }
  scratch_close(&s);
}

static void test_refusals(void **state) {
  (void)state;
  scratch s = scratch_open();
  const char *good = "sheet.png labels.json 0 out.bin";
  put_sheet(&s, WIDTH, ROWS, PNG_FORMAT_RGB);
  scratch_text(&s, "labels.json", "[1,2,3]");
  refuse(&s, "sheet.png labels.json 0", "expected SHEET.png LABELS.json FIRST OUT.bin");
  refuse(&s, "sheet.png labels.json -1 out.bin", "expected SHEET.png LABELS.json FIRST OUT.bin");
  refuse(&s, "none.png labels.json 0 out.bin", "none.png");
  refuse(&s, "sheet.png none.json 0 out.bin", "none.json");
  refuse(&s, "sheet.png labels.json 1 out.bin", "labels.json: 3 labels, expected 4 and more");
  refuse(&s, "sheet.png labels.json 0 none/out.bin", "none/out.bin: cannot be written");
  scratch_text(&s, "labels.json", "[1,10,3]");
  refuse(&s, good, "labels.json: label 1: expected an integer in 0..9");
  scratch_text(&s, "labels.json", "[1,2,\"3\"]");
  refuse(&s, good, "labels.json: label 2: expected an integer in 0..9");
  scratch_text(&s, "labels.json", "[1,2");
  refuse(&s, good, "labels.json:1: ");
  put_sheet(&s, WIDTH - 1, ROWS, PNG_FORMAT_RGB);
  refuse(&s, good, "sheet.png: 1023 x 3 pixels");
  put_sheet(&s, WIDTH, ROWS, PNG_FORMAT_GRAY);
  refuse(&s, good, "expected 1024 x 1..100000 of 8-bit RGB");
  scratch_text(&s, "labels.json", "[1,2,3]");
  put_sheet(&s, WIDTH, ROWS, PNG_FORMAT_RGB);
  struct stat whole;
  assert_int_equal(stat(scratch_path(&s, "sheet.png"), &whole), 0);
  for (off_t size = 0; size < whole.st_size - 12; size += 7) { /* all pixels are before the IEND */
    put_sheet(&s, WIDTH, ROWS, PNG_FORMAT_RGB);
    assert_int_equal(truncate(scratch_path(&s, "sheet.png"), size), 0);
    refuse(&s, good, "sheet.png: ");
  }
  scratch_close(&s);
}

int main(void) {
  const struct CMUnitTest tests[] = {cmocka_unit_test(test_records),
                                     cmocka_unit_test(test_refusals)};
  return scratch_report("test_cifar_sheet", cmocka_run_group_tests(tests, NULL, NULL));
}
