/* The files of a run's directory: metrics.csv and run.json. */
#ifndef BT_TRAIN_RUN_FILES_H
#define BT_TRAIN_RUN_FILES_H

#include "train/state.h"

#define BT_METRICS_FILE "metrics.csv"
#define BT_RUN_FILE "run.json"

/* A row an epoch: epoch, lr, train_loss, train_error, test_loss, test_error, swalp_loss,
 * swalp_error (percent; empty before swa_start), clipped, seconds. */
bt_status bt_run_write_metrics(const bt_state *state, const char *directory, bt_error *error);

/* What run.json needs beside the state. */
typedef struct {
  const char *engine;
  const char *isa;              /* the engine's instruction set; NULL if it has none to choose */
  unsigned threads;
  const char *machine;          /* as it was asked for: a name for bt_find_file(), or a path */
  const char *started, *ended;  /* UTC, ISO 8601 */
  uint64_t total_steps;         /* of the whole recipe */
  size_t memory_planned, memory_peak; /* bytes; train/memory.h */
} bt_run_facts;

/* run.json: recipe, machine (its name) and machine_file (what it was asked for by), seed, versions,
 * engine with isa and threads, times, memory_planned_bytes and memory_peak_bytes (train/memory.h),
 * test_error_sgd_lp, test_error_swalp, test_error_last (percent; null while there is none),
 * digest. `text`, if not NULL, gets the same text, to be freed. */
bt_status bt_run_write_json(const bt_state *state, const bt_run_facts *facts, const char *directory,
                            char **text, bt_error *error);

/* What another command needs to read a run: the recipe and machine it was made with, and the
 * seed. Texts are cut at their sizes. */
typedef struct {
  char recipe[512], machine[512];
  uint64_t seed;
} bt_run_origin;
bt_status bt_run_read_origin(const char *directory, bt_run_origin *origin, bt_error *error);

#endif
