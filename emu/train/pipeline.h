/* Batches made ahead: a thread of its own fills the next batch while the present one is trained
 * on. What a batch holds depends on its epoch and step alone. */
#ifndef BT_TRAIN_PIPELINE_H
#define BT_TRAIN_PIPELINE_H

#include "bittrue.h"

/* What makes batches. fill() is called by one thread at a time, in the order of steps, and may
 * allocate only when the epoch changes. */
typedef struct {
  /* Writes the pixels and labels of step `step` (0..steps-1) of an epoch. */
  bt_status (*fill)(void *context, uint64_t epoch, uint64_t step, uint8_t *pixels, uint8_t *labels,
                    bt_error *error);
  void *context;
  uint64_t steps;             /* in every epoch */
  size_t pixels, labels;      /* bytes of the largest batch */
} bt_batch_source;

typedef struct bt_pipeline bt_pipeline;

/* Starts with this epoch (from 1) and step (0..steps; steps for the next epoch's first); after an
 * epoch's last step the next epoch's follow, without an end. source->context must outlive the
 * pipeline. BT_FAILED when out of memory or threads. */
bt_status bt_pipeline_open(const bt_batch_source *source, uint64_t epoch, uint64_t step,
                           bt_pipeline **pipeline, bt_error *error);

/* Waits for the next batch and copies it. An error of fill() comes in its batch's place and in
 * that of all later ones. */
bt_status bt_pipeline_next(bt_pipeline *p, uint8_t *pixels, size_t pixels_size, uint8_t *labels,
                           size_t labels_size, bt_error *error);

/* Waits for the thread to end, at most for one batch; NULL is allowed. */
void bt_pipeline_close(bt_pipeline *p);

/* Bytes it holds. */
size_t bt_pipeline_bytes(const bt_pipeline *p);

#endif
