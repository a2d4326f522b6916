/* The training loop: SWALP on any engine. */
#ifndef BT_TRAIN_TRAIN_H
#define BT_TRAIN_TRAIN_H

#include <signal.h>

#include "data/dataset.h"
#include "engine/run.h"
#include "train/memory.h"
#include "train/pipeline.h"
#include "train/state.h"

/* Where a run stands, for a display. */
typedef struct {
  const bt_state *state;
  uint64_t steps_in_epoch;
  bool epoch_done;          /* the last row of the state is new */
  uint64_t milliseconds;    /* since this invocation began */
  uint64_t images;          /* trained in this invocation */
} bt_progress;

typedef struct {
  bt_engine *engine;
  const bt_dataset *data;
  const bt_observer *observer;     /* of every command run; may be NULL */
  size_t epochs, steps;            /* stop after so many of the run in all; 0: the recipe's end */
  const char *directory;           /* for checkpoints and captures; NULL for none */
  size_t checkpoint_every;         /* steps; 0: only at the end of each epoch and at a stop */
  bool capture;                    /* keep the state before the first, a middle, the last step */
  volatile sig_atomic_t *stop;     /* when it becomes nonzero: checkpoint and return, from within an
                                    * evaluation too, which a resumed run repeats; may be NULL */
  void (*progress)(void *context, const bt_progress *p); /* after each step; may be NULL */
  void *context;
  bt_memory *memory;               /* set to what the run planned; may be NULL */
} bt_train_options;

/* Trains from where the state stands to the end or a limit. */
bt_status bt_train(bt_state *state, const bt_train_options *options, bt_error *error);

/* What is evaluated, and by whom. */
typedef struct {
  const bt_recipe *recipe;
  const bt_images *train;      /* which batch norm's statistics are made from, */
  uint64_t epoch;              /* augmented as in this epoch: bt_state_trained_epoch() */
  const bt_images *images;     /* to be evaluated */
  bt_engine *engine;
  const bt_observer *observer; /* may be NULL */
  bt_memory *memory;           /* raised to what the evaluation held; may be NULL */
  volatile sig_atomic_t *stop; /* when it becomes nonzero: return soon; may be NULL */
} bt_evaluation;

/* Adds the errors of `weights` (the model's own or an average) over the images to *loss, in
 * batches of the recipe's size (numerics 17); of a net with batch norm after a pass over the
 * training images, augmented, for the weights' own statistics (numerics 19.1).
 * Stopped before the end, it leaves *loss as it was. */
bt_status bt_evaluate(const bt_evaluation *e, bt_tensor *const *weights, bt_loss *loss,
                      bt_error *error);

/* BT_BAD_INPUT unless the data has the shape and classes of the recipe's net. */
bt_status bt_train_check_data(const bt_recipe *recipe, const bt_dataset *data, bt_error *error);

/* The numbers of a recipe that programs contain, at a learning rate. */
bt_lowering bt_recipe_lowering(const bt_recipe *recipe, bt_rational rate);

/* Places samples first, first + 1, ... as they are into a step's input; as an epoch sees them. */
void bt_batch_place(const bt_images *images, size_t first, bt_step *step);
void bt_batch_augment(const bt_recipe *recipe, uint64_t epoch, const bt_images *images,
                      size_t first, bt_step *step);

/* The training batches of a recipe: the images in each epoch's order (numerics 5.3), augmented
 * (5.6). */
typedef struct {
  const bt_images *images;
  const bt_recipe *recipe;
  uint32_t *order;
  uint64_t ordered; /* the epoch of `order`; 0 for none */
} bt_shuffled;
bt_status bt_shuffled_open(bt_shuffled *s, const bt_images *images, const bt_recipe *recipe,
                           bt_error *error);
void bt_shuffled_close(bt_shuffled *s);
bt_batch_source bt_shuffled_source(bt_shuffled *s); /* s must outlive it */

/* Steps in an epoch, the short one included; samples in step `step` of it. */
size_t bt_epoch_steps(const bt_recipe *recipe, const bt_dataset *data);
size_t bt_step_samples(const bt_recipe *recipe, const bt_dataset *data, size_t step);

/* Checkpoint names in a run's directory. */
#define BT_CHECKPOINT_FILE "checkpoint.bt"
#define BT_CHECKPOINT_PREVIOUS "checkpoint-previous.bt"
#define BT_CHECKPOINT_DAMAGED "checkpoint-damaged.bt"

/* Loads a directory's checkpoint into a state that was started with the run's recipe and machine.
 * Where that file is missing, damaged or another run's, but the previous one is good, the previous
 * one is loaded and takes its place, and refused->text says what was wrong (empty otherwise).
 * BT_BAD_INPUT, about the first file, where neither is good. */
bt_status bt_state_resume(bt_state *state, const char *directory, bt_error *refused,
                          bt_error *error);

/* The global steps that a whole run of `total` steps captures: the first, the middle, the last. */
void bt_capture_steps(uint64_t total, uint64_t steps[3]);
/* "DIRECTORY/capture-STEP.bt" */
void bt_capture_path(const char *directory, uint64_t step, char *path, size_t size);

#endif
