#include "vcd_reader.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define DEPTH 64

typedef struct {
  vcd_file *f;
  const char *at, *end;
  size_t line;
  char word[8192]; /* the last token */
  const char *scope[DEPTH], *kind[DEPTH];
  size_t depth;
  uint64_t time;
  bool timed;      /* a time was read */
} reader;

static bool fault(reader *r, const char *format, ...) {
  va_list list;
  int n = snprintf(r->f->error, sizeof r->f->error, "line %zu: ", r->line);
  va_start(list, format);
  vsnprintf(r->f->error + n, sizeof r->f->error - (size_t)n, format, list);
  va_end(list);
  return false;
}

static void *grown(void *list, size_t used, size_t *room, size_t size) {
  if (used < *room) {
    return list;
  }
  *room = *room == 0 ? 16 : 2 * *room;
  list = realloc(list, *room * size);
  if (list == NULL) {
    abort();
  }
  return list;
}

/* The next token into word; false at the end of the text. */
static bool next(reader *r) {
  size_t n = 0;
  while (r->at < r->end && strchr(" \t\r\n", *r->at) != NULL) {
    r->line += *r->at++ == '\n';
  }
  while (r->at < r->end && strchr(" \t\r\n", *r->at) == NULL && n + 1 < sizeof r->word) {
    r->word[n++] = *r->at++;
  }
  r->word[n] = '\0';
  return n > 0;
}

static bool is(const reader *r, const char *word) { return strcmp(r->word, word) == 0; }

static bool one_of(const char *word, const char *list) {
  char spaced[100], all[400];
  snprintf(spaced, sizeof spaced, " %s ", word);
  snprintf(all, sizeof all, " %s ", list);
  return strstr(all, spaced) != NULL;
}

static bool expect_end(reader *r) {
  return next(r) && is(r, "$end") ? true : fault(r, "'%.20s': expected $end", r->word);
}

static bool skip_to_end(reader *r) {
  while (next(r)) {
    if (is(r, "$end")) {
      return true;
    }
  }
  return fault(r, "expected $end");
}

/* timescale_number: 1, 10, 100; timescale_unit: s, ms, us, ns, ps, fs. */
static bool read_timescale(reader *r) {
  static const char *const unit[] = {"fs", "ps", "ns", "us", "ms", "s"};
  char text[40] = "", *rest;
  for (int i = 0; i < 2 && next(r) && !is(r, "$end"); i++) {
    snprintf(text + strlen(text), sizeof text - strlen(text), "%.15s", r->word);
  }
  unsigned long number = strtoul(text, &rest, 10);
  uint64_t fs = 1;
  for (size_t i = 0; i < 6; i++, fs *= 1000) {
    if (strcmp(rest, unit[i]) == 0 && (number == 1 || number == 10 || number == 100)) {
      r->f->unit_fs = number * fs;
      return is(r, "$end") || expect_end(r);
    }
  }
  return fault(r, "timescale '%s'", text);
}

static bool read_scope(reader *r) {
  if (!next(r) || !one_of(r->word, "begin fork function module task") || r->depth == DEPTH) {
    return fault(r, "scope '%.20s'", r->word);
  }
  r->kind[r->depth] = strdup(r->word);
  if (!next(r) || is(r, "$end")) {
    free((char *)r->kind[r->depth]);
    return fault(r, "a scope without a name");
  }
  r->scope[r->depth++] = strdup(r->word + (r->word[0] == '\\'));
  return expect_end(r);
}

static void leave_scope(reader *r) {
  r->depth--;
  free((char *)r->scope[r->depth]);
  free((char *)r->kind[r->depth]);
}

static size_t find_signal(const vcd_file *f, const char *code) {
  for (size_t i = f->signals; i-- > 0;) {
    if (strcmp(f->signal[i].code, code) == 0) {
      return i;
    }
  }
  return f->signals;
}

static char *joined(const char *const *part, size_t n, const char *last) {
  char text[2000] = "";
  for (size_t i = 0; i < n; i++) {
    snprintf(text + strlen(text), sizeof text - strlen(text), "%s%s", i > 0 ? "." : "", part[i]);
  }
  if (last != NULL) {
    snprintf(text + strlen(text), sizeof text - strlen(text), ".%s", last);
  }
  return strdup(text);
}

/* $var var_type size identifier_code reference $end; a reference may have a select. */
static bool read_variable(reader *r) {
  vcd_file *f = r->f;
  char kind[20], code[20], name[200], range[40] = "", *rest;
  if (!next(r) || !one_of(r->word, "event integer parameter real realtime reg supply0 supply1 time "
                                   "tri triand trior trireg tri0 tri1 wand wire wor")) {
    return fault(r, "variable of type '%.20s'", r->word);
  }
  snprintf(kind, sizeof kind, "%.19s", r->word);
  next(r);
  unsigned long width = strtoul(r->word, &rest, 10);
  if (*rest != '\0' || width == 0 || width > 100000) {
    return fault(r, "size '%.20s'", r->word);
  }
  if (!next(r) || strlen(r->word) > 15) {
    return fault(r, "identifier '%.20s'", r->word);
  }
  snprintf(code, sizeof code, "%.15s", r->word);
  for (const char *p = code; *p != '\0'; p++) {
    if (*p < '!' || *p > '~') {
      return fault(r, "identifier '%s'", code);
    }
  }
  next(r);
  snprintf(name, sizeof name, "%.199s", r->word + (r->word[0] == '\\'));
  next(r);
  if (r->word[0] == '[') {
    snprintf(range, sizeof range, "%.39s", r->word);
    next(r);
  }
  if (!is(r, "$end") || r->depth == 0) {
    return fault(r, "variable %s: expected $end, in a scope", name);
  }
  size_t signal = find_signal(f, code);
  if (signal < f->signals && f->signal[signal].width != width) {
    return fault(r, "identifier %s has two sizes", code);
  }
  if (signal == f->signals) {
    f->signal = grown(f->signal, f->signals, &f->signal_room, sizeof *f->signal);
    f->signal[f->signals++] = (vcd_signal){.code = strdup(code), .width = (unsigned)width};
  }
  f->variable = grown(f->variable, f->variables, &f->variable_room, sizeof *f->variable);
  f->variable[f->variables++] = (vcd_variable){.path = joined(r->scope, r->depth, name),
                                               .scopes = joined(r->kind, r->depth, NULL),
                                               .kind = strdup(kind),
                                               .range = strdup(range),
                                               .signal = signal};
  return true;
}

static bool read_declarations(reader *r) {
  while (next(r)) {
    bool good = true;
    if (is(r, "$comment") || is(r, "$date") || is(r, "$version")) {
      good = skip_to_end(r);
    } else if (is(r, "$timescale")) {
      good = read_timescale(r);
    } else if (is(r, "$scope")) {
      good = read_scope(r);
    } else if (is(r, "$upscope")) {
      good = r->depth > 0 ? (leave_scope(r), expect_end(r)) : fault(r, "no scope is open");
    } else if (is(r, "$var")) {
      good = read_variable(r);
    } else if (is(r, "$enddefinitions")) {
      return expect_end(r) && (r->depth == 0 || fault(r, "a scope is open"));
    } else {
      good = fault(r, "'%.20s' among the declarations", r->word);
    }
    if (!good) {
      return false;
    }
  }
  return fault(r, "no $enddefinitions");
}

/* A value is extended to the left: 1 by 0, anything else by itself (table 18.1). */
static bool add_change(reader *r, const char *bits, size_t n, const char *code) {
  vcd_file *f = r->f;
  size_t i = find_signal(f, code);
  if (i == f->signals) {
    return fault(r, "identifier '%.20s' is not declared", code);
  }
  vcd_signal *s = &f->signal[i];
  if (n == 0 || n > s->width || !r->timed) {
    return fault(r, "a value of %zu bits for %s of %u, or ahead of a time", n, code, s->width);
  }
  char *full = malloc(s->width + 1);
  if (full == NULL) {
    abort();
  }
  memset(full, bits[0] == '1' ? '0' : bits[0], s->width);
  memcpy(full + s->width - n, bits, n);
  full[s->width] = '\0';
  if (s->changes > 0 && s->change[s->changes - 1].time == r->time) {
    free(s->change[--s->changes].bits);
  }
  s->change = grown(s->change, s->changes, &s->room, sizeof *s->change);
  s->change[s->changes++] = (vcd_change){r->time, full};
  return true;
}

static bool read_time(reader *r) {
  char *rest;
  uint64_t time = strtoull(r->word + 1, &rest, 10);
  if (r->word[1] < '0' || r->word[1] > '9' || *rest != '\0' || (r->timed && time < r->time)) {
    return fault(r, "time '%.30s'", r->word);
  }
  r->time = r->f->end = time;
  r->timed = true;
  return true;
}

static bool read_vector(reader *r) {
  char bits[sizeof r->word];
  size_t n = strlen(r->word) - 1;
  memcpy(bits, r->word + 1, n + 1);
  if (strspn(bits, "01xXzZ") != n) {
    return fault(r, "vector '%.20s'", r->word);
  }
  for (size_t i = 0; i < n; i++) {
    bits[i] = bits[i] == 'X' ? 'x' : bits[i] == 'Z' ? 'z' : bits[i];
  }
  return next(r) ? add_change(r, bits, n, r->word) : fault(r, "a vector without identifier");
}

static bool read_changes(reader *r) {
  bool dump = false;
  while (next(r)) {
    bool good = true;
    if (r->word[0] == '#') {
      good = !dump && read_time(r);
    } else if (r->word[0] == 'b' || r->word[0] == 'B') {
      good = read_vector(r);
    } else if (strchr("01xzXZ", r->word[0]) != NULL) {
      char bit = (char)(r->word[0] == 'X' ? 'x' : r->word[0] == 'Z' ? 'z' : r->word[0]);
      good = add_change(r, &bit, 1, r->word + 1);
    } else if (is(r, "$comment")) {
      good = skip_to_end(r);
    } else if (one_of(r->word, "$dumpvars $dumpall $dumpon $dumpoff") && !dump) {
      dump = true;
    } else if (is(r, "$end") && dump) {
      dump = false;
    } else {
      good = fault(r, "'%.20s' among the changes", r->word);
    }
    if (!good) {
      return false;
    }
  }
  return !dump || fault(r, "a dump without $end");
}

bool vcd_read(vcd_file *f, const char *text, size_t size) {
  static const vcd_file none;
  *f = none;
  reader *r = calloc(1, sizeof *r);
  if (r == NULL) {
    abort();
  }
  *r = (reader){.f = f, .at = text, .end = text + size, .line = 1};
  bool good = read_declarations(r) && (f->unit_fs > 0 || fault(r, "no timescale")) &&
              read_changes(r);
  while (r->depth > 0) {
    leave_scope(r);
  }
  free(r);
  return good;
}

bool vcd_load(vcd_file *f, const char *path) {
  static const vcd_file none;
  *f = none;
  FILE *file = fopen(path, "rb");
  size_t size = 0, room = 1u << 16;
  char *text = malloc(room);
  if (file == NULL || text == NULL) {
    snprintf(f->error, sizeof f->error, "%.100s: cannot be read", path);
    free(text);
    return false;
  }
  for (size_t n; (n = fread(text + size, 1, room - size, file)) > 0;) {
    size += n;
    if (size == room) {
      room *= 2;
      text = realloc(text, room);
      if (text == NULL) {
        abort();
      }
    }
  }
  fclose(file);
  bool good = vcd_read(f, text, size);
  free(text);
  return good;
}

void vcd_free(vcd_file *f) {
  for (size_t i = 0; i < f->variables; i++) {
    free(f->variable[i].path);
    free(f->variable[i].scopes);
    free(f->variable[i].kind);
    free(f->variable[i].range);
  }
  for (size_t i = 0; i < f->signals; i++) {
    for (size_t j = 0; j < f->signal[i].changes; j++) {
      free(f->signal[i].change[j].bits);
    }
    free(f->signal[i].change);
    free(f->signal[i].code);
  }
  free(f->variable);
  free(f->signal);
}

const vcd_variable *vcd_find(const vcd_file *f, const char *path) {
  size_t n = strlen(path);
  for (size_t i = 0; i < f->variables; i++) {
    const char *p = f->variable[i].path;
    size_t m = strlen(p);
    if (m >= n && strcmp(p + m - n, path) == 0 && (m == n || p[m - n - 1] == '.')) {
      return &f->variable[i];
    }
  }
  return NULL;
}

const char *vcd_at(const vcd_file *f, const vcd_variable *v, uint64_t time) {
  const vcd_signal *s = &f->signal[v->signal];
  size_t low = 0, high = s->changes;
  while (low < high) {
    size_t middle = (low + high) / 2;
    if (s->change[middle].time <= time) {
      low = middle + 1;
    } else {
      high = middle;
    }
  }
  return low == 0 ? NULL : s->change[low - 1].bits;
}

bool vcd_number(const vcd_file *f, const vcd_variable *v, uint64_t time, uint64_t *number) {
  const char *bits = vcd_at(f, v, time);
  if (bits == NULL || strlen(bits) > 64 || strspn(bits, "01") != strlen(bits)) {
    return false;
  }
  *number = 0;
  for (; *bits != '\0'; bits++) {
    *number = *number << 1 | (uint64_t)(*bits == '1');
  }
  return true;
}
