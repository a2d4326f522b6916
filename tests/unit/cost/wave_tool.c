/* What scripts need of the waves of a tile.
 *   wave_tool stimulus OURS        the ports of mac_tile, a line a clock cycle: ahead of its rising
 *                                  edge rst_ni start_i len_i a_i b_i, in binary
 *   wave_tool half OURS            half a clock period in ps
 *   wave_tool compare OURS THEIRS  each variable of OURS is in THEIRS, below one scope more or not,
 *                                  of the same type and range in scopes of the same types, and is
 *                                  the same at all times up to the end of OURS; status 1 if not */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "vcd_reader.h"

static vcd_file load(const char *path) {
  vcd_file f;
  if (!vcd_load(&f, path)) {
    fprintf(stderr, "%s: %s\n", path, f.error);
    exit(2);
  }
  return f;
}

static const vcd_variable *find(const vcd_file *f, const char *path) {
  const vcd_variable *v = vcd_find(f, path);
  if (v == NULL) {
    fprintf(stderr, "no %s\n", path);
    exit(2);
  }
  return v;
}

/* The clock rises at odd changes. */
static int stimulus(const vcd_file *f, bool half_only) {
  static const char *const port[] = {"rst_ni", "start_i", "len_i", "a_i", "b_i"};
  const vcd_signal *clock = &f->signal[find(f, "mac_tile.clk_i")->signal];
  if (half_only) {
    printf("%" PRIu64 "\n", clock->change[1].time * f->unit_fs / 1000);
    return 0;
  }
  for (size_t i = 1; i < clock->changes; i += 2) {
    for (size_t k = 0; k < 5; k++) {
      char path[40];
      snprintf(path, sizeof path, "mac_tile.%s", port[k]);
      printf("%s%c", vcd_at(f, find(f, path), clock->change[i].time - 1), k < 4 ? ' ' : '\n');
    }
  }
  return 0;
}

static bool is_same(const char *x, const char *y) {
  return x != NULL && y != NULL && strcmp(x, y) == 0;
}

/* At the times at which either changes, in fs; no time of either is left out. */
static bool same_values(const vcd_file *x, const vcd_variable *v, const vcd_file *y,
                        const vcd_variable *w, uint64_t *times) {
  const vcd_signal *s = &x->signal[v->signal], *t = &y->signal[w->signal];
  for (size_t i = 0; i < s->changes + t->changes; i++) {
    uint64_t fs = i < s->changes ? s->change[i].time * x->unit_fs
                                 : t->change[i - s->changes].time * y->unit_fs;
    const char *ours = vcd_at(x, v, fs / x->unit_fs), *theirs = vcd_at(y, w, fs / y->unit_fs);
    if (fs > x->end * x->unit_fs) {
      break;
    }
    if (!is_same(ours, theirs)) {
      printf("%s at %" PRIu64 " fs: %s, theirs %s\n", v->path, fs, ours ? ours : "none",
             theirs ? theirs : "none");
      return false;
    }
    ++*times;
  }
  return true;
}

static bool ends_in(const char *text, const char *end) {
  size_t n = strlen(text), m = strlen(end);
  return n >= m && strcmp(text + n - m, end) == 0;
}

static int compare(const vcd_file *x, const vcd_file *y) {
  uint64_t times = 0;
  size_t wrong = 0;
  for (size_t i = 0; i < x->variables && wrong < 10; i++) {
    const vcd_variable *v = &x->variable[i], *w = vcd_find(y, v->path);
    if (w == NULL || strcmp(v->kind, w->kind) != 0 || strcmp(v->range, w->range) != 0 ||
        x->signal[v->signal].width != y->signal[w->signal].width ||
        !ends_in(w->scopes, v->scopes)) {
      printf("%s %s%s in %s: theirs %s %s in %s\n", v->kind, v->path, v->range, v->scopes,
             w ? w->kind : "none", w ? w->range : "", w ? w->scopes : "none");
      wrong++;
    } else {
      wrong += !same_values(x, v, y, w, &times);
    }
  }
  printf("%zu variables, %" PRIu64 " values, %zu differ\n", x->variables, times, wrong);
  return wrong > 0 || x->variables == 0 ? 1 : 0;
}

int main(int argc, char **argv) {
  if (argc < 3 || (strcmp(argv[1], "compare") == 0) != (argc == 4)) {
    fprintf(stderr, "usage: wave_tool stimulus|half OURS, or compare OURS THEIRS\n");
    return 2;
  }
  vcd_file ours = load(argv[2]), theirs;
  int status = 0;
  if (argc == 4) {
    theirs = load(argv[3]);
    status = compare(&ours, &theirs);
    vcd_free(&theirs);
  } else {
    status = stimulus(&ours, strcmp(argv[1], "half") == 0);
  }
  vcd_free(&ours);
  return status;
}
