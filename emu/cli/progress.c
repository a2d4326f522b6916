#include "cli/progress.h"

#include <inttypes.h>
#include <stdlib.h>
#include <unistd.h>

struct bt_display {
  const bt_recipe *recipe;
  bool terminal;
  uint64_t shown; /* milliseconds at which the live line was last drawn */
};

bt_display *bt_display_open(const bt_recipe *recipe) {
  bt_display *d = calloc(1, sizeof *d);
  if (d != NULL) {
    d->recipe = recipe;
    d->terminal = isatty(STDERR_FILENO) != 0;
  }
  return d;
}

void bt_display_close(bt_display *d) {
  if (d != NULL && d->terminal) {
    fprintf(stderr, "\r\033[K");
  }
  free(d);
}

static uint64_t images_per_second(const bt_progress *p) {
  return p->milliseconds == 0 ? 0 : p->images * 1000 / p->milliseconds;
}

static void print_time(uint64_t seconds) {
  fprintf(stderr, "%" PRIu64 ":%02" PRIu64 ":%02" PRIu64, seconds / 3600, seconds / 60 % 60,
          seconds % 60);
}

/* Steps still to come, at the pace of this invocation so far. */
static uint64_t seconds_left(const bt_display *d, const bt_progress *p) {
  uint64_t total = p->steps_in_epoch * d->recipe->epochs;
  uint64_t done = (p->images + d->recipe->batch - 1) / d->recipe->batch;
  return done == 0 ? 0 : (total - p->state->steps) * p->milliseconds / done / 1000;
}

static void live_line(const bt_display *d, const bt_progress *p) {
  char loss[24], error[24];
  bt_loss_nats(&p->state->loss, loss);
  bt_loss_percent(&p->state->loss, error);
  fprintf(stderr, "\r\033[Kepoch %" PRIu64 "/%zu  step %" PRIu64 "/%" PRIu64
                  "  %" PRIu64 " images/s  loss %s  train error %s %%  left ",
          p->state->epoch, d->recipe->epochs, p->state->step, p->steps_in_epoch,
          images_per_second(p), loss, error);
  print_time(seconds_left(d, p));
  fflush(stderr);
}

static void epoch_line(const bt_display *d, const bt_progress *p) {
  const bt_epoch_row *row = &p->state->row[p->state->rows - 1];
  char loss[24], train[24], test[24], swa[24];
  bt_loss_nats(&row->train, loss);
  bt_loss_percent(&row->train, train);
  bt_loss_percent(&row->test, test);
  bt_loss_percent(&row->swa, swa);
  fprintf(stderr, "%sepoch %" PRIu64 "/%zu  %" PRIu64 " images/s  loss %s  train error %s %%",
          d->terminal ? "\r\033[K" : "", row->epoch, d->recipe->epochs, images_per_second(p), loss,
          train);
  if (row->test.rows > 0) {
    fprintf(stderr, "  test error %s %%", test);
  }
  if (row->swa.rows > 0) {
    fprintf(stderr, "  SWALP %s %%", swa);
  }
  fprintf(stderr, "  left ");
  print_time(seconds_left(d, p));
  fprintf(stderr, "\n");
}

void bt_display_progress(void *context, const bt_progress *p) {
  bt_display *d = context;
  if (d == NULL) {
    return;
  }
  if (p->epoch_done) {
    epoch_line(d, p);
  } else if (d->terminal && p->milliseconds - d->shown >= 200) {
    d->shown = p->milliseconds;
    live_line(d, p);
  }
}

static void print_mebibytes(const char *before, size_t bytes) {
  size_t tenths = (bytes / 1024 * 10 + 512) / 1024;
  fprintf(stderr, "%s%zu.%zu", before, tenths / 10, tenths % 10);
}

void bt_display_memory(const bt_display *d, const bt_memory *m) {
  print_mebibytes(d != NULL && d->terminal ? "\r\033[Kmemory planned " : "memory planned ",
                  bt_memory_planned(m));
  print_mebibytes(" MiB (data set ", m->data);
  print_mebibytes(", model ", m->model);
  print_mebibytes(", programs ", m->programs);
  print_mebibytes(", engine ", m->engine);
  print_mebibytes(", pipeline ", m->pipeline);
  print_mebibytes("), peak ", bt_memory_peak());
  fprintf(stderr, " MiB\n");
}

static void print_error(const char *name, const bt_state *state, uint64_t epoch, bool average) {
  char text[24] = "-";
  if (epoch >= 1 && epoch <= state->rows) {
    const bt_epoch_row *row = &state->row[epoch - 1];
    const bt_loss *loss = average ? &row->swa : &row->test;
    if (loss->rows > 0) {
      bt_loss_percent(loss, text);
    }
  }
  printf("  %-8s %6s\n", name, text);
}

void bt_display_result(const bt_state *state, const char *directory) {
  char digest[65] = "";
  bt_error error;
  if (bt_state_digest(state, digest, &error) != BT_OK) {
    snprintf(digest, sizeof digest, "%.60s", error.text);
  }
  printf("%s, seed %" PRIu64 ", %zu epochs and %" PRIu64 " steps: test error in %%\n",
         state->recipe->name, state->recipe->seed, state->rows, state->steps);
  print_error("SGD-LP", state, state->recipe->swa_start, false);
  print_error("SWALP", state, state->rows, true);
  print_error("last", state, state->rows, false);
  printf("digest %s\nfiles in %s\n", digest, directory);
}
