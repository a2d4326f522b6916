#include <argp.h>
#include <stddef.h>

#include "cli/cli.h"

int bt_cli_one_argument(int key, char *text, struct argp_state *state, const char **value,
                        const char *what) {
  switch (key) {
    case ARGP_KEY_ARG:
      if (*value != NULL) {
        argp_failure(state, 2, 0, "'%s': expected one %s only, got '%s' already", text, what,
                     *value);
      }
      *value = text;
      return 0;
    case ARGP_KEY_END:
      if (*value == NULL) {
        argp_failure(state, 2, 0, "expected a %s; see --help", what);
      }
      return 0;
    default: return ARGP_ERR_UNKNOWN;
  }
}
