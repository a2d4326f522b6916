#include "cost/scalesim_text.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "io/file.h"
#include "num/error.h"

bt_status bt_scalesim_text_open(bt_scalesim_text *t, const char *path, FILE *notes,
                                bt_error *error) {
  uint8_t *data = NULL;
  size_t size = 0;
  *t = (bt_scalesim_text){.path = path};
  bt_status status = bt_file_read(path, (size_t)16 << 20, &data, &size, error);
  if (status != BT_OK) {
    return status;
  }
  t->data = t->next = (char *)data;
  if (memchr(data, 0, size) != NULL) {
    bt_scalesim_text_close(t);
    return bt_fail(error, BT_BAD_INPUT, "%s: a zero byte: expected a text file", path);
  }
  if (strncmp(t->next, "\xef\xbb\xbf", 3) == 0) {
    t->next += 3;
    if (notes != NULL) {
      fprintf(notes, "%s:1: a byte order mark, skipped\n", path);
    }
  }
  return BT_OK;
}

void bt_scalesim_text_close(bt_scalesim_text *t) {
  free(t->data);
  *t = (bt_scalesim_text){0};
}

static void cut_blanks(char *text) {
  size_t n = strlen(text);
  while (n > 0 && isspace((unsigned char)text[n - 1])) {
    text[--n] = '\0';
  }
}

char *bt_scalesim_text_line(bt_scalesim_text *t) {
  char *line = t->next;
  if (line == NULL || *line == '\0') {
    return NULL;
  }
  char *end = strchr(line, '\n');
  t->next = end != NULL ? end + 1 : line + strlen(line);
  if (end != NULL) {
    *end = '\0';
  }
  t->line++;
  cut_blanks(line);
  return line;
}

char *bt_scalesim_trim(char *text) {
  cut_blanks(text);
  while (isspace((unsigned char)*text)) {
    text++;
  }
  return text;
}

bool bt_scalesim_number(const char *text, uint64_t min, uint64_t max, uint64_t *value) {
  uint64_t v = 0;
  if (*text == '\0') {
    return false;
  }
  for (; *text != '\0'; text++) {
    if (*text < '0' || *text > '9' || v > (UINT64_MAX - 9) / 10) {
      return false;
    }
    v = v * 10 + (uint64_t)(*text - '0');
  }
  *value = v;
  return v >= min && v <= max;
}

bool bt_scalesim_same(const char *a, const char *b) {
  return strcasecmp(a, b) == 0;
}
