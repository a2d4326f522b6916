/* Reads a timeline back: Trace Event JSON by jansson, its decimals digit by digit, slices by track.
 * Shares no code with what writes it. */
#ifndef BT_TESTS_TIMELINE_READER_H
#define BT_TESTS_TIMELINE_READER_H

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define TIMELINE_TRACKS 7u

typedef struct {
  unsigned track;     /* 0..TIMELINE_TRACKS-1, by sort_index */
  bool step;          /* lies in another slice of the track, its parent */
  size_t parent;
  uint64_t from, to;  /* cycles */
  const char *name, *category;
  json_t *args;
  size_t place;       /* in the file */
} timeline_slice;

typedef struct {
  const char *name;   /* of the counter */
  uint64_t at;        /* cycle */
  uint64_t value;     /* in thousandths */
} timeline_point;

typedef struct {
  json_t *root;
  const char *process, *track[TIMELINE_TRACKS];
  timeline_slice *slice; /* by track, then by time, parents first */
  timeline_point *point; /* in the file's order */
  size_t slices, points;
} timeline_file;

/* Checks, and says in `why` what is wrong: JSON; events of one process; names and places of tracks;
 * ts and dur are plain decimals of at most nine places without trailing zeros, the femtoseconds of
 * the arguments' cycles at this clock, rounded down; slices of a track are apart or within one
 * another; counters' times never fall. Free it, after false too. */
bool timeline_read(timeline_file *f, const char *text, size_t size, uint64_t clock_hz,
                   char why[200]);
void timeline_free(timeline_file *f);

/* An integer of a slice's arguments; UINT64_MAX if it is not there. */
uint64_t timeline_integer(const timeline_slice *s, const char *key);

#endif
