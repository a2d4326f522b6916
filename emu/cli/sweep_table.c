#include "cli/sweep_table.h"

#include <inttypes.h>

#include "cli/sweep_variant.h"
#include "net/net.h"

static json_t *percent(const bt_loss *loss) {
  char text[24];
  if (loss == NULL || loss->rows == 0) {
    return json_null();
  }
  bt_loss_percent(loss, text);
  return json_string(text);
}

static const bt_epoch_row *row_of(const bt_state *state, uint64_t epoch) {
  return epoch >= 1 && epoch <= state->rows ? &state->row[epoch - 1] : NULL;
}

static json_t *cell_result(const bt_layer *layer, bt_direction d, const bt_probe_cell *cell) {
  const bt_headroom *r = &cell->range;
  int64_t largest = -r->least > r->greatest ? -r->least : r->greatest;
  json_t *o = json_pack("{s:s, s:s, s:I, s:I, s:I}", "layer", layer->name, "direction",
                        bt_direction_name(d), "commands", (json_int_t)cell->commands, "additions",
                        (json_int_t)cell->additions, "saturations", (json_int_t)cell->saturations);
  json_object_set_new(o, "sampled", json_integer((json_int_t)cell->sampled));
  json_object_set_new(o, "largest", cell->sampled > 0 ? json_integer(largest) : json_null());
  json_object_set_new(o, "width",
                      cell->sampled > 0 ? json_integer(bt_headroom_bits(r)) : json_null());
  return o;
}

json_t *bt_sweep_result(const bt_state *state, const bt_probe *probe, double seconds) {
  char name[64], digest[65] = "";
  bt_error error;
  const bt_accumulator *acc = &state->machine->acc;
  const bt_net *net = &state->recipe->net;
  const bt_epoch_row *lp = row_of(state, state->recipe->swa_start);
  const bt_epoch_row *last = row_of(state, state->rows);
  json_t *layers = json_array();
  bt_variant_name(acc, name);
  (void)bt_state_digest(state, digest, &error); /* stays empty where there is no memory for it */
  for (size_t i = 0; i < net->layers; i++) {
    for (bt_direction d = BT_FORWARD; d <= BT_WEIGHT_GRADIENT; d++) {
      const bt_probe_cell *cell = bt_probe_cell_of(probe, i, d);
      if (cell->commands > 0) {
        json_array_append_new(layers, cell_result(&net->layer[i], d, cell));
      }
    }
  }
  return json_pack("{s:s, s:i, s:s, s:i, s:I, s:I, s:o, s:o, s:o, s:f, s:s, s:o}", "accumulator",
                   name, "acc_bits", acc->acc_bits, "overflow", acc->wrap ? "wrap" : "saturate",
                   "acc_shift", acc->acc_shift, "epochs", (json_int_t)state->rows, "steps",
                   (json_int_t)state->steps, "test_error_sgd_lp",
                   percent(lp == NULL ? NULL : &lp->test), "test_error_swalp",
                   percent(last == NULL ? NULL : &last->swa), "test_error_last",
                   percent(last == NULL ? NULL : &last->test), "seconds", seconds, "digest", digest,
                   "layers", layers);
}

static const char *text_of(const json_t *o, const char *key) {
  const char *text = json_string_value(json_object_get(o, key));
  return text == NULL ? "-" : text;
}

static long long number_of(const json_t *o, const char *key) {
  return (long long)json_integer_value(json_object_get(o, key));
}

/* "-" where no step was sampled. */
static void print_sampled(FILE *to, const json_t *cell, const char *key, int width) {
  const json_t *value = json_object_get(cell, key);
  if (json_is_integer(value)) {
    fprintf(to, " %*lld", width, (long long)json_integer_value(value));
  } else {
    fprintf(to, " %*s", width, "-");
  }
}

void bt_sweep_print(FILE *to, const json_t *results) {
  size_t i, k;
  const json_t *o, *cell;
  fprintf(to,
          "test error in %%; largest and width: of the running sums, in the accumulator's unit\n");
  json_array_foreach(results, i, o) {
    fprintf(to, "\naccumulator %s: SGD-LP %s  SWALP %s  last %s  (%lld epochs, %lld steps)\n",
            text_of(o, "accumulator"), text_of(o, "test_error_sgd_lp"),
            text_of(o, "test_error_swalp"), text_of(o, "test_error_last"), number_of(o, "epochs"),
            number_of(o, "steps"));
    fprintf(to, "  %-10s %-16s %14s %16s %12s %6s\n", "layer", "direction", "saturations",
            "of additions", "largest", "width");
    json_array_foreach(json_object_get(o, "layers"), k, cell) {
      fprintf(to, "  %-10s %-16s %14lld %16lld", text_of(cell, "layer"), text_of(cell, "direction"),
              number_of(cell, "saturations"), number_of(cell, "additions"));
      print_sampled(to, cell, "largest", 12);
      print_sampled(to, cell, "width", 6);
      fprintf(to, "\n");
    }
  }
}

static void csv_sampled(FILE *to, const json_t *cell, const char *key) {
  const json_t *value = json_object_get(cell, key);
  if (json_is_integer(value)) {
    fprintf(to, ",%lld", (long long)json_integer_value(value));
  } else {
    fprintf(to, ",");
  }
}

static const char *csv_text(const json_t *o, const char *key) {
  const char *text = json_string_value(json_object_get(o, key));
  return text == NULL ? "" : text;
}

void bt_sweep_csv(FILE *to, const json_t *results) {
  size_t i, k;
  const json_t *o, *cell;
  fprintf(to, "accumulator,acc_bits,overflow,acc_shift,epochs,steps,test_error_sgd_lp,"
              "test_error_swalp,test_error_last,digest,layer,direction,commands,additions,"
              "saturations,largest,width\n");
  json_array_foreach(results, i, o) {
    json_array_foreach(json_object_get(o, "layers"), k, cell) {
      fprintf(to, "%s,%lld,%s,%lld,%lld,%lld,%s,%s,%s,%s,%s,%s,%lld,%lld,%lld",
              text_of(o, "accumulator"), number_of(o, "acc_bits"), text_of(o, "overflow"),
              number_of(o, "acc_shift"), number_of(o, "epochs"), number_of(o, "steps"),
              csv_text(o, "test_error_sgd_lp"), csv_text(o, "test_error_swalp"),
              csv_text(o, "test_error_last"), text_of(o, "digest"), text_of(cell, "layer"),
              text_of(cell, "direction"), number_of(cell, "commands"),
              number_of(cell, "additions"), number_of(cell, "saturations"));
      csv_sampled(to, cell, "largest");
      csv_sampled(to, cell, "width");
      fprintf(to, "\n");
    }
  }
}
