#include "cli/convex_report.h"

#include <cblas.h>
#include <inttypes.h>
#include <math.h>
#include <stdlib.h>

#include "num/error.h"

static const char *const column[] = {"sgd_lp", "swalp", "sgd_fp", "swa_fp"};
static const char *const title[] = {"SGD-LP", "SWALP", "SGD-FP", "SWA-FP"};

static bool classifies(const bt_convex_report *r) { return r->objective.samples->label != NULL; }

static bt_status put_header(bt_convex_report *r, bt_error *error) {
  char text[256];
  int n = snprintf(text, sizeof text, "step,snapshots");
  for (int c = 0; c < BT_CONVEX_COLUMNS; c++) {
    n += snprintf(text + n, sizeof text - (size_t)n, ",%s", column[c]);
  }
  for (int c = 0; classifies(r) && c < BT_CONVEX_COLUMNS; c++) {
    n += snprintf(text + n, sizeof text - (size_t)n, ",%s_wrong", column[c]);
  }
  n += snprintf(text + n, sizeof text - (size_t)n, "\n");
  return bt_file_put(&r->csv, text, (size_t)n, error);
}

bt_status bt_convex_report_open(bt_convex_report *r, const bt_convex_recipe *recipe,
                                const bt_samples *samples, const char *csv, bool with_double,
                                uint64_t points, bt_error *error) {
  double decay = (double)recipe->weight_decay.num / (double)recipe->weight_decay.den;
  double rate = (double)recipe->lr.num / (double)recipe->lr.den;
  openblas_set_num_threads(1); /* sums in one order */
  *r = (bt_convex_report){.objective = {samples, decay, recipe->bias}, .with_double = with_double,
                          .points = points};
  size_t n = bt_objective_parameters(&r->objective);
  r->w = malloc(n * sizeof *r->w);
  r->minimum = malloc(n * sizeof *r->minimum);
  if (r->w == NULL || r->minimum == NULL) {
    return bt_fail(error, BT_FAILED, "out of memory for %zu parameters", n);
  }
  bt_status s = with_double
                    ? bt_descent_open(&r->descent, &r->objective, rate, recipe->batch, error)
                    : BT_OK;
  s = s == BT_OK && !classifies(r) ? bt_objective_minimum(&r->objective, r->minimum, error) : s;
  s = s == BT_OK && csv != NULL ? bt_file_create(&r->csv, csv, error) : s;
  return s == BT_OK && csv != NULL ? put_header(r, error) : s;
}

bt_status bt_convex_report_done(bt_convex_report *r, bt_error *error) {
  return r->csv.stream == NULL ? BT_OK : bt_file_commit(&r->csv, error);
}

void bt_convex_report_close(bt_convex_report *r) {
  bt_file_abandon(&r->csv);
  bt_descent_close(&r->descent);
  free(r->w);
  free(r->minimum);
}

void bt_convex_report_step(void *context, const uint32_t *index, bool average) {
  bt_convex_report *r = context;
  if (r->with_double) {
    bt_descent_step(&r->descent, index, average);
  }
}

static bt_status measure(bt_convex_report *r, const double *w, int c, bt_error *error) {
  bt_objective_value value;
  if (!classifies(r)) {
    r->last.metric[c] = bt_distance2(bt_objective_parameters(&r->objective), w, r->minimum);
    return BT_OK;
  }
  bt_status s = bt_objective_at(&r->objective, w, &value, NULL, error);
  r->last.metric[c] = value.gradient2;
  r->last.wrong[c] = value.wrong;
  return s;
}

static bt_status measure_all(bt_convex_report *r, const bt_convex_state *state, bt_error *error) {
  for (int c = 0; c < BT_CONVEX_COLUMNS; c++) {
    r->last.metric[c] = NAN;
    r->last.wrong[c] = 0;
  }
  bt_convex_iterate(state, r->w);
  bt_status s = measure(r, r->w, BT_SGD_LP, error);
  if (s == BT_OK && r->with_double) {
    s = measure(r, r->descent.w, BT_SGD_FP, error);
  }
  if (s == BT_OK && state->snapshots > 0) {
    bt_convex_average(state, r->w);
    s = measure(r, r->w, BT_SWALP, error);
    s = s == BT_OK && r->with_double ? measure(r, r->descent.average, BT_SWA_FP, error) : s;
  }
  return s;
}

/* Whether a report point is among the last that are asked for. */
static bool is_measured(const bt_convex_report *r, const bt_convex_state *state) {
  uint64_t every = state->recipe->report_every, left = state->recipe->steps - state->steps;
  return r->points == 0 || left == 0 || (every != 0 && left < r->points * every);
}

bt_status bt_convex_report_row(void *context, const bt_convex_state *state, bt_error *error) {
  bt_convex_report *r = context;
  char text[400];
  if (!is_measured(r, state)) {
    return BT_OK;
  }
  bt_status s = measure_all(r, state, error);
  if (s != BT_OK || r->csv.stream == NULL) {
    return s;
  }
  int n = snprintf(text, sizeof text, "%" PRIu64 ",%" PRIu64, state->steps, state->snapshots);
  for (int c = 0; c < BT_CONVEX_COLUMNS; c++) {
    n += isnan(r->last.metric[c])
             ? snprintf(text + n, sizeof text - (size_t)n, ",")
             : snprintf(text + n, sizeof text - (size_t)n, ",%.6g", r->last.metric[c]);
  }
  for (int c = 0; classifies(r) && c < BT_CONVEX_COLUMNS; c++) {
    n += isnan(r->last.metric[c])
             ? snprintf(text + n, sizeof text - (size_t)n, ",")
             : snprintf(text + n, sizeof text - (size_t)n, ",%zu", r->last.wrong[c]);
  }
  n += snprintf(text + n, sizeof text - (size_t)n, "\n");
  return bt_file_put(&r->csv, text, (size_t)n, error);
}

/* |Q(w*) - w*|^2, to nearest in the weights' format. */
static bt_status print_minimum(const bt_convex_report *r, const bt_convex_state *state,
                               bt_error *error) {
  static const bt_round_options nearest = {.mode = BT_NEAREST_EVEN, .random_bits = 16};
  const bt_tensor *w = state->model->w[0];
  size_t n = bt_tensor_elements(w), blocks = bt_tensor_exponents(w);
  int16_t *m = malloc(n * sizeof *m);
  int8_t *e = malloc(blocks);
  bt_status s = m == NULL || e == NULL ? bt_fail(error, BT_FAILED, "out of memory") : BT_OK;
  s = s == BT_OK ? bt_quantize_f64(&w->fmt, &nearest, w->ndim, w->dim, r->minimum, NULL, m, e, NULL,
                                   error)
                 : s;
  double sum = 0;
  for (size_t i = 0; s == BT_OK && i < n; i++) {
    bool fixed = w->fmt.kind == BT_FIXED;
    int step = fixed ? -w->fmt.fl : e[bt_tensor_exponent_of(w, i)] - (w->fmt.wl - 2);
    double d = ldexp(m[i], step) - r->minimum[i];
    sum += d * d;
  }
  if (s == BT_OK) {
    printf("  %-8s %.6g\n", "Q(w*)", sum);
  }
  free(m);
  free(e);
  return s;
}

bt_status bt_convex_report_print(const bt_convex_report *r, const bt_convex_state *state,
                                 bt_error *error) {
  printf("%s: %s after %" PRIu64 " steps, %" PRIu64 " averaged\n", state->recipe->name,
         classifies(r) ? "squared gradient norm, wrong training samples"
                       : "squared distance to the minimum w*",
         state->steps, state->snapshots);
  for (int c = 0; c < BT_CONVEX_COLUMNS; c++) {
    if (isnan(r->last.metric[c])) {
      continue;
    }
    printf("  %-8s %.6g", title[c], r->last.metric[c]);
    if (classifies(r)) {
      printf("  %zu", r->last.wrong[c]);
    }
    printf("\n");
  }
  return classifies(r) ? BT_OK : print_minimum(r, state, error);
}
