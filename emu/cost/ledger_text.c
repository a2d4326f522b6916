/* A ledger's names, numbers and CSV. */
#include <inttypes.h>

#include "cost/ledger.h"
#include "io/file.h"

const char *bt_part_name(bt_part part) {
  static const char *const name[BT_PARTS + 1] = {
      "array",       "aligner",    "quantizer",     "vector",       "scalar",
      "lfsr",        "fp32",       "registers",     "sram input",   "sram weight",
      "sram output", "dram read",  "dram write",    "dram spill",   "dram activate",
      "leakage",     "dram background", "dram refresh", "none"};
  return name[part];
}

const char *bt_price_state_name(bt_price_state state) {
  return state == BT_PRICED ? "priced" : state == BT_IN_PRODUCT ? "in product" : "not in table";
}

const char *bt_attojoules_text(bt_attojoules energy, char text[BT_ATTOJOULES_SIZE]) {
  char digits[BT_ATTOJOULES_SIZE];
  size_t n = 0;
  do {
    digits[n++] = (char)('0' + (int)(energy % 10));
    energy /= 10;
  } while (energy > 0);
  for (size_t i = 0; i < n; i++) {
    text[i] = digits[n - 1 - i];
  }
  text[n] = '\0';
  return text;
}

void bt_ledger_csv(FILE *out, const bt_ledger *ledger) {
  char low[BT_ATTOJOULES_SIZE], high[BT_ATTOJOULES_SIZE];
  fputs("phase,component,action,count,each_low_aj,each_high_aj,low_aj,high_aj,price,model\n", out);
  for (size_t i = 0; i < ledger->rows; i++) {
    const bt_ledger_row *r = &ledger->row[i];
    fprintf(out, "%s,%s,%s,%" PRIu64, bt_phase_name(r->phase), bt_part_name(r->part), r->action,
            r->count);
    if (r->state == BT_PRICED) {
      fprintf(out, ",%" PRIu64 ",%" PRIu64 ",%s,%s", r->each_low, r->each_high,
              bt_attojoules_text(r->low, low), bt_attojoules_text(r->high, high));
    } else {
      fputs(",,,,", out);
    }
    fprintf(out, ",%s,machine\n", bt_price_state_name(r->state));
  }
}

bt_status bt_ledger_csv_write(const char *path, const bt_ledger *ledger, bt_error *error) {
  bt_file f;
  bt_status status = bt_file_create(&f, path, error);
  if (status != BT_OK) {
    return status;
  }
  bt_ledger_csv(f.stream, ledger);
  status = bt_file_commit(&f, error);
  bt_file_abandon(&f);
  return status;
}
