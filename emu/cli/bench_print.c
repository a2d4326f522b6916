/* What a benchmark prints. */
#include <stdio.h>

#include "cli/bench.h"
#include "cli/bench_timer.h"

static double number(const json_t *o, const char *key) {
  return json_number_value(json_object_get(o, key));
}

static void add_percent(const bt_bench *b, json_t *rows) {
  size_t i;
  json_t *row;
  json_array_foreach(rows, i, row) {
    if (json_object_get(row, "gmac_per_second") != NULL) {
      bt_bench_number(row, "percent_of_peak", number(row, "gmac_per_second") / b->peak * 1e11);
    }
  }
}

/* The rates a row or a mean has, each with its unit. */
static void print_rates(const json_t *row) {
  static const struct {
    const char *key, *format;
  } rate[] = {{"gmac_per_second", " %9.2f GMAC/s"},
              {"percent_of_peak", " %6.1f %%"},
              {"gelem_per_second", " %8.3f Gelem/s"},
              {"gigabytes_per_second", " %8.2f GB/s"}};
  for (size_t i = 0; i < sizeof rate / sizeof rate[0]; i++) {
    if (json_object_get(row, rate[i].key) != NULL) {
      printf(rate[i].format, number(row, rate[i].key));
    }
  }
  printf("\n");
}

static void print_rows(const bt_bench *b) {
  size_t i;
  json_t *row;
  if (json_array_size(b->rows) > 0) {
    printf("%-34s %-28s %10s %10s %10s\n", "milliseconds", "", "median", "min", "max");
  }
  json_array_foreach(b->rows, i, row) {
    printf("%-34s %-28s %10.4f %10.4f %10.4f", json_string_value(json_object_get(row, "shape")),
           json_string_value(json_object_get(row, "what")), number(row, "milliseconds"),
           number(row, "min"), number(row, "max"));
    print_rates(row);
  }
  json_array_foreach(json_object_get(b->facts, "means"), i, row) {
    printf("%-34s %-61s", "mean weighted by products",
           json_string_value(json_object_get(row, "what")));
    print_rates(row);
  }
}

static void print_training(const bt_bench *b) {
  const json_t *images = json_object_get(b->facts, "images_per_second");
  if (images != NULL) {
    printf("%.0f images/s (%.0f to %.0f), steps of %.0f images\n", number(images, "median"),
           number(images, "min"), number(images, "max"), number(b->facts, "batch"));
  }
  if (json_object_get(b->facts, "step_milliseconds") != NULL) {
    printf("a step's commands, as the engine runs them: %.3f ms\n",
           number(b->facts, "step_milliseconds"));
  }
  if (json_object_get(b->facts, "contract_milliseconds") != NULL) {
    double contract = number(b->facts, "contract_milliseconds"),
           other = number(b->facts, "other_milliseconds"), all = (contract + other) / 100;
    printf("one at a time: contractions %.3f ms (%.0f %%), others %.3f ms (%.0f %%)\n", contract,
           contract / all, other, other / all);
  }
}

static void print_rate(const bt_bench *b, const char *key, const char *what) {
  const json_t *rate = json_object_get(b->facts, key);
  printf("%-12s %.0f cycles/s (%.0f to %.0f)", what, number(rate, "median"), number(rate, "min"),
         number(rate, "max"));
}

/* Of the machine in Verilog. */
static void print_machine(const bt_bench *b) {
  if (json_object_get(b->facts, "cycles_per_second") == NULL) {
    return;
  }
  double rate = number(json_object_get(b->facts, "cycles_per_second"), "median"),
         array = number(json_object_get(b->facts, "array_cycles_per_second"), "median");
  printf("a step of %.0f images: %.0f cycles, %.0f products\n", number(b->facts, "batch"),
         number(b->facts, "cycles"), number(b->facts, "macs"));
  print_rate(b, "cycles_per_second", "machine");
  printf(", %.2f MMAC/s, %.2f of its array alone\n",
         number(b->facts, "macs") / number(b->facts, "cycles") * rate * 1e-6, rate / array);
  print_rate(b, "array_cycles_per_second", "array alone");
  printf("\n");
}

static void print_text(const bt_bench *b) {
  printf("bench %s, engine %s, threads %u, clock %s; %llu samples each\n", b->o->subject,
         json_string_value(json_object_get(b->facts, "engine")), bt_threads_count(b->threads), b->o->processor ? "processor" : "wall",
         (unsigned long long)b->o->repeat);
  if (b->peak > 0) {
    printf("peak of %s: %.2f GMAC/s\n", b->kernels.isa, b->peak * 1e-9);
  }
  print_rows(b);
  print_training(b);
  print_machine(b);
}

void bt_bench_print(bt_bench *b) {
  add_percent(b, b->rows);
  add_percent(b, json_object_get(b->facts, "means"));
  if (!b->o->json) {
    print_text(b);
    return;
  }
  if (b->peak > 0) {
    bt_bench_number(b->facts, "peak_gmac_per_second", b->peak * 1e-9);
  }
  json_object_set(b->facts, "rows", b->rows);
  json_dumpf(b->facts, stdout, JSON_INDENT(2) | JSON_REAL_PRECISION(6));
  printf("\n");
}
