#include "saif_reader.h"

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

typedef struct {
  saif_file *f;
  const char *at, *end;
  size_t line;
  char word[300]; /* "(", ")", a string with its quotes, or a word with its escapes */
  char path[1000];
} reader;

static bool fault(reader *r, const char *what) {
  if (r->f->error[0] == '\0') {
    snprintf(r->f->error, sizeof r->f->error, "line %zu: '%.40s': %.60s", r->line, r->word, what);
  }
  return false;
}

static bool next(reader *r) {
  size_t n = 0;
  while (r->at < r->end && isspace((unsigned char)*r->at)) {
    r->line += *r->at++ == '\n';
  }
  if (r->at < r->end && (*r->at == '(' || *r->at == ')')) {
    r->word[n++] = *r->at++;
  } else if (r->at < r->end && *r->at == '"') {
    do {
      r->word[n++] = *r->at++;
    } while (r->at < r->end && *r->at != '"' && *r->at != '\n' && n + 3 < sizeof r->word);
    if (r->at < r->end && *r->at == '"') {
      r->word[n++] = *r->at++;
    }
  } else {
    while (r->at < r->end && !isspace((unsigned char)*r->at) && *r->at != '(' && *r->at != ')' &&
           n + 1 < sizeof r->word) {
      r->word[n++] = *r->at++;
    }
  }
  r->word[n] = '\0';
  return n > 0;
}

static bool is(const reader *r, const char *word) { return strcmp(r->word, word) == 0; }

static bool expect(reader *r, const char *word) {
  return (next(r) && is(r, word)) || fault(r, word);
}

static bool read_string(reader *r, char *to, size_t size) {
  size_t n = next(r) ? strlen(r->word) : 0;
  if (n < 2 || r->word[0] != '"' || r->word[n - 1] != '"') {
    return fault(r, "expected a string");
  }
  snprintf(to, size, "%.*s", (int)(n - 2), r->word + 1);
  return true;
}

static bool read_number(reader *r, uint64_t *to) {
  char *rest;
  if (!next(r) || !isdigit((unsigned char)r->word[0])) {
    return fault(r, "expected a number");
  }
  *to = strtoull(r->word, &rest, 10);
  return *rest == '\0' || fault(r, "expected a number");
}

/* Identifiers are letters, digits and underscores; others stand behind a backslash. */
static bool read_name(reader *r, char *to, size_t size) {
  size_t n = 0;
  if (!next(r) || is(r, "(") || is(r, ")") || isdigit((unsigned char)r->word[0])) {
    return fault(r, "expected a name");
  }
  for (const char *p = r->word; *p != '\0' && n + 1 < size; p++) {
    bool escaped = *p == '\\';
    p += escaped;
    if (*p == '\0' || (!escaped && !isalnum((unsigned char)*p) && *p != '_')) {
      return fault(r, "expected a name");
    }
    to[n++] = *p;
  }
  to[n] = '\0';
  return true;
}

/* One of the header's groups behind its keyword; false without an error if it is another one. */
static bool read_header_group(reader *r) {
  char text[60], divider[3];
  saif_file *f = r->f;
  if (is(r, "SAIFVERSION")) {
    return read_string(r, text, sizeof text) && strcmp(text, "2.0") == 0;
  }
  if (is(r, "DIRECTION")) {
    return read_string(r, text, sizeof text) && strcmp(text, "backward") == 0;
  }
  if (is(r, "DESIGN")) {
    return read_string(r, f->design, sizeof f->design);
  }
  if (is(r, "DATE") || is(r, "VENDOR") || is(r, "PROGRAM_NAME") || is(r, "VERSION")) {
    return read_string(r, text, sizeof text);
  }
  if (is(r, "DIVIDER")) {
    next(r);
    snprintf(divider, sizeof divider, "%.2s", r->word);
    return strcmp(divider, "/") == 0 || strcmp(divider, ".") == 0;
  }
  if (is(r, "TIMESCALE")) {
    uint64_t n;
    bool good = read_number(r, &n) && (n == 1 || n == 10 || n == 100) && next(r) &&
                strstr(" s ms us ns ps fs ", r->word) != NULL;
    snprintf(f->timescale, sizeof f->timescale, "%d %.3s", good ? (int)n : 0, r->word);
    return good;
  }
  return is(r, "DURATION") && read_number(r, &f->duration);
}

static bool read_attributes(reader *r, saif_net *n) {
  static const char *const name[] = {"T0", "T1", "TX", "TC", "IG"};
  uint64_t *const to[] = {&n->t0, &n->t1, &n->tx, &n->tc, &n->ig};
  unsigned seen = 0;
  while (next(r) && is(r, "(")) {
    next(r);
    size_t i = 0;
    while (i < 5 && !is(r, name[i])) {
      i++;
    }
    if (i == 5 || (seen >> i & 1) != 0 || !read_number(r, to[i]) || !expect(r, ")")) {
      return fault(r, "expected T0, T1, TX, TC and IG, each once");
    }
    seen |= 1u << i;
  }
  return (is(r, ")") && seen == 31) || fault(r, "expected T0, T1, TX, TC and IG, each once");
}

static bool read_nets(reader *r) {
  saif_file *f = r->f;
  while (next(r) && is(r, "(")) {
    char name[200], path[1300];
    saif_net n = {NULL, 0, 0, 0, 0, 0};
    if (!read_name(r, name, sizeof name) || !read_attributes(r, &n)) {
      return false;
    }
    snprintf(path, sizeof path, "%s.%s", r->path, name);
    if (f->nets == f->room) {
      f->room = f->room == 0 ? 64 : 2 * f->room;
      f->net = realloc(f->net, f->room * sizeof *f->net);
    }
    n.path = strdup(path);
    if (f->net == NULL || n.path == NULL) {
      abort();
    }
    f->net[f->nets++] = n;
  }
  return is(r, ")") || fault(r, "expected a net");
}

/* Behind "(INSTANCE". */
static bool read_instance(reader *r) {
  char name[200];
  size_t length = strlen(r->path);
  if (!read_name(r, name, sizeof name)) {
    return false;
  }
  snprintf(r->path + length, sizeof r->path - length, "%s%s", length > 0 ? "." : "", name);
  while (next(r) && is(r, "(")) {
    next(r);
    if (is(r, "NET") ? !read_nets(r)
                     : is(r, "INSTANCE") ? !read_instance(r) : !fault(r, "NET or INSTANCE")) {
      return false;
    }
  }
  r->path[length] = '\0';
  return is(r, ")") || fault(r, "expected )");
}

bool saif_read(saif_file *f, const char *text, size_t size) {
  static const saif_file none;
  reader r = {.f = f, .at = text, .end = text + size, .line = 1};
  *f = none;
  bool instance = false;
  if (!expect(&r, "(") || !expect(&r, "SAIFILE")) {
    return false;
  }
  while (next(&r) && is(&r, "(")) {
    next(&r);
    bool begins = is(&r, "INSTANCE");
    if (begins ? !read_instance(&r)
               : instance || !read_header_group(&r) || !expect(&r, ")")) {
      return fault(&r, "in the header");
    }
    instance |= begins;
  }
  if (!is(&r, ")") || next(&r)) {
    return fault(&r, "expected the end");
  }
  return (instance && f->duration > 0 && f->timescale[0] != '\0') || fault(&r, "no header");
}

void saif_free(saif_file *f) {
  for (size_t i = 0; i < f->nets; i++) {
    free(f->net[i].path);
  }
  free(f->net);
}

const saif_net *saif_find(const saif_file *f, const char *path) {
  for (size_t i = 0; i < f->nets; i++) {
    if (strcmp(f->net[i].path, path) == 0) {
      return &f->net[i];
    }
  }
  return NULL;
}
