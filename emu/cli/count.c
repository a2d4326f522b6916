#include <argp.h>
#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "cli/cli.h"
#include "threads/threads.h"

uint64_t bt_cli_count(const struct argp_state *state, const char *option, const char *text,
                      uint64_t min, uint64_t max) {
  size_t digits = strspn(text, "0123456789");
  errno = 0;
  uint64_t value = strtoull(text, NULL, 10);
  if (digits == 0 || text[digits] != '\0' || errno != 0 || value < min || value > max) {
    argp_failure(state, 2, 0, "--%s: expected a whole number in %" PRIu64 "..%" PRIu64 ", got '%s'",
                 option, min, max, text);
  }
  return value;
}

unsigned bt_cli_threads(const struct argp_state *state, const char *text) {
  return (unsigned)bt_cli_count(state, "threads", text, 1, BT_MAX_THREADS);
}
