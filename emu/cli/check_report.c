#include "cli/check_report.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

/* "[0][15]", into text of at least 96 bytes. */
static void coordinates(const bt_vectors_difference *d, char text[96]) {
  size_t used = 0;
  text[0] = '\0';
  for (size_t k = 0; k < d->ndim && used < 90; k++) {
    used += (size_t)snprintf(text + used, 96 - used, "[%zu]", d->at[k]);
  }
}

/* A number's digits, or what stands in its place. */
static void digits(const bt_vectors_difference *d, int64_t v, bt_hex_state state, char text[32]) {
  char hex[17];
  switch (state) {
    case BT_HEX_VALUE:
      bt_hex_text(v, d->width, hex);
      snprintf(text, 32, "0x%s", hex);
      break;
    case BT_HEX_X: snprintf(text, 32, "x"); break;
    case BT_HEX_Z: snprintf(text, 32, "z"); break;
    case BT_HEX_ABSENT:
    default: snprintf(text, 32, "nothing"); break;
  }
}

static void print_value(const char *what, const bt_vectors_difference *d, int64_t v,
                        bt_hex_state state, int step) {
  char text[32];
  digits(d, v, state, text);
  printf("  %-9s %s", what, text);
  if (state == BT_HEX_VALUE) {
    printf(" = %" PRId64, v);
  }
  if (state == BT_HEX_VALUE && d->has_step) {
    printf(", %" PRId64 " * 2^%d (block %zu)", v, step, d->block);
  }
  printf("\n");
}

/* Each line of the text, behind a word. */
static void print_lines(const char *what, const char *text) {
  while (*text != '\0') {
    size_t n = strcspn(text, "\n");
    printf("  %s%.*s\n", what, (int)n, text);
    text += n + (text[n] == '\n');
  }
}

static void print_difference(const bt_vectors_difference *d) {
  char at[96];
  coordinates(d, at);
  if (d->different > 0) {
    printf("  differs   element %zu of %s%s%s at %s; %" PRIu64 " of %" PRIu64 " elements differ\n",
           d->index, d->name, d->tensor[0] == '\0' ? "" : ", tensor ", d->tensor, at, d->different,
           d->elements);
    print_value("expected", d, d->expected, BT_HEX_VALUE, d->step);
    print_value("got", d, d->got, d->state, d->got_step);
  }
  if (d->beyond > 0) {
    printf("  differs   %s holds %" PRIu64 " values more than the %" PRIu64 " expected\n", d->name,
           d->beyond, d->elements);
  }
  print_lines("", d->operands);
  print_lines("hint      ", d->hints);
}

static void print_command(const bt_check_report *r, const bt_vectors_result *c) {
  bool equal = c->differences == 0 && c->missing == 0;
  printf("%s: %s, %" PRIu64 " elements\n", c->folder,
         equal ? "equal" : c->differences > 0 ? "DIFFERS" : "INCOMPLETE", c->elements);
  for (size_t i = 0; i < c->missing; i++) {
    printf("  missing   %s/%s\n", c->folder, c->missing_name[i]);
  }
  if (c->differences == 0 || r->differ > r->max_reports) {
    return;
  }
  printf("  command   %s (%s), step %" PRIu64 ", layer %" PRIu64 ", phase %s\n", c->label, c->op,
         c->step, c->layer, c->phase);
  for (size_t i = 0; i < c->differences; i++) {
    print_difference(&c->difference[i]);
  }
}

static json_t *json_difference(const bt_vectors_difference *d) {
  char expected[32], got[32];
  json_t *at = json_array();
  json_t *o = json_pack("{s:s, s:s, s:I, s:I, s:I}", "file", d->name, "tensor", d->tensor,
                        "elements", (json_int_t)d->elements, "different", (json_int_t)d->different,
                        "beyond", (json_int_t)d->beyond);
  for (size_t k = 0; k < d->ndim; k++) {
    json_array_append_new(at, json_integer((json_int_t)d->at[k]));
  }
  if (d->different > 0) {
    digits(d, d->expected, BT_HEX_VALUE, expected);
    digits(d, d->got, d->state, got);
    json_object_set_new(o, "element", json_integer((json_int_t)d->index));
    json_object_set(o, "at", at);
    json_object_set_new(o, "expected", json_integer(d->expected));
    json_object_set_new(o, "expected_hex", json_string(expected));
    json_object_set_new(o, "got", d->state == BT_HEX_VALUE ? json_integer(d->got) : json_null());
    json_object_set_new(o, "got_hex", json_string(got));
  }
  if (d->has_step) {
    json_object_set_new(o, "block", json_integer((json_int_t)d->block));
    json_object_set_new(o, "step_exponent", json_integer(d->step));
    json_object_set_new(o, "got_step_exponent", json_integer(d->got_step));
  }
  json_object_set_new(o, "operands", json_string(d->operands));
  json_object_set_new(o, "hints", json_string(d->hints));
  json_decref(at);
  return o;
}

static void list_command(bt_check_report *r, const bt_vectors_result *c) {
  json_t *missing = json_array(), *differences = json_array();
  for (size_t i = 0; i < c->missing; i++) {
    json_array_append_new(missing, json_string(c->missing_name[i]));
  }
  for (size_t i = 0; i < c->differences && r->differ <= r->max_reports; i++) {
    json_array_append_new(differences, json_difference(&c->difference[i]));
  }
  r->list = r->list == NULL ? json_array() : r->list;
  json_array_append_new(
      r->list, json_pack("{s:s, s:s, s:s, s:I, s:I, s:s, s:o, s:o}", "folder", c->folder, "command",
                         c->label, "op", c->op, "step", (json_int_t)c->step, "layer",
                         (json_int_t)c->layer, "phase", c->phase, "missing", missing,
                         "differences", differences));
}

void bt_check_command(void *report, const bt_vectors_result *c) {
  bt_check_report *r = report;
  bool equal = c->differences == 0 && c->missing == 0;
  r->commands++;
  r->equal += equal;
  r->differ += c->differences > 0;
  r->incomplete += c->missing > 0;
  r->elements += c->elements;
  for (size_t i = 0; i < c->differences; i++) {
    r->different += c->difference[i].different + c->difference[i].beyond;
  }
  if (!r->json) {
    print_command(r, c);
  } else if (!equal) {
    list_command(r, c);
  }
}

static void print_json(const bt_check_report *r, const bt_vectors_check *check, bool agreed) {
  json_t *o = json_pack("{s:b, s:I, s:I, s:I, s:I, s:I, s:I, s:s}", "agreed", agreed, "commands",
                        (json_int_t)r->commands, "equal", (json_int_t)r->equal, "differ",
                        (json_int_t)r->differ, "incomplete", (json_int_t)r->incomplete, "elements",
                        (json_int_t)r->elements, "different", (json_int_t)r->different, "hint",
                        check->hint);
  json_object_set_new(o, "not_equal", r->list == NULL ? json_array() : json_incref(r->list));
  json_dumpf(o, stdout, JSON_INDENT(2));
  printf("\n");
  json_decref(o);
}

void bt_check_finish(bt_check_report *r, const bt_vectors_check *check, bool agreed) {
  if (r->json) {
    print_json(r, check, agreed);
  } else {
    printf("%s, %s: %s\n", check->directory, check->results,
           agreed ? "agree" : r->elements == 0 ? "NOTHING COMPARED" : "DIFFER");
    printf("  commands  %" PRIu64 " of %" PRIu64 " equal", r->equal, r->commands);
    printf(r->incomplete > 0 ? ", %" PRIu64 " incomplete\n" : "\n", r->incomplete);
    printf("  elements  %" PRIu64 " compared, %" PRIu64 " differ\n", r->elements, r->different);
    if (check->hint[0] != '\0') {
      printf("  hint      %s\n", check->hint);
    }
  }
  json_decref(r->list);
  r->list = NULL;
}
