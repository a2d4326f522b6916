/* A fixed team of threads that works off the tasks of one job at a time. */
#ifndef BT_THREADS_THREADS_H
#define BT_THREADS_THREADS_H

#include <stddef.h>

#define BT_MAX_THREADS 256u

/* Processors that the process may use, 1..BT_MAX_THREADS. */
unsigned bt_threads_available(void);

typedef struct bt_threads bt_threads;

/* A team of `count` threads, 1..BT_MAX_THREADS, the caller's among them; 0 takes one for each
 * processor that the process may use. NULL when the system has no more memory or threads. */
bt_threads *bt_threads_new(unsigned count);
void bt_threads_free(bt_threads *t); /* NULL is allowed */
unsigned bt_threads_count(const bt_threads *t);

/* Calls work(context, task, thread) once for each task 0..tasks-1, handed out in ascending order,
 * and returns when all are done. thread is 0..count-1: no two calls of one thread overlap, so it
 * may index work areas. One job at a time: not from within work, and only by the team's maker.
 * What tasks write must not depend on which thread runs them. */
void bt_threads_run(bt_threads *t, size_t tasks,
                    void (*work)(void *context, size_t task, unsigned thread), void *context);

#endif
