#include "train/state.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "num/error.h"

bt_status bt_state_start(const bt_recipe *recipe, const bt_machine *machine, bt_state *state,
                         bt_error *error) {
  memset(state, 0, sizeof *state);
  state->recipe = recipe;
  state->machine = machine;
  state->epoch = 1;
  state->row = calloc(recipe->epochs, sizeof *state->row);
  if (state->row == NULL) {
    return bt_fail(error, BT_FAILED, "out of memory for %zu epochs", recipe->epochs);
  }
  if (bt_lfsr_start(&state->rng, recipe->seed, machine->lanes) != BT_OK) {
    return bt_fail(error, BT_BAD_INPUT, "machine %s: %u lanes, expected a power of two up to %u",
                   machine->name, machine->lanes, BT_MAX_LANES);
  }
  return bt_model_new(&recipe->net, recipe->w, recipe->m, recipe->seed, &state->model, error);
}

void bt_state_free(bt_state *state) {
  bt_model_free(state->model);
  free(state->row);
  memset(state, 0, sizeof *state);
}

uint64_t bt_state_trained_epoch(const bt_state *state) {
  return state->step > 0 || state->epoch == 1 ? state->epoch : state->epoch - 1;
}

bt_status bt_state_digest(const bt_state *state, char text[65], bt_error *error) {
  return bt_model_digest(state->model, state->rng.steps, state->steps, text, error);
}

void bt_loss_percent(const bt_loss *loss, char text[24]) {
  uint64_t rows = loss->rows == 0 ? 1 : loss->rows;
  uint64_t hundredths = ((loss->rows - loss->correct) * 20000 + rows) / (2 * rows);
  snprintf(text, 24, "%" PRIu64 ".%02" PRIu64, hundredths / 100, hundredths % 100);
}

/* numerics 14: nats are bits * 45426 / 2^16. The loss of a softmax is never negative by more than
 * its rounding. */
void bt_loss_nats(const bt_loss *loss, char text[24]) {
  int64_t rows = loss->rows == 0 ? 1 : (int64_t)loss->rows;
  int64_t bits = loss->loss_bits < 0 ? 0 : loss->loss_bits;
  int64_t nats = (int64_t)((__int128)bits * 45426 >> 16); /* sum, units of 2^-16 */
  int64_t tenthousandths = (int64_t)((__int128)nats * 10000 / rows >> 16);
  snprintf(text, 24, "%" PRId64 ".%04" PRId64, tenthousandths / 10000, tenthousandths % 10000);
}
