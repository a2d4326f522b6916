#include "oracle_bytes.h"

bool oracle_passes(const bt_tensor *t) { return t->kind == BT_T_WIDE; }

uint64_t oracle_elements_bytes(const bt_tensor *t, bool fp32) {
  uint64_t n = bt_tensor_elements(t);
  switch (t->kind) {
    case BT_T_BFP8:
    case BT_T_BFP16: /* packed */
      return fp32 ? 4 * n : (n * (uint64_t)t->fmt.wl + 7) / 8;
    case BT_T_SUMS:
      return fp32 ? 4 * n : 8 * n;
    case BT_T_BYTE:
      return t->role == BT_ROLE_MASK ? (n + 7) / 8 : n;
    case BT_T_WIDE:
    default:
      return 4 * n;
  }
}

uint64_t oracle_exponent_bytes(const bt_tensor *t, bool fp32) {
  if (fp32 || t->kind == BT_T_BYTE || t->kind == BT_T_WIDE) {
    return 0;
  }
  return t->kind == BT_T_SUMS ? 2 : bt_tensor_exponents(t);
}

static uint64_t *count(const oracle_mover *to, bt_count_kind kind) {
  return &to->cost->phase[to->phase].n[kind];
}

void oracle_dram_read(oracle_mover *to, unsigned kind, uint64_t bytes) {
  to->cost->dram[to->phase][kind].read += bytes;
  *count(to, BT_COUNT_DRAM_READ) += bytes;
}

void oracle_dram_write(oracle_mover *to, unsigned kind, uint64_t bytes) {
  to->cost->dram[to->phase][kind].written += bytes;
  *count(to, BT_COUNT_DRAM_WRITE) += bytes;
}

/* To a unit, through the input buffer. */
static void take(oracle_mover *to, unsigned kind, uint64_t bytes) {
  oracle_dram_read(to, kind, bytes);
  to->loaded += bytes;
  *count(to, BT_COUNT_INPUT_WRITE) += bytes;
  *count(to, BT_COUNT_INPUT_READ) += bytes;
}

static void give(oracle_mover *to, unsigned kind, uint64_t bytes) {
  oracle_dram_write(to, kind, bytes);
  to->stored += bytes;
  *count(to, BT_COUNT_OUTPUT_WRITE) += bytes;
  *count(to, BT_COUNT_OUTPUT_READ) += bytes;
}

static bool named_before(const bt_command *c, size_t i) {
  for (size_t j = 0; j < i; j++) {
    if (c->in[j] == c->in[i]) {
      return true;
    }
  }
  return false;
}

static bool looks_for_exponent(const bt_command *c) {
  return c->op == BT_OP_QUANTIZE && c->out[0]->fmt.kind == BT_BFP;
}

/* Exponents of a contraction's operands lie beside them; what reads them is not counted. */
static void array_operand(oracle_mover *to, const bt_command *c, size_t i) {
  uint64_t bytes = oracle_exponent_bytes(c->in[i], to->fp32);
  oracle_dram_read(to, BT_TRAFFIC_EXPONENT, bytes);
  to->loaded += bytes;
  *count(to, i == 1 ? BT_COUNT_WEIGHT_WRITE : BT_COUNT_INPUT_WRITE) += bytes;
}

/* Read twice by the quantizer: `reads` times from DRAM, from the input buffer otherwise. */
static void narrow_operand(oracle_mover *to, const bt_command *c, size_t i, unsigned reads) {
  const bt_tensor *t = c->in[i];
  uint64_t bytes = oracle_elements_bytes(t, to->fp32), shared = oracle_exponent_bytes(t, to->fp32);
  for (unsigned r = 0; r < reads; r++) {
    take(to, t->role, bytes);
    take(to, BT_TRAFFIC_EXPONENT, shared);
  }
  if (looks_for_exponent(c) && reads == 1) {
    *count(to, BT_COUNT_INPUT_READ) += bytes + shared;
  }
}

static void operand(oracle_mover *to, const bt_command *c, size_t i, unsigned reads) {
  if (c->op == BT_OP_CONTRACT) {
    array_operand(to, c, i);
  } else if (oracle_passes(c->in[i])) {
    *count(to, BT_COUNT_OUTPUT_READ) +=
        oracle_elements_bytes(c->in[i], to->fp32) * (looks_for_exponent(c) ? 2 : 1);
  } else {
    narrow_operand(to, c, i, reads);
  }
}

static void result(oracle_mover *to, const bt_command *c, size_t i, bool again) {
  const bt_tensor *t = c->out[i];
  bool way_back = t->kind == BT_T_BYTE && (t->role == BT_ROLE_MASK || t->role == BT_ROLE_INDEX);
  bool no_way_back = to->phase == BT_PHASE_EVALUATION || to->phase == BT_PHASE_STATISTICS;
  if (oracle_passes(t)) {
    if (c->op != BT_OP_CONTRACT) {
      *count(to, BT_COUNT_OUTPUT_WRITE) += oracle_elements_bytes(t, to->fp32);
    }
  } else if (!again && !(way_back && no_way_back)) {
    give(to, t->role, oracle_elements_bytes(t, to->fp32));
    give(to, BT_TRAFFIC_EXPONENT, oracle_exponent_bytes(t, to->fp32));
  }
}

/* What commands keep beside tensors: sums of averages, statistics. */
static void kept(oracle_mover *to, const bt_command *c) {
  if (c->op == BT_OP_AVERAGE) {
    uint64_t sums = bt_tensor_elements(c->in[0]) * (to->fp32 ? 4 : 8);
    uint64_t least = to->fp32 ? 0 : 2 * bt_tensor_exponents(c->in[0]);
    take(to, BT_ROLE_AVERAGE, sums);
    take(to, BT_TRAFFIC_EXPONENT, least);
    give(to, BT_ROLE_AVERAGE, sums);
    give(to, BT_TRAFFIC_EXPONENT, least);
  }
  const bt_statistics *s = c->op == BT_OP_NORM         ? c->u.norm.statistics
                           : c->op == BT_OP_STATISTICS ? c->u.statistics.statistics
                                                       : NULL;
  if (s != NULL) {
    take(to, BT_ROLE_OTHER, 32 * s->channels + 12);
    if (c->op == BT_OP_STATISTICS) {
      give(to, BT_ROLE_OTHER, 32 * s->channels + 12);
    }
  }
}

/* In fp32 a quantization is none: wide values go to DRAM as they came to the output buffer, narrow
 * ones stay where they are. */
static void pass_on(oracle_mover *to, const bt_command *c) {
  uint64_t bytes = oracle_elements_bytes(c->out[0], true);
  if (oracle_passes(c->in[0])) {
    oracle_dram_write(to, c->out[0]->role, bytes);
    to->stored += bytes;
    *count(to, BT_COUNT_OUTPUT_READ) += bytes;
  }
}

void oracle_move(oracle_mover *to, const bt_command *c, unsigned reads, bool again) {
  if (to->fp32 && c->op == BT_OP_QUANTIZE) {
    pass_on(to, c);
    return;
  }
  for (size_t i = 0; i < BT_MAX_INPUTS; i++) {
    if (c->in[i] != NULL && !named_before(c, i)) {
      operand(to, c, i, reads);
    }
  }
  for (size_t i = 0; i < BT_MAX_OUTPUTS; i++) {
    if (c->out[i] != NULL) {
      result(to, c, i, again);
    }
  }
  kept(to, c);
}
