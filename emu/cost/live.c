#include "cost/live.h"

#include <inttypes.h>
#include <stdlib.h>

#include "cost/stored.h"
#include "io/csv.h"
#include "io/file.h"
#include "num/error.h"

#define FP32_BYTES 4u
#define SUM_BYTES 8u
#define SUM_EXPONENT_BYTES 2u /* of a vector of sums; of a block of an average, too */

/* Adds or takes away a tensor's bytes. */
static void put(uint64_t *n, uint64_t bytes, bool add) { *n = add ? *n + bytes : *n - bytes; }

static void put_tensor(bt_live *l, const bt_tensor *t, bool add) {
  uint64_t n = bt_tensor_elements(t), exponents = 0;
  uint64_t bytes = (uint64_t)bt_stored_bytes(n, bt_stored_bits(t, false));
  uint64_t fp32 = n * FP32_BYTES;
  if (t->role == BT_ROLE_WIDE) {
    put(&l->kind[BT_ROLE_WIDE], bytes, add);
    return;
  }
  switch (t->kind) {
    case BT_T_BYTE:
      bytes = fp32 = t->role == BT_ROLE_MASK ? (n + 7) / 8 : n;
      break;
    case BT_T_WIDE:
      break;
    case BT_T_SUMS:
      exponents = SUM_EXPONENT_BYTES;
      break;
    case BT_T_BFP8:
    case BT_T_BFP16:
    default:
      exponents = bt_tensor_exponents(t);
  }
  put(&l->kind[t->role], bytes, add);
  put(&l->kind[BT_TRAFFIC_EXPONENT], exponents, add);
  put(&l->total, bytes + exponents, add);
  put(&l->fp32, fp32, add);
}

/* The tensors that a command names, each once. */
#define NAMED (BT_MAX_INPUTS + BT_MAX_OUTPUTS)
static size_t named(const bt_command *c, const bt_tensor *list[NAMED]) {
  size_t count = 0;
  for (size_t k = 0; k < NAMED; k++) {
    const bt_tensor *t = k < BT_MAX_INPUTS ? c->in[k] : c->out[k - BT_MAX_INPUTS];
    size_t i = 0;
    while (i < count && list[i] != t) {
      i++;
    }
    if (t != NULL && i == count) {
      list[count++] = t;
    }
  }
  return count;
}

static int by_address(const void *a, const void *b) {
  uintptr_t x = (uintptr_t)*(const void *const *)a, y = (uintptr_t)*(const void *const *)b;
  return x < y ? -1 : x > y ? 1 : 0;
}

/* Adds each tensor that is no temporary: it is there before the step and after it. */
static bool put_lasting(const bt_program *p, bt_live *l) {
  const bt_tensor **lasting = malloc(bt_program_size(p) * NAMED * sizeof *lasting);
  size_t count = 0;
  for (size_t i = 0; lasting != NULL && i < bt_program_size(p); i++) {
    const bt_tensor *list[NAMED];
    size_t first, last, n = named(bt_program_at(p, i), list);
    for (size_t k = 0; k < n; k++) {
      if (!bt_program_lifetime(p, list[k], &first, &last)) {
        lasting[count++] = list[k];
      }
    }
  }
  if (lasting == NULL) {
    return false;
  }
  qsort(lasting, count, sizeof *lasting, by_address);
  for (size_t i = 0; i < count; i++) {
    if (i == 0 || lasting[i] != lasting[i - 1]) {
      put_tensor(l, lasting[i], true);
    }
  }
  free(lasting);
  return true;
}

static void find_peaks(bt_footprint *f) {
  for (size_t i = 1; i < f->commands; i++) {
    const bt_live *l = &f->at[i];
    f->peak = l->total > f->at[f->peak].total ? i : f->peak;
    f->peak_fp32 = l->fp32 > f->at[f->peak_fp32].fp32 ? i : f->peak_fp32;
    f->peak_wide =
        l->kind[BT_ROLE_WIDE] > f->at[f->peak_wide].kind[BT_ROLE_WIDE] ? i : f->peak_wide;
  }
}

bt_status bt_footprint_new(const bt_program *p, bt_footprint *f, bt_error *error) {
  bt_live now = {.total = 0};
  *f = (bt_footprint){.program = p, .commands = bt_program_size(p)};
  f->at = calloc(f->commands, sizeof *f->at);
  if (f->at == NULL || !put_lasting(p, &now)) {
    return bt_fail(error, BT_FAILED, "out of memory for a footprint of %zu commands", f->commands);
  }
  for (size_t i = 0; i < f->commands; i++) {
    const bt_tensor *list[NAMED];
    size_t first, last, n = named(bt_program_at(p, i), list);
    for (size_t k = 0; k < n; k++) {
      if (bt_program_lifetime(p, list[k], &first, &last) && first == i) {
        put_tensor(&now, list[k], true);
      }
    }
    f->at[i] = now;
    for (size_t k = 0; k < n; k++) {
      if (bt_program_lifetime(p, list[k], &first, &last) && last == i) {
        put_tensor(&now, list[k], false);
      }
    }
  }
  find_peaks(f);
  return BT_OK;
}

void bt_footprint_free(bt_footprint *f) {
  free(f->at);
  f->at = NULL;
}

uint64_t bt_live_averages(const bt_program *p) {
  uint64_t bytes = 0;
  for (size_t i = 0; i < bt_program_size(p); i++) {
    const bt_command *c = bt_program_at(p, i);
    if (c->op == BT_OP_AVERAGE) {
      bytes += SUM_BYTES * bt_tensor_elements(c->in[0]) +
               SUM_EXPONENT_BYTES * bt_tensor_exponents(c->in[0]);
    }
  }
  return bytes;
}

void bt_footprint_csv(FILE *out, const bt_footprint *f) {
  fputs("command,phase,label", out);
  for (unsigned k = 0; k < BT_TRAFFIC_KINDS; k++) {
    fprintf(out, ",%s", bt_traffic_name(k));
  }
  fputs(",total,fp32,model\n", out);
  for (size_t i = 0; i < f->commands; i++) {
    const bt_command *c = bt_program_at(f->program, i);
    fprintf(out, "%zu,%s,", i, bt_phase_name(c->label.phase));
    bt_csv_text(out, c->label.text);
    for (unsigned k = 0; k < BT_TRAFFIC_KINDS; k++) {
      fprintf(out, ",%" PRIu64, f->at[i].kind[k]);
    }
    fprintf(out, ",%" PRIu64 ",%" PRIu64 ",machine\n", f->at[i].total, f->at[i].fp32);
  }
}

bt_status bt_footprint_write(const char *path, const bt_footprint *f, bt_error *error) {
  bt_file file;
  bt_status s = bt_file_create(&file, path, error);
  if (s != BT_OK) {
    return s;
  }
  bt_footprint_csv(file.stream, f);
  s = bt_file_commit(&file, error);
  bt_file_abandon(&file);
  return s;
}
