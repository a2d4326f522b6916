/* What executes commands. All engines give the same bits (numerics); an engine may cover
 * only some commands (the RTL's array and quantizer). */
#ifndef BT_ENGINE_H
#define BT_ENGINE_H

#include "cmd/command.h"
#include "machine/machine.h"

#ifdef __cplusplus
extern "C" {
#endif

/* What a command did, summed over commands. */
typedef struct {
  uint64_t saturations;       /* accumulator additions that saturated or wrapped */
  uint64_t dropped;           /* products of groups below gref (numerics 8.2) */
  bt_quantize_counts quantize;
} bt_counts;

typedef struct bt_engine bt_engine;
struct bt_engine {
  const char *name;
  /* Whether run() can execute this (checked) command. */
  bool (*covers)(const bt_engine *engine, const bt_command *c);
  /* Executes it: writes the outputs, advances rng as numerics 4.3 says, adds to counts. */
  bt_status (*run)(bt_engine *engine, const bt_command *c, bt_lfsr *rng, bt_counts *counts,
                   bt_error *error);
  void (*destroy)(bt_engine *engine);
};

#ifdef __cplusplus
}
#endif
#endif
