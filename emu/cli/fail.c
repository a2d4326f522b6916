#include <stdio.h>

#include "cli/cli.h"

int bt_cli_fail(const char *name, bt_status status, const bt_error *error) {
  if (status == BT_OK) {
    return 0;
  }
  fprintf(stderr, "bittrue %s: %s\n", name, error->text);
  return status == BT_MISMATCH ? 1 : 2;
}
