#include "train/pipeline.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#include "num/error.h"

#define SLOTS 2u

/* A batch made ahead. */
typedef struct {
  uint8_t *pixels, *labels;
  bt_status status;
  bt_error error;
} slot;

struct bt_pipeline {
  bt_batch_source source;
  slot slot[SLOTS];
  uint64_t epoch, step; /* of the batch to be made; the thread's alone */
  pthread_t thread;
  pthread_mutex_t lock;
  pthread_cond_t changed;
  uint64_t made, taken; /* batches; number i is in slot i % SLOTS. Under the lock, as is quit. */
  bool quit;
};

/* Waits for a free slot: false at the end. */
static bool wait_for_room(bt_pipeline *p) {
  pthread_mutex_lock(&p->lock);
  while (!p->quit && p->made - p->taken == SLOTS) {
    pthread_cond_wait(&p->changed, &p->lock);
  }
  bool room = !p->quit;
  pthread_mutex_unlock(&p->lock);
  return room;
}

static void count_one(bt_pipeline *p, uint64_t *number) {
  pthread_mutex_lock(&p->lock);
  (*number)++;
  pthread_cond_signal(&p->changed);
  pthread_mutex_unlock(&p->lock);
}

/* Ends after the first error: the slot that holds it is never given back. */
static void *make_batches(void *argument) {
  bt_pipeline *p = argument;
  for (bt_status s = BT_OK; s == BT_OK && wait_for_room(p);) {
    slot *to = &p->slot[p->made % SLOTS]; /* only this thread changes `made` */
    s = to->status = p->source.fill(p->source.context, p->epoch, p->step, to->pixels, to->labels,
                                    &to->error);
    p->step++;
    if (p->step == p->source.steps) {
      p->step = 0;
      p->epoch++;
    }
    count_one(p, &p->made);
  }
  return NULL;
}

static void free_slots(bt_pipeline *p) {
  for (size_t i = 0; i < SLOTS; i++) {
    free(p->slot[i].pixels);
    free(p->slot[i].labels);
  }
}

static bool make_slots(bt_pipeline *p) {
  bool good = true;
  for (size_t i = 0; i < SLOTS; i++) {
    p->slot[i].pixels = malloc(p->source.pixels + 1);
    p->slot[i].labels = malloc(p->source.labels + 1);
    good = good && p->slot[i].pixels != NULL && p->slot[i].labels != NULL;
  }
  return good;
}

bt_status bt_pipeline_open(const bt_batch_source *source, uint64_t epoch, uint64_t step,
                           bt_pipeline **pipeline, bt_error *error) {
  *pipeline = NULL;
  bt_pipeline *p = calloc(1, sizeof *p);
  if (p == NULL) {
    return bt_fail(error, BT_FAILED, "out of memory for the data pipeline");
  }
  p->source = *source;
  p->epoch = epoch + step / source->steps;
  p->step = step % source->steps;
  pthread_mutex_init(&p->lock, NULL);
  pthread_cond_init(&p->changed, NULL);
  bool room = make_slots(p);
  if (!room || pthread_create(&p->thread, NULL, make_batches, p) != 0) {
    pthread_cond_destroy(&p->changed);
    pthread_mutex_destroy(&p->lock);
    free_slots(p);
    free(p);
    return bt_fail(error, BT_FAILED, "out of %s for the data pipeline",
                   room ? "threads" : "memory");
  }
  *pipeline = p;
  return BT_OK;
}

bt_status bt_pipeline_next(bt_pipeline *p, uint8_t *pixels, size_t pixels_size, uint8_t *labels,
                           size_t labels_size, bt_error *error) {
  pthread_mutex_lock(&p->lock);
  while (p->made == p->taken) {
    pthread_cond_wait(&p->changed, &p->lock);
  }
  pthread_mutex_unlock(&p->lock);
  const slot *from = &p->slot[p->taken % SLOTS]; /* only this function changes `taken` */
  if (from->status != BT_OK) {
    return bt_fail(error, from->status, "%s", from->error.text);
  }
  memcpy(pixels, from->pixels, pixels_size);
  memcpy(labels, from->labels, labels_size);
  count_one(p, &p->taken);
  return BT_OK;
}

void bt_pipeline_close(bt_pipeline *p) {
  if (p == NULL) {
    return;
  }
  pthread_mutex_lock(&p->lock);
  p->quit = true;
  pthread_cond_signal(&p->changed);
  pthread_mutex_unlock(&p->lock);
  pthread_join(p->thread, NULL);
  pthread_cond_destroy(&p->changed);
  pthread_mutex_destroy(&p->lock);
  free_slots(p);
  free(p);
}

size_t bt_pipeline_bytes(const bt_pipeline *p) {
  return sizeof *p + SLOTS * (p->source.pixels + p->source.labels + 2);
}
