/* Writing action counts. */
#include <inttypes.h>
#include <string.h>

#include "cost/accelergy.h"
#include "io/file.h"

static void write_action(FILE *out, const char *name, uint64_t count) {
  fprintf(out, "            - name: %s\n              counts: %" PRIu64 "\n", name, count);
}

static void write_component(FILE *out, const char *name) {
  fprintf(out, "        - name: %s\n          action_counts:\n", name);
}

/* Accesses of `size` bytes that move all of read and written; none: no component. */
static void write_memory(FILE *out, const char *name, unsigned __int128 read,
                         unsigned __int128 written, uint64_t size) {
  if (read + written == 0) {
    return;
  }
  write_component(out, name);
  write_action(out, "read", (uint64_t)((read + size - 1) / size));
  write_action(out, "write", (uint64_t)((written + size - 1) / size));
}

/* The name of a count that is no memory's, or NULL. */
static const char *operation(int kind, const bt_machine *machine, char text[32]) {
  bt_family family;
  unsigned a, b;
  const char *name = bt_energy_action_name((bt_count_kind)kind, machine, text);
  return name != NULL && bt_energy_is_action(name, &family, &a, &b) ? name : NULL;
}

/* Counts of one action together: adders of equal width are one. */
static void write_operations(FILE *out, const bt_cost_counts *n, const bt_machine *machine) {
  bool done[BT_COUNT_KINDS] = {false};
  for (int k = 0; k < BT_COUNT_KINDS; k++) {
    char text[32], other[32];
    const char *name = operation(k, machine, text);
    unsigned __int128 sum = 0;
    for (int j = k; name != NULL && !done[k] && j < BT_COUNT_KINDS; j++) {
      const char *same = operation(j, machine, other);
      if (same != NULL && strcmp(name, same) == 0) {
        sum += n->n[j];
        done[j] = j > k;
      }
    }
    if (sum > 0) {
      write_component(out, name);
      write_action(out, "compute", sum > UINT64_MAX ? UINT64_MAX : (uint64_t)sum);
    }
  }
}

bt_status bt_accelergy_counts_write(const char *path, const bt_cost *cost,
                                    const bt_machine *machine, bt_error *error) {
  bt_cost_counts total;
  bt_file f = {0};
  bt_status s = bt_cost_total(cost, &total, error);
  s = s == BT_OK ? bt_file_create(&f, path, error) : s;
  if (s != BT_OK) {
    return s;
  }
  const uint64_t *n = total.n;
  uint64_t word = machine->sram_word_bytes, access = BT_ACCELERGY_DRAM_BITS / 8;
  fputs("# bittrue cost, model: machine\n"
        "action_counts:\n  version: 0.2\n  subtree:\n    - name: bittrue\n      local:\n",
        f.stream);
  write_operations(f.stream, &total, machine);
  write_memory(f.stream, "input_buffer", n[BT_COUNT_INPUT_READ], n[BT_COUNT_INPUT_WRITE], word);
  write_memory(f.stream, "weight_buffer", n[BT_COUNT_WEIGHT_READ], n[BT_COUNT_WEIGHT_WRITE], word);
  write_memory(f.stream, "output_buffer", n[BT_COUNT_OUTPUT_READ], n[BT_COUNT_OUTPUT_WRITE], word);
  write_memory(f.stream, "dram",
               (unsigned __int128)n[BT_COUNT_DRAM_READ] + n[BT_COUNT_SPILL_READ],
               (unsigned __int128)n[BT_COUNT_DRAM_WRITE] + n[BT_COUNT_SPILL_WRITE], access);
  s = bt_file_commit(&f, error);
  bt_file_abandon(&f);
  return s;
}
