/* What executes commands. All engines give the same bits (numerics); an engine may cover
 * only some commands (the RTL's array and quantizer). */
#ifndef BT_ENGINE_H
#define BT_ENGINE_H

#include "cmd/program.h"
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
  /* NULL in engines that have none. Executes one or more commands of the program from number
   * `first` on, at most BT_PROGRAM_WINDOW, sets *done to how many, and leaves what run() of each in
   * turn would, but that tensors which only these commands use (bt_program_private) may stay
   * unwritten. Among the commands of one call none reads, nor writes again, a kept tensor that
   * another wrote before it. */
  bt_status (*run_from)(bt_engine *engine, const bt_program *program, size_t first, size_t *done,
                        bt_lfsr *rng, bt_counts *counts, bt_error *error);
  /* NULL in engines that hold none. Bytes of work areas that the engine holds now. */
  size_t (*memory)(const bt_engine *engine);
};

#ifdef __cplusplus
}
#endif
#endif
