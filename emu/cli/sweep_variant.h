/* The accumulators that a sweep goes through, as text. */
#ifndef BT_CLI_SWEEP_VARIANT_H
#define BT_CLI_SWEEP_VARIANT_H

#include "bittrue.h"

#define BT_MAX_VARIANTS 64u

typedef struct {
  char text[48];
  bt_accumulator acc;
  bool fitted; /* acc_shift is still to be found: what the running sums' width asks for */
} bt_variant;

/* Reads "BITS[/SHIFT][:OPTION...]" into *v: BITS 8..32; SHIFT 0..14 or "fit"; options saturate
 * (default), wrap, floor (default), nearest_even, stochastic, chunkN@P (N products summed at P
 * bits first). BT_BAD_INPUT says what was expected. */
bt_status bt_variant_parse(const char *text, bt_variant *v, bt_error *error);

/* Reads a list of them, separated by commas: 1..BT_MAX_VARIANTS; *count gets their number. */
bt_status bt_variants_parse(const char *text, bt_variant *v, size_t *count, bt_error *error);

/* The shift that lets sums of `bits` bits without a shift fit the accumulator: 0..14. */
int bt_variant_fit(int bits, int acc_bits);

/* The variant as a short name with its shift filled in: "12/6 wrap stochastic". */
void bt_variant_name(const bt_accumulator *acc, char text[64]);

#endif
