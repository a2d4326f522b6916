#include "engine/coverage.h"

#include <string.h>

#include "engine/coverage_parts.h"
#include "num/error.h"

#define LFSR_PERIOD UINT32_MAX /* numerics 4.1 */

static const struct {
  const char *name, *text;
} bins[] = {
#define BT_COVERAGE_ROW(name, text, what) {text, what},
    BT_COVERAGE_BINS(BT_COVERAGE_ROW)
#undef BT_COVERAGE_ROW
};

const char *bt_cover_name(bt_cover bin) { return bins[bin].name; }
const char *bt_cover_text(bt_cover bin) { return bins[bin].text; }

static void cover_reduce(uint64_t *n, const bt_command *c) {
  switch (c->u.reduce.kind) {
    case BT_SUM: {
      bool one = bt_tensor_exponents(c->in[0]) <= 1;
      n[one ? BT_COVER_REDUCE_SUM : BT_COVER_REDUCE_BLOCKS]++;
      break;
    }
    case BT_SUM_XX:
    case BT_SUM_XY:
    case BT_MOMENTS:
    case BT_PRODUCTS: n[BT_COVER_REDUCE_PRODUCTS]++; break;
    case BT_MIN:
    case BT_MAX:
    default: n[BT_COVER_REDUCE_EXTREMES]++; break;
  }
}

static void cover_dropout(uint64_t *n, const bt_tensor *mask) {
  for (size_t i = 0; i < bt_tensor_elements(mask); i++) {
    n[bt_tensor_integer(mask, i) != 0 ? BT_COVER_DROPOUT_KEPT : BT_COVER_DROPOUT_DROPPED]++;
  }
}

void bt_cover_command(bt_coverage *coverage, const bt_machine *machine, const bt_command *c,
                      const bt_lfsr *before, const bt_lfsr *after, const bt_counts *did) {
  uint64_t *n = coverage->n;
  n[BT_COVER_LFSR_WRAP] += before->steps / LFSR_PERIOD != after->steps / LFSR_PERIOD;
  switch (c->op) {
    case BT_OP_CONTRACT: bt_cover_contract(n, machine, c, did); break;
    case BT_OP_QUANTIZE: bt_cover_quantize(n, machine, c, did); break;
    case BT_OP_AFFINE: bt_cover_affine(n, c); break;
    case BT_OP_GATE: n[BT_COVER_GATE]++; break;
    case BT_OP_REDUCE: cover_reduce(n, c); break;
    case BT_OP_POOL:
    case BT_OP_POOL_BACK:
    case BT_OP_POOL_SUM:
    case BT_OP_SPREAD: bt_cover_pool(n, c); break;
    case BT_OP_SOFTMAX: bt_cover_softmax(n, c); break;
    case BT_OP_DROPOUT: cover_dropout(n, c->out[0]); break;
    case BT_OP_AVERAGE: n[BT_COVER_AVERAGE]++; break;
    case BT_OP_NORM:
      n[c->u.norm.statistics != NULL ? BT_COVER_NORM_EVALUATION : BT_COVER_NORM_FORWARD]++;
      break;
    case BT_OP_NORM_BACK: n[BT_COVER_NORM_BACK]++; break;
    case BT_OP_STATISTICS: n[BT_COVER_NORM_STATISTICS]++; break;
    default: break;
  }
}

/* Whether the entry of `length` characters is the bin's name, or all of it before its dot. */
static bool names(const char *entry, size_t length, bt_cover bin) {
  const char *name = bins[bin].name;
  return strncmp(entry, name, length) == 0 && (name[length] == '\0' || name[length] == '.');
}

bt_cover bt_cover_missing(const bt_coverage *coverage, const char *promised, bt_cover from) {
  for (unsigned bin = from; bin < BT_COVER_COUNT; bin++) {
    bool wanted = false;
    for (const char *entry = promised; *entry != '\0'; entry += strspn(entry, ",")) {
      size_t length = strcspn(entry, ",");
      wanted = wanted || names(entry, length, (bt_cover)bin) ||
               (length == 3 && strncmp(entry, "all", 3) == 0);
      entry += length;
    }
    if (wanted && coverage->n[bin] == 0) {
      return (bt_cover)bin;
    }
  }
  return BT_COVER_COUNT;
}

bt_status bt_cover_check(const char *promised, bt_error *error) {
  for (const char *entry = promised; *entry != '\0'; entry += strspn(entry, ",")) {
    size_t length = strcspn(entry, ",");
    bool known = length == 3 && strncmp(entry, "all", 3) == 0;
    for (unsigned bin = 0; !known && bin < BT_COVER_COUNT; bin++) {
      known = names(entry, length, (bt_cover)bin);
    }
    if (!known) {
      return bt_fail(error, BT_BAD_INPUT, "'%.*s' is no bin of the coverage table: expected all, "
                     "or names such as contract.groups or quantize", (int)length, entry);
    }
    entry += length;
  }
  return BT_OK;
}
