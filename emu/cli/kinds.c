#include "cli/kinds.h"

#include <string.h>

#include "cli/engine_spec.h"
#include "num/error.h"

bt_status bt_cli_kinds(const char *list, uint32_t *ops, bt_error *error) {
  for (const char *entry = list; *entry != '\0'; entry += strspn(entry, ",")) {
    size_t length = strcspn(entry, ",");
    bt_op op;
    if (!bt_op_parse(entry, length, &op)) {
      return bt_fail(error, BT_BAD_INPUT,
                     "--commands: '%.*s' is no kind of command: expected contract (or conv), "
                     "quantize, affine, gate, reduce, pool, softmax, norm, ...", (int)length,
                     entry);
    }
    *ops |= 1u << op;
    entry += length;
  }
  return BT_OK;
}
