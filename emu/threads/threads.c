#include "threads/threads.h"

#include <pthread.h>
#include <sched.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdlib.h>

/* Jobs follow each other within microseconds: a thread that waits looks this often before it
 * sleeps, unless the team has more threads than there are processors. */
#define LOOKS 4000u

typedef struct {
  bt_threads *team;
  unsigned number;
  pthread_t thread;
} member;

struct bt_threads {
  unsigned count, started, looks;
  member *members; /* [count]; 0 is the caller and has no thread */
  pthread_mutex_t lock;
  pthread_cond_t begin, done;
  atomic_uint job;     /* the number of the job at hand; changes under the lock */
  atomic_uint working; /* members that have not finished it */
  atomic_bool quit;
  atomic_size_t next; /* task */
  size_t tasks;
  void (*work)(void *context, size_t task, unsigned thread);
  void *context;
};

static void pause_briefly(void) {
#if defined(__x86_64__)
  __builtin_ia32_pause();
#endif
}

static void work_off(bt_threads *t, unsigned number) {
  for (size_t i; (i = atomic_fetch_add(&t->next, 1)) < t->tasks;) {
    t->work(t->context, i, number);
  }
}

static void wait_for_job(bt_threads *t, unsigned last) {
  for (unsigned i = 0; i < t->looks; i++) {
    if (atomic_load(&t->job) != last) {
      return;
    }
    pause_briefly();
  }
  pthread_mutex_lock(&t->lock);
  while (atomic_load(&t->job) == last) {
    pthread_cond_wait(&t->begin, &t->lock);
  }
  pthread_mutex_unlock(&t->lock);
}

static void *run_member(void *argument) {
  member *m = argument;
  bt_threads *t = m->team;
  for (unsigned last = 0;; last++) {
    wait_for_job(t, last);
    if (atomic_load(&t->quit)) {
      return NULL;
    }
    work_off(t, m->number);
    if (atomic_fetch_sub(&t->working, 1) == 1) {
      pthread_mutex_lock(&t->lock);
      pthread_cond_signal(&t->done);
      pthread_mutex_unlock(&t->lock);
    }
  }
}

static void start_job(bt_threads *t) {
  pthread_mutex_lock(&t->lock);
  atomic_fetch_add(&t->job, 1);
  pthread_cond_broadcast(&t->begin);
  pthread_mutex_unlock(&t->lock);
}

static void wait_for_members(bt_threads *t) {
  for (unsigned i = 0; i < t->looks; i++) {
    if (atomic_load(&t->working) == 0) {
      return;
    }
    pause_briefly();
  }
  pthread_mutex_lock(&t->lock);
  while (atomic_load(&t->working) != 0) {
    pthread_cond_wait(&t->done, &t->lock);
  }
  pthread_mutex_unlock(&t->lock);
}

void bt_threads_run(bt_threads *t, size_t tasks,
                    void (*work)(void *context, size_t task, unsigned thread), void *context) {
  if (t->count == 1 || tasks <= 1) {
    for (size_t i = 0; i < tasks; i++) {
      work(context, i, 0);
    }
    return;
  }
  t->tasks = tasks;
  t->work = work;
  t->context = context;
  atomic_store(&t->next, 0);
  atomic_store(&t->working, t->count - 1);
  start_job(t);
  work_off(t, 0);
  wait_for_members(t);
}

unsigned bt_threads_available(void) {
  cpu_set_t set;
  int n = sched_getaffinity(0, sizeof set, &set) == 0 ? CPU_COUNT(&set) : 1;
  return n < 1 ? 1 : n > (int)BT_MAX_THREADS ? BT_MAX_THREADS : (unsigned)n;
}

bt_threads *bt_threads_new(unsigned count) {
  unsigned available = bt_threads_available();
  bt_threads *t = calloc(1, sizeof *t);
  if (t == NULL || count > BT_MAX_THREADS) {
    free(t);
    return NULL;
  }
  t->count = count == 0 ? available : count;
  t->looks = t->count <= available ? LOOKS : 0;
  t->members = calloc(t->count, sizeof *t->members);
  pthread_mutex_init(&t->lock, NULL);
  pthread_cond_init(&t->begin, NULL);
  pthread_cond_init(&t->done, NULL);
  bool good = t->members != NULL;
  for (unsigned i = 1; good && i < t->count; i++) {
    t->members[i] = (member){.team = t, .number = i};
    good = pthread_create(&t->members[i].thread, NULL, run_member, &t->members[i]) == 0;
    t->started += good;
  }
  if (!good) {
    bt_threads_free(t);
    return NULL;
  }
  return t;
}

void bt_threads_free(bt_threads *t) {
  if (t == NULL) {
    return;
  }
  atomic_store(&t->quit, true);
  start_job(t);
  for (unsigned i = 1; i <= t->started; i++) {
    pthread_join(t->members[i].thread, NULL);
  }
  pthread_cond_destroy(&t->begin);
  pthread_cond_destroy(&t->done);
  pthread_mutex_destroy(&t->lock);
  free(t->members);
  free(t);
}

unsigned bt_threads_count(const bt_threads *t) { return t->count; }
