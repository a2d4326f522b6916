#include "engine/vectors_check.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "engine/vectors_operands.h"
#include "num/error.h"

/* A command being compared. */
typedef struct {
  const bt_vectors_check *check;
  const json_t *command;
  bt_vectors_result *r;
  bt_places *deciders; /* of all commands */
  bt_error *error;
} comparison;

/* One array of a result. */
typedef struct {
  const char *name;
  const json_t *array;
  const bt_tensor *t;      /* whose mantissas or exponents it holds; NULL for neither */
  bool mantissas, optional;
  const int16_t *got_exp;  /* for mantissas: the exponents that came; NULL if they did not */
} subject;

static void find_coordinates(const bt_vectors_shape *shape, bt_vectors_difference *d) {
  size_t rest = shape->count;
  d->ndim = shape->ndim < 4 ? shape->ndim : 4;
  for (size_t k = 0; k < d->ndim; k++) {
    rest /= shape->dim[k];
    d->at[k] = d->index / rest % shape->dim[k];
  }
}

/* Counts what differs; the first one's values go to the difference. */
static void count_differences(const bt_vectors_pair *p, bt_vectors_difference *d) {
  for (size_t i = 0; i < p->expected->count; i++) {
    if (bt_vectors_differs(p, i) && d->different++ == 0) {
      d->index = i;
      d->expected = p->expected->value[i];
      d->got = p->got->value[i];
      d->state = (bt_hex_state)p->got->state[i];
    }
  }
}

static void find_step(const subject *u, bt_vectors_difference *d) {
  const bt_tensor *t = u->t;
  if (!u->mantissas || t->exp == NULL || bt_tensor_exponents(t) == 0 || d->different == 0) {
    return;
  }
  d->has_step = true;
  d->block = bt_tensor_exponent_of(t, d->index);
  d->step = bt_tensor_step(t, d->index);
  d->got_step = u->got_exp == NULL ? d->step : u->got_exp[d->block] - t->exp[d->block] + d->step;
}

/* Exponents: what decides those that differ. Mantissas: which wrong rounding explains them. */
static bt_status hint_quantization(const comparison *k, const subject *u, const bt_vectors_pair *p,
                                   bt_vectors_difference *d) {
  bt_vectors_quantization q;
  bt_status s = bt_vectors_read_quantization(k->check->directory, k->command, u->t, &q, k->error);
  q.got_exp = u->got_exp;
  if (s == BT_OK && u->mantissas) {
    bt_vectors_rounding_hints(&q, p, d->hints, sizeof d->hints);
  }
  for (size_t b = 0; s == BT_OK && !u->mantissas && b < p->expected->count; b++) {
    if (bt_vectors_differs(p, b)) {
      char *text = b == d->index ? d->operands : NULL;
      bt_vectors_deciding(&q, b, k->deciders, text, text == NULL ? 0 : sizeof d->operands);
    }
  }
  bt_vectors_quantization_free(&q);
  return s;
}

static bt_status describe(const comparison *k, const subject *u, const bt_vectors_pair *p,
                          bt_vectors_difference *d) {
  bt_status s = BT_OK;
  if (d->different == 0) {
    return s;
  }
  bt_vectors_hints(p, d->hints, sizeof d->hints);
  if (u->t != NULL && u->mantissas) {
    s = bt_vectors_describe_operands(k->check->directory, k->command, u->t, d->index, d->operands,
                                     sizeof d->operands, k->error);
  }
  bool small = u->t != NULL && (u->t->kind == BT_T_BFP8 || u->t->kind == BT_T_BFP16);
  return s == BT_OK && small && strcmp(k->r->op, "quantize") == 0 ? hint_quantization(k, u, p, d)
                                                                  : s;
}

static bt_status compare_values(const comparison *k, const subject *u,
                                const bt_vectors_shape *shape, const bt_vectors_pair *p) {
  bt_vectors_difference *d = &k->r->difference[k->r->differences];
  *d = (bt_vectors_difference){.elements = shape->count, .beyond = p->got->beyond,
                               .width = shape->width, .is_signed = shape->is_signed};
  snprintf(d->name, sizeof d->name, "%s", u->name);
  snprintf(d->tensor, sizeof d->tensor, "%s", u->t == NULL ? "" : u->t->name);
  count_differences(p, d);
  k->r->elements += shape->count;
  if (d->different == 0 && d->beyond == 0) {
    return BT_OK;
  }
  k->r->differences++;
  if (d->different > 0) {
    find_coordinates(shape, d);
  }
  find_step(u, d);
  return describe(k, u, p, d);
}

/* Compares an array; *got, if it came, is the caller's to free. */
static bt_status compare_array(const comparison *k, const subject *u, bt_vectors_values *got,
                               bool *found) {
  const bt_vectors_check *c = k->check;
  bt_vectors_shape shape;
  bt_vectors_values expected = {0};
  *found = false;
  bt_status s = bt_vectors_read_shape(u->array, &shape, k->error);
  s = s == BT_OK ? bt_vectors_read_expected(c->directory, k->r->folder, u->array, &expected,
                                            k->error)
                 : s;
  s = s == BT_OK ? bt_vectors_read_result(c->results, k->r->folder, u->name, &shape, found, got,
                                          k->error)
                 : s;
  if (s == BT_OK && *found) {
    bt_vectors_pair p = {u->t, &expected, got, u->mantissas};
    s = compare_values(k, u, &shape, &p);
  } else if (s == BT_OK && !u->optional) {
    snprintf(k->r->missing_name[k->r->missing++], 48, "%s.hex", u->name);
  }
  bt_vectors_values_free(&expected);
  return s;
}

/* The exponents that came, as far as they are numbers; NULL otherwise. */
static int16_t *exponents_of(const bt_vectors_values *got) {
  int16_t *e = malloc((got->count + 1) * sizeof *e);
  for (size_t i = 0; e != NULL && i < got->count; i++) {
    if (got->state[i] != BT_HEX_VALUE || got->value[i] < -32768 || got->value[i] > 32767) {
      free(e);
      return NULL;
    }
    e[i] = (int16_t)got->value[i];
  }
  return e;
}

static bt_status compare_output(const comparison *k, const char *name, const json_t *tensor) {
  bt_tensor t = {0};
  bt_vectors_values exponents = {0}, mantissas = {0};
  char exp_name[32];
  bool found = false;
  int16_t *got_exp = NULL;
  bt_status s = bt_vectors_read_tensor(tensor, &t, k->error);
  if (s == BT_OK && bt_tensor_exponents(&t) > 0) {
    s = bt_vectors_read_exponents(k->check->directory, k->r->folder, tensor, &t, k->error);
  }
  if (s == BT_OK && json_object_get(tensor, "exponents") != NULL) {
    snprintf(exp_name, sizeof exp_name, "%s.exp", name);
    subject u = {exp_name, json_object_get(tensor, "exponents"), &t, false, false, NULL};
    s = compare_array(k, &u, &exponents, &found);
    got_exp = found ? exponents_of(&exponents) : NULL;
  }
  if (s == BT_OK) {
    subject u = {name, json_object_get(tensor, "mantissas"), &t, true, false, got_exp};
    s = compare_array(k, &u, &mantissas, &found);
  }
  bt_vectors_values_free(&exponents);
  bt_vectors_values_free(&mantissas);
  free(got_exp);
  free(t.exp);
  return s;
}

/* "loss.after", "lanes.after" where the command has them. */
static bt_status compare_state(const comparison *k, const char *key, const char *name,
                               bool optional) {
  const json_t *array = json_object_get(json_object_get(k->command, key), "after");
  bt_vectors_values got = {0};
  bool found;
  if (array == NULL) {
    return BT_OK;
  }
  subject u = {name, array, NULL, false, optional, NULL};
  bt_status s = compare_array(k, &u, &got, &found);
  bt_vectors_values_free(&got);
  return s;
}

static bt_status compare_command(const comparison *k) {
  const char *name;
  json_t *tensor;
  size_t outputs = 0;
  bt_status s = BT_OK;
  json_object_foreach(json_object_get(k->command, "outputs"), name, tensor) {
    if (s == BT_OK && outputs++ == BT_MAX_OUTPUTS) {
      return bt_fail(k->error, BT_BAD_INPUT, "manifest: %s: more than %u outputs", k->r->folder,
                     BT_MAX_OUTPUTS);
    }
    s = s == BT_OK ? compare_output(k, name, tensor) : s;
  }
  s = s == BT_OK ? compare_state(k, "loss", "loss.after", false) : s;
  return s == BT_OK ? compare_state(k, "draws", "lanes.after", true) : s;
}

static bool wanted(const bt_vectors_check *c, const char *op, const char *label) {
  bool named = c->ops == 0;
  for (unsigned i = 0; i <= BT_OP_STATISTICS; i++) {
    named = named || ((c->ops >> i & 1) != 0 && strcmp(op, bt_op_name((bt_op)i)) == 0);
  }
  return named && (c->label == NULL || strstr(label, c->label) != NULL);
}

static const char *text_of(const json_t *o, const char *key) {
  const char *text = json_string_value(json_object_get(o, key));
  return text == NULL ? "" : text;
}

static void begin_result(const json_t *command, bt_vectors_result *r) {
  const json_t *label = json_object_get(command, "label");
  memset(r, 0, sizeof *r);
  r->folder = text_of(command, "folder");
  r->op = text_of(command, "op");
  r->label = text_of(label, "text");
  r->phase = text_of(label, "phase");
  r->number = (uint64_t)json_integer_value(json_object_get(command, "number"));
  r->step = (uint64_t)json_integer_value(json_object_get(label, "step"));
  r->layer = (uint64_t)json_integer_value(json_object_get(label, "layer"));
}

static bt_status check_folders(const bt_vectors_check *c, bt_error *error) {
  struct stat from, to;
  if (stat(c->results, &to) != 0 || !S_ISDIR(to.st_mode)) {
    return bt_fail(error, BT_BAD_INPUT, "%s: no directory, expected the folders of a design's "
                   "results", c->results);
  }
  if (stat(c->directory, &from) == 0 && from.st_dev == to.st_dev && from.st_ino == to.st_ino) {
    return bt_fail(error, BT_BAD_INPUT, "%s: the vectors themselves, expected a directory of "
                   "results beside them", c->results);
  }
  return BT_OK;
}

static void set_hint(bt_vectors_check *c, const bt_places *deciders) {
  unsigned modulus = bt_places_modulus(deciders);
  c->hint[0] = '\0';
  if (modulus > 1) {
    snprintf(c->hint, sizeof c->hint, "the elements that decide exponents that differ are all "
             "number p of their block with p mod %u = %u: one lane, of up to %u", modulus,
             (unsigned)(deciders->first % modulus), modulus);
  }
}

bt_status bt_vectors_compare(bt_vectors_check *c, bt_error *error) {
  json_t *manifest = NULL, *command;
  bt_vectors_result *r = malloc(sizeof *r);
  bt_places deciders = {0};
  size_t i;
  bool differ = false;
  uint64_t elements = 0;
  bt_status s = r == NULL ? bt_fail(error, BT_FAILED, "out of memory") : check_folders(c, error);
  s = s == BT_OK ? bt_vectors_manifest(c->directory, &manifest, error) : s;
  json_array_foreach(json_object_get(manifest, "commands"), i, command) {
    if (s != BT_OK) {
      break;
    }
    begin_result(command, r);
    if (wanted(c, r->op, r->label)) {
      comparison k = {c, command, r, &deciders, error};
      s = bt_vectors_verify(c->directory, r->folder, command, error);
      s = s == BT_OK ? compare_command(&k) : s;
      differ = differ || r->differences > 0 || r->missing > 0;
      elements += r->elements;
      if (s == BT_OK) {
        c->done(c->context, r);
      }
    }
  }
  set_hint(c, &deciders);
  json_decref(manifest);
  free(r);
  return s != BT_OK ? s : differ || elements == 0 ? BT_MISMATCH : BT_OK;
}
