#include "cli/platform_times.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#ifdef BITTRUE_HAVE_TLM
#include "tlm_engine.h"

static bool is(const bt_engine *engine, const char *name) {
  return strcmp(engine->name, name) == 0;
}

static double percent(uint64_t tlm, uint64_t rtl) {
  return rtl == 0 ? 0 : 100 * ((double)tlm - (double)rtl) / (double)rtl;
}

static void print_pair(uint64_t tlm, uint64_t rtl) {
  printf(" %12" PRIu64 " %12" PRIu64 " %+10" PRId64 "  %+.2f %%\n", tlm, rtl,
         (int64_t)tlm - (int64_t)rtl, percent(tlm, rtl));
}

void bt_platform_times_add(bt_platform_times *t, const bt_engine *first, const bt_engine *second,
                        const bt_command *c, bool whole, bool verbose) {
  const bt_engine *tlm = is(first, "tlm") ? first : is(second, "tlm") ? second : NULL;
  if (tlm == NULL) {
    return;
  }
  bt_tlm_stats took = bt_tlm_last(tlm);
  bt_platform_time *of = &t->of[c->op];
  t->tlm = true;
  t->rtl = whole && is(second, "rtl");
  uint64_t rtl = t->rtl ? bt_machine_last(second).cycles : 0;
  of->commands++;
  of->tlm += took.cycles;
  of->rtl += rtl;
  t->row_hits += took.row_hits;
  t->row_misses += took.row_misses;
  if (verbose && t->rtl) {
    printf("    %-32s", "tlm, rtl, difference");
    print_pair(took.cycles, rtl);
  } else if (verbose) {
    printf("    %-32s %12" PRIu64 " cycles", "tlm", took.cycles);
    printf(took.row_hits + took.row_misses == 0 ? "\n" : ", rows %" PRIu64 " hit %" PRIu64
                                                         " missed\n",
           took.row_hits, took.row_misses);
  }
}

void bt_platform_times_print(const bt_platform_times *t) {
  bt_platform_time all = {0};
  if (!t->tlm) {
    return;
  }
  printf("  simulated cycles   %8s %12s%s\n", "commands", "tlm",
         t->rtl ? "          rtl difference" : "");
  for (unsigned op = 0; op <= BT_OP_STATISTICS + 1; op++) {
    const bt_platform_time *of = op <= BT_OP_STATISTICS ? &t->of[op] : &all;
    if (of->commands == 0) {
      continue;
    }
    printf("    %-16s %8" PRIu64, op <= BT_OP_STATISTICS ? bt_op_name((bt_op)op) : "all",
           of->commands);
    if (t->rtl) {
      print_pair(of->tlm, of->rtl);
    } else {
      printf(" %12" PRIu64 "\n", of->tlm);
    }
    all.commands += of->commands;
    all.tlm += of->tlm;
    all.rtl += of->rtl;
  }
  if (t->row_hits + t->row_misses > 0) {
    printf("  DRAM rows       %" PRIu64 " hit, %" PRIu64 " missed\n", t->row_hits, t->row_misses);
  }
}
#else
void bt_platform_times_add(bt_platform_times *t, const bt_engine *first, const bt_engine *second,
                        const bt_command *c, bool whole, bool verbose) {
  (void)t, (void)first, (void)second, (void)c, (void)whole, (void)verbose;
}

void bt_platform_times_print(const bt_platform_times *t) { (void)t; }
#endif

uint64_t bt_platform_times_tlm(const bt_platform_times *t) {
  uint64_t sum = 0;
  for (unsigned op = 0; op <= BT_OP_STATISTICS; op++) {
    sum += t->of[op].tlm;
  }
  return sum;
}
