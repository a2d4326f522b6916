#include "engine/lockstep.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cmd/statistics.h"
#include "engine/describe.h"
#include "num/error.h"

/* A command on outputs of its own. */
typedef struct {
  bt_command command;
  bt_tensor out[BT_MAX_OUTPUTS];
  bt_loss loss;
  bt_average average;
  bt_statistics statistics;
} shadow;

static void shadow_free(shadow *s) {
  for (size_t i = 0; i < BT_MAX_OUTPUTS; i++) {
    bt_tensor_free(&s->out[i]);
  }
  free(s->average.sum);
  free(s->average.emin);
  bt_statistics_free(&s->statistics);
}

static bool copy_average(shadow *s, const bt_command *c) {
  const bt_average *a = c->u.average.average;
  size_t n = bt_tensor_elements(c->in[0]), blocks = bt_tensor_exponents(c->in[0]);
  s->average.count = a->count;
  s->average.sum = malloc((n + 1) * sizeof *a->sum);
  s->average.emin = malloc((blocks + 1) * sizeof *a->emin);
  if (s->average.sum == NULL || s->average.emin == NULL) {
    return false;
  }
  memcpy(s->average.sum, a->sum, n * sizeof *a->sum);
  memcpy(s->average.emin, a->emin, blocks * sizeof *a->emin);
  s->command.u.average.average = &s->average;
  return true;
}

static bool copy_statistics(shadow *s, const bt_command *c) {
  const bt_statistics *from = c->u.statistics.statistics;
  if (!bt_statistics_alloc(&s->statistics, from->channels)) {
    return false;
  }
  bt_statistics_copy(&s->statistics, from);
  s->command.u.statistics.statistics = &s->statistics;
  return true;
}

/* Copies of what the command adds to, a loss apart. */
static bool copy_state(shadow *s, const bt_command *c) {
  return (c->op != BT_OP_AVERAGE || copy_average(s, c)) &&
         (c->op != BT_OP_STATISTICS || copy_statistics(s, c));
}

static bool shadow_make(shadow *s, const bt_command *c) {
  memset(s, 0, sizeof *s);
  s->command = *c;
  for (size_t i = 0; i < BT_MAX_OUTPUTS; i++) {
    if (c->out[i] != NULL) {
      s->out[i] = *c->out[i];
      s->out[i].data = NULL;
      s->out[i].exp = NULL;
      if (!bt_tensor_alloc(&s->out[i])) {
        return false;
      }
      s->command.out[i] = &s->out[i];
    }
  }
  if (c->op == BT_OP_SOFTMAX) {
    s->loss = *c->u.softmax.loss;
    s->command.u.softmax.loss = &s->loss;
  }
  return copy_state(s, c);
}

/* Everything that a comparison looks at. */
typedef struct {
  bt_lockstep *l;
  const bt_command *c;
  const bt_command *unrun; /* c with what it adds to as it was before */
  const shadow *s;
  const bt_lfsr *before, *after_first, *after_second;
} comparison;

/* Writes the report of a difference in output `which` at element i (or exponent i). */
static bt_status report(const comparison *k, size_t which, const char *what, size_t i) {
  bt_difference *d = &k->l->difference;
  const char *replay = NULL;
  d->found = true;
  d->is_element = strcmp(what, "mantissa") == 0;
  d->output = which;
  d->element = i;
  if (k->l->keep != NULL) {
    replay = k->l->keep(k->l->context, k->unrun, k->before);
  }
  size_t at = 0, size = sizeof d->text;
  at += (size_t)snprintf(d->text, size, "MISMATCH between %s and %s\n", k->l->first->name,
                         k->l->second->name);
  at += bt_describe_place(k->c, which, what, i, d->text + at, size - at);
  if (k->l->machine != NULL && which == 0 && strcmp(what, "mantissa") == 0) {
    at += bt_describe_tile(k->c, k->l->machine, i, d->text + at, size - at);
  }
  at += bt_describe_results(k->c, &k->s->command, which, what, i, d->text + at, size - at);
  at += bt_describe_operands(k->c, which, i, d->text + at, size - at);
  at += bt_describe_draws(k->c, k->before, i, d->text + at, size - at);
  if (replay != NULL) {
    snprintf(d->text + at, size - at, "  replay    bittrue replay %s --engines %s,%s%s\n", replay,
             k->l->first->name, k->l->second->name,
             k->l->replay_options != NULL ? k->l->replay_options : "");
  }
  return BT_MISMATCH;
}

static bool covered(const bt_lockstep *l, size_t i) {
  return l->covered == NULL || l->covered(l->second, i);
}

static bt_status compare_element(const comparison *k, size_t which, size_t i) {
  if (!covered(k->l, i)) {
    return BT_OK;
  }
  k->l->counts.elements++;
  bool same = bt_tensor_integer(k->c->out[which], i) ==
              bt_tensor_integer(k->s->command.out[which], i);
  return same ? BT_OK : report(k, which, "mantissa", i);
}

/* One tile of the array, whose first output is (row, column) of the product. */
static bt_status compare_tile(const comparison *k, bt_extent x, size_t row, size_t column) {
  const bt_machine *m = k->l->machine;
  for (size_t i = row; i < row + m->rows && i < x.rows; i++) {
    for (size_t j = column; j < column + m->cols && j < x.cols; j++) {
      bt_status s = compare_element(k, 0, i * x.cols + j);
      if (s != BT_OK) {
        return s;
      }
    }
  }
  k->l->counts.tiles += covered(k->l, row * x.cols + column);
  return BT_OK;
}

static bt_status compare_tiles(const comparison *k) {
  bt_extent x = bt_geometry_extent(&k->c->u.contract.geometry, k->c->u.contract.direction);
  bt_status s = BT_OK;
  for (size_t column = 0; column < x.cols; column += k->l->machine->cols) {
    for (size_t row = 0; s == BT_OK && row < x.rows; row += k->l->machine->rows) {
      s = compare_tile(k, x, row, column);
    }
  }
  return s;
}

static bt_status compare_output(const comparison *k, size_t which) {
  const bt_tensor *a = k->c->out[which], *b = k->s->command.out[which];
  size_t n = bt_tensor_elements(a), exponents = bt_tensor_exponents(a);
  for (size_t i = 0; i < exponents; i++) {
    if (a->exp[i] != b->exp[i]) {
      return report(k, which, "exponent", i);
    }
  }
  if (a->kind == BT_T_WIDE && a->bits != b->bits) {
    return report(k, which, "width", 0);
  }
  if (k->c->op == BT_OP_CONTRACT && k->l->machine != NULL) {
    return compare_tiles(k);
  }
  bt_status s = BT_OK;
  for (size_t i = 0; s == BT_OK && i < n; i++) {
    s = compare_element(k, which, i);
  }
  return s;
}

static bt_status compare_average(const comparison *k) {
  const bt_average *a = k->c->u.average.average, *b = &k->s->average;
  size_t n = bt_tensor_elements(k->c->in[0]), blocks = bt_tensor_exponents(k->c->in[0]);
  for (size_t i = 0; i < n; i++) {
    if (a->sum[i] != b->sum[i]) {
      return report(k, 0, "sum", i);
    }
  }
  if (memcmp(a->emin, b->emin, blocks * sizeof *a->emin) != 0 || a->count != b->count) {
    return report(k, 0, "smallest exponent", 0);
  }
  return BT_OK;
}

static bt_status compare_statistics(const comparison *k) {
  const bt_statistics *a = k->c->u.statistics.statistics, *b = &k->s->statistics;
  if (bt_statistics_equal(a, b)) {
    return BT_OK;
  }
  for (size_t i = 0; i < a->channels; i++) {
    if (a->first[i] != b->first[i] || a->second[i] != b->second[i]) {
      return report(k, 0, "channel", i);
    }
  }
  return report(k, 0, "exponent or rows", 0);
}

static bt_status compare_sums(const comparison *k) {
  if (k->c->op == BT_OP_SOFTMAX &&
      memcmp(k->c->u.softmax.loss, &k->s->loss, sizeof k->s->loss) != 0) {
    return report(k, 0, "loss", 0);
  }
  if (k->c->op == BT_OP_AVERAGE) {
    return compare_average(k);
  }
  return k->c->op == BT_OP_STATISTICS ? compare_statistics(k) : BT_OK;
}

static bt_status compare(const comparison *k) {
  for (size_t i = 0; i < BT_MAX_OUTPUTS; i++) {
    if (k->c->out[i] != NULL) {
      bt_status s = compare_output(k, i);
      if (s != BT_OK) {
        return s;
      }
    }
  }
  if (memcmp(k->after_first->lane, k->after_second->lane, sizeof k->after_first->lane) != 0 ||
      k->after_first->steps != k->after_second->steps) {
    return report(k, 0, "generator", 0);
  }
  return compare_sums(k);
}

bt_status bt_lockstep_command(bt_lockstep *l, const bt_command *c, bt_lfsr *rng, bt_error *error) {
  bt_counts counts = {0}, counts_second = {0};
  bt_lfsr before = *rng, second = *rng;
  bool wanted = l->ops == 0 || (l->ops >> c->op & 1) != 0;
  l->counts.commands++;
  if (!wanted || !l->second->covers(l->second, c)) {
    return l->first->run(l->first, c, rng, &counts, error);
  }
  shadow s, unrun = {.command = *c};
  /* The second engine runs first: where a command adds to what was there, it must see that. A
   * replay must see it too: of averages and statistics a third copy is kept. */
  bool room = shadow_make(&s, c) && copy_state(&unrun, c);
  bt_status status = room ? BT_OK : bt_fail(error, BT_FAILED, "out of memory");
  status = status == BT_OK ? l->second->run(l->second, &s.command, &second, &counts_second, error)
                           : status;
  status = status == BT_OK ? l->first->run(l->first, c, rng, &counts, error) : status;
  if (status == BT_OK) {
    comparison k = {l, c, &unrun.command, &s, &before, rng, &second};
    status = compare(&k);
  }
  if (status == BT_OK) {
    l->counts.commands_covered++;
    bt_ran ran = {&before, rng, counts};
    status = l->agreed == NULL ? BT_OK : l->agreed(l->agreed_context, c, &ran, &l->difference);
  }
  shadow_free(&s);
  shadow_free(&unrun);
  if (status == BT_MISMATCH && error != NULL) {
    bt_fail(error, BT_MISMATCH, "%s: %s and %s differ", c->label.text, l->first->name,
            l->second->name);
  }
  return status;
}

bt_status bt_lockstep_run(bt_lockstep *l, const bt_program *p, bt_lfsr *rng, bt_error *error) {
  size_t n = bt_program_size(p);
  bt_status s = BT_OK;
  for (size_t i = 0; s == BT_OK && i < n; i++) {
    s = bt_lockstep_command(l, bt_program_at(p, i), rng, error);
  }
  return s;
}
