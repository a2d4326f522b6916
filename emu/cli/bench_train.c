/* bittrue bench train: whole training steps, as bittrue train runs them. */
#include <string.h>

#include "cli/bench_step.h"
#include "cli/bench_timer.h"
#include "num/error.h"
#include "train/train.h"

/* Steps that nothing is timed in: work areas, caches, the first batches. */
#define WARM_UP_STEPS 5u

typedef struct {
  const bt_bench *b;
  volatile sig_atomic_t stop;
  size_t warm_up;            /* steps left of it */
  double last, passed;       /* the last step's end; seconds of the sample at hand */
  uint64_t images, last_images;
  size_t samples;
  double rate[BT_BENCH_MAX_REPEAT]; /* images a second */
} meter;

/* After each step. What lies between an epoch's last step and its report is evaluation and
 * averaging, and left out; shuffling and lowering the next epoch are the next step's. */
static void count_step(void *context, const bt_progress *p) {
  meter *m = context;
  double now = bt_bench_now(m->b);
  if (!p->epoch_done && m->warm_up > 0) {
    m->warm_up--;
  } else if (!p->epoch_done && !m->stop) {
    m->passed += now - m->last;
    m->images += p->images - m->last_images;
    if (m->passed * 1e3 >= (double)m->b->o->milliseconds) {
      m->rate[m->samples++] = (double)m->images / m->passed;
      m->passed = 0;
      m->images = 0;
    }
    m->stop = m->samples == m->b->o->repeat;
  }
  m->last = bt_bench_now(m->b);
  m->last_images = p->images;
}

static bt_status add_rates(bt_bench *b, const bt_session *session, meter *m, bt_error *error) {
  if (m->samples == 0) {
    return bt_fail(error, BT_BAD_INPUT, "%s: the run ended before a sample of %llu ms",
                   session->recipe.path, (unsigned long long)b->o->milliseconds);
  }
  bt_timing t = bt_timing_of(m->rate, m->samples);
  json_object_set_new(b->facts, "images_per_second",
                      json_pack("{s:f, s:f, s:f}", "median", t.median, "min", t.min, "max", t.max));
  return BT_OK;
}

static bt_status train(bt_bench *b, bt_session *session, bt_state *state, bt_error *error) {
  meter m = {.b = b, .warm_up = WARM_UP_STEPS};
  bt_train_options options = {.engine = b->engine, .data = &session->data, .stop = &m.stop,
                              .progress = count_step, .context = &m};
  bt_status s = bt_train(state, &options, error);
  return s == BT_OK ? add_rates(b, session, &m, error) : s;
}

bt_status bt_bench_train(bt_bench *b, bt_error *error) {
  bt_session session;
  bt_state state;
  memset(&session, 0, sizeof session);
  memset(&state, 0, sizeof state);
  bt_status s = bt_bench_session(b, &session, &state, error);
  s = s == BT_OK ? train(b, &session, &state, error) : s;
  s = s == BT_OK ? bt_bench_step(b, &session, &state, BT_PORTIONS, false, error) : s;
  s = s == BT_OK ? bt_bench_step(b, &session, &state, BT_SINGLE, false, error) : s;
  bt_state_free(&state);
  bt_session_close(&session);
  return s;
}
