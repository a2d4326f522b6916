#include "timeline_reader.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define PLACES 9u
#define SECOND UINT64_C(1000000000000000) /* femtoseconds */

typedef unsigned __int128 wide;

/* The next number in the text behind "key":, outside of strings; NULL if there is none. */
static const char *next_number(const char *p, const char *key) {
  size_t length = strlen(key);
  while (*p != '\0') {
    if (*p++ != '"') {
      continue;
    }
    const char *from = p;
    while (*p != '"') {
      p += *p == '\\' ? 2 : 1;
    }
    bool found = (size_t)(p - from) == length && strncmp(from, key, length) == 0 && p[1] == ':';
    p++;
    if (found) {
      return p + 1;
    }
  }
  return NULL;
}

/* A decimal without exponent, leading or trailing zeros, of up to `places` places. */
static bool read_decimal(const char *p, unsigned places, wide *value) {
  unsigned digits = 0, behind = 0;
  *value = 0;
  bool zero_first = *p == '0';
  for (; *p >= '0' && *p <= '9'; p++, digits++) {
    *value = *value * 10 + (unsigned)(*p - '0');
  }
  if (digits == 0 || (zero_first && digits > 1)) {
    return false;
  }
  if (*p == '.') {
    for (p++; *p >= '0' && *p <= '9'; p++, behind++) {
      *value = *value * 10 + (unsigned)(*p - '0');
    }
    if (behind == 0 || p[-1] == '0') {
      return false;
    }
  }
  for (unsigned i = behind; i < places; i++) {
    *value *= 10;
  }
  return behind <= places && (*p == ',' || *p == '}');
}

typedef struct {
  timeline_file *f;
  const char *ts, *dur, *rate; /* how far each is read */
  uint64_t clock_hz;
  long long order[TIMELINE_TRACKS];
  char *why;
} reading;

static bool wrong(reading *r, size_t event, const char *what) {
  snprintf(r->why, 200, "event %zu: %s", event, what);
  return false;
}

static bool take_number(const char **at, const char *key, unsigned places, wide *value) {
  *at = next_number(*at, key);
  return *at != NULL && read_decimal(*at, places, value);
}

static const char *text_of(json_t *o, const char *key) {
  return json_string_value(json_object_get(o, key));
}

static bool read_name(reading *r, size_t event, json_t *o, unsigned track) {
  const char *name = text_of(o, "name");
  json_t *args = json_object_get(o, "args");
  json_t *index = json_object_get(args, "sort_index");
  if (strcmp(name, "process_name") == 0) {
    r->f->process = text_of(args, "name");
  } else if (strcmp(name, "thread_name") == 0) {
    r->f->track[track] = text_of(args, "name");
  } else if (strcmp(name, "thread_sort_index") == 0 && json_is_integer(index)) {
    r->order[track] = json_integer_value(index);
  } else {
    return wrong(r, event, "unknown metadata");
  }
  return true;
}

static wide femtoseconds(const reading *r, uint64_t cycle) {
  return (wide)cycle * SECOND / r->clock_hz;
}

static bool read_slice(reading *r, size_t event, json_t *o, unsigned track) {
  wide ts, dur;
  timeline_slice *s = &r->f->slice[r->f->slices++];
  *s = (timeline_slice){.track = track, .name = text_of(o, "name"), .category = text_of(o, "cat"),
                        .args = json_object_get(o, "args"), .place = event};
  if (!take_number(&r->ts, "ts", PLACES, &ts) || !take_number(&r->dur, "dur", PLACES, &dur)) {
    return wrong(r, event, "ts or dur is no plain decimal");
  }
  uint64_t cycles = timeline_integer(s, "cycles");
  s->from = timeline_integer(s, "cycle");
  s->to = s->from + cycles;
  if (s->name == NULL || s->category == NULL || s->from == UINT64_MAX || cycles == 0 ||
      cycles == UINT64_MAX) {
    return wrong(r, event, "a slice without name, category, place or length");
  }
  if (ts != femtoseconds(r, s->from) ||
      dur != femtoseconds(r, s->to) - femtoseconds(r, s->from)) {
    return wrong(r, event, "ts and dur are not the cycles'");
  }
  return true;
}

static bool read_point(reading *r, size_t event, json_t *o) {
  wide ts, value;
  json_t *args = json_object_get(o, "args");
  timeline_point *p = &r->f->point[r->f->points++];
  p->name = text_of(o, "name");
  if (!take_number(&r->ts, "ts", PLACES, &ts) || p->name == NULL || json_object_size(args) != 1) {
    return wrong(r, event, "a counter without time, name or its one value");
  }
  json_t *bytes = json_object_get(args, "bytes");
  if (bytes != NULL) {
    value = (wide)json_integer_value(bytes) * 1000;
  } else if (!take_number(&r->rate, "bytes per cycle", 3, &value)) {
    return wrong(r, event, "a rate that is no decimal of three places");
  }
  /* The cycle whose femtoseconds, rounded down, these are. */
  p->at = (uint64_t)((ts * r->clock_hz + SECOND - 1) / SECOND);
  p->value = (uint64_t)value;
  return ts == femtoseconds(r, p->at) ? true : wrong(r, event, "its time is that of no cycle");
}

static bool read_event(reading *r, size_t event, json_t *o) {
  const char *phase = text_of(o, "ph");
  json_t *pid = json_object_get(o, "pid"), *tid = json_object_get(o, "tid");
  json_int_t track = json_integer_value(tid) - 1;
  if (phase == NULL || json_integer_value(pid) != 1 || track < 0 || track >= TIMELINE_TRACKS) {
    return wrong(r, event, "its phase, process or track");
  }
  switch (phase[0]) {
    case 'M': return read_name(r, event, o, (unsigned)track);
    case 'X': return read_slice(r, event, o, (unsigned)track);
    case 'C': return read_point(r, event, o);
    default: return wrong(r, event, "an unknown phase");
  }
}

static int by_time(const void *a, const void *b) {
  const timeline_slice *x = a, *y = b;
  if (x->track != y->track) {
    return x->track < y->track ? -1 : 1;
  }
  if (x->from != y->from) {
    return x->from < y->from ? -1 : 1;
  }
  return x->to != y->to ? (x->to > y->to ? -1 : 1) : x->place < y->place ? -1 : 1;
}

/* Sets `step` and `parent`. */
static bool nest(reading *r) {
  timeline_file *f = r->f;
  size_t top = 0;
  uint64_t end = 0; /* of the last slice within it */
  qsort(f->slice, f->slices, sizeof *f->slice, by_time);
  for (size_t i = 0; i < f->slices; i++) {
    timeline_slice *s = &f->slice[i];
    const timeline_slice *t = &f->slice[top];
    if (i == 0 || s->track != t->track || s->from >= t->to) {
      top = i;
      end = s->from;
      continue;
    }
    if (s->from < end || s->to > t->to || s->place < t->place) {
      return wrong(r, s->place, "overlaps another slice of its track");
    }
    s->step = true;
    s->parent = top;
    end = s->to;
  }
  return true;
}

static bool check_order(reading *r) {
  for (unsigned t = 0; t < TIMELINE_TRACKS; t++) {
    if (r->f->track[t] == NULL || (t > 0 && r->order[t] <= r->order[t - 1])) {
      return wrong(r, 0, "tracks without names, or in another order than their numbers");
    }
  }
  for (size_t i = 0; i < r->f->points; i++) {
    for (size_t k = i; k-- > 0;) {
      if (strcmp(r->f->point[k].name, r->f->point[i].name) == 0) {
        if (r->f->point[k].at > r->f->point[i].at) {
          return wrong(r, 0, "a counter's time falls");
        }
        break;
      }
    }
  }
  return true;
}

bool timeline_read(timeline_file *f, const char *text, size_t size, uint64_t clock_hz,
                   char why[200]) {
  json_error_t error;
  reading r = {.f = f, .ts = text, .dur = text, .rate = text, .clock_hz = clock_hz, .why = why};
  *f = (timeline_file){.root = json_loadb(text, size, JSON_REJECT_DUPLICATES, &error)};
  json_t *events = json_object_get(f->root, "traceEvents");
  if (!json_is_array(events)) {
    snprintf(why, 200, "no trace events: %.100s", f->root == NULL ? error.text : "");
    return false;
  }
  size_t count = json_array_size(events);
  f->slice = calloc(count + 1, sizeof *f->slice);
  f->point = calloc(count + 1, sizeof *f->point);
  bool good = f->slice != NULL && f->point != NULL;
  for (size_t i = 0; good && i < count; i++) {
    good = read_event(&r, i, json_array_get(events, i));
  }
  good = good && (next_number(r.ts, "ts") == NULL || wrong(&r, count, "a time of no event"));
  return good && check_order(&r) && nest(&r);
}

void timeline_free(timeline_file *f) {
  json_decref(f->root);
  free(f->slice);
  free(f->point);
}

uint64_t timeline_integer(const timeline_slice *s, const char *key) {
  json_t *n = json_object_get(s->args, key);
  return json_is_integer(n) && json_integer_value(n) >= 0 ? (uint64_t)json_integer_value(n)
                                                          : UINT64_MAX;
}
