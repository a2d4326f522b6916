/* bittrue baseline in double precision: emu/float compiled with BT_FLOAT_DOUBLE, for
 * torch_losses.py --double. Training amplifies differences in rounding step by step; in double
 * they start nine digits lower, and what remains apart would be a different formula. */
#include "cli/cli.h"

int main(int argc, char **argv) { return bt_cli_baseline(argc, argv); }
