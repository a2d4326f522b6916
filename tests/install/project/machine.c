/* Prints a machine's accumulator and lanes: where does the library look for it? */
#include <bittrue_run.h>
#include <stdio.h>

int main(int argc, char **argv) {
  bt_accumulator acc;
  bt_error error;
  unsigned lanes;
  if (argc != 2 || bt_machine_datapath(argv[1], &acc, &lanes, &error) != BT_OK) {
    fprintf(stderr, "%s\n", argc == 2 ? error.text : "expected a machine");
    return 2;
  }
  printf("%d bits, %u lanes\n", acc.acc_bits, lanes);
  return 0;
}
