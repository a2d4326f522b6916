/* Lockstep: two engines on the same commands, compared after each one.
 *
 * The first engine's results stand: the run goes on as if it were alone. The second one works
 * on tensors of its own for outputs, and on the same inputs. */
#ifndef BT_ENGINE_LOCKSTEP_H
#define BT_ENGINE_LOCKSTEP_H

#include "engine/engine.h"

/* The first difference that was found. */
typedef struct {
  bool found;
  bool is_element;        /* a mantissa or byte of out[output]: */
  size_t output, element; /* its number there */
  char text[2048];        /* the report, several lines */
} bt_difference;

/* What was compared. */
typedef struct {
  uint64_t commands, commands_covered; /* run in all; run by both */
  uint64_t elements;                   /* of outputs that both computed */
  uint64_t tiles;                      /* of contractions, with a machine given */
} bt_lockstep_counts;

/* How the first engine ran a command: the generator around it, and what it counted. */
typedef struct {
  const bt_lfsr *before, *after;
  bt_counts counts;
} bt_ran;

typedef struct {
  bt_engine *first, *second;
  /* Where given, a contraction's output is compared tile by tile of this machine's array, in the
   * order of its visits: a report names the first tile that differs. */
  const bt_machine *machine;
  /* Only commands of these ops run on both: bit number op; 0 for all. */
  uint32_t ops;
  /* Which output elements of the last command the second engine computed; NULL for all. */
  bool (*covered)(const bt_engine *second, size_t element);
  /* Called after each command that both ran and agreed on; may be NULL. A BT_MISMATCH from it
   * stops the run: it wrote difference->text. */
  bt_status (*agreed)(void *agreed_context, const bt_command *c, const bt_ran *ran,
                      bt_difference *difference);
  void *agreed_context;
  /* Called when they differ, before the report is complete, with the command as the second engine
   * saw it and the generator before it; may return the path of a replay file, or NULL. */
  const char *(*keep)(void *context, const bt_command *c, const bt_lfsr *before);
  void *context;
  const char *replay_options; /* what `bittrue replay` takes besides to run it so; NULL for none */
  bt_lockstep_counts counts;
  bt_difference difference;
} bt_lockstep;

/* Runs one command on both. BT_MISMATCH when they differ: difference says where. */
bt_status bt_lockstep_command(bt_lockstep *l, const bt_command *c, bt_lfsr *rng, bt_error *error);

/* Runs a program; stops at the first difference. */
bt_status bt_lockstep_run(bt_lockstep *l, const bt_program *p, bt_lfsr *rng, bt_error *error);

#endif
