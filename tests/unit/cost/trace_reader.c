#include "trace_reader.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "trace_reader_dram.h"

/* ---- The map ---- */

static unsigned kind_of(reader_map *m, const char *name) {
  unsigned k = 0;
  while (k < m->kinds && strcmp(m->kind[k], name) != 0) {
    k++;
  }
  if (k == m->kinds && k < READER_KINDS) {
    snprintf(m->kind[m->kinds++], sizeof m->kind[0], "%s", name);
  }
  return k;
}

bool reader_map_read(reader_map *m, const char *csv, char why[200]) {
  static const char head[] = "address,bytes,kind,section,bits,items,type,shape,block,role,tensor\n";
  size_t lines = 0;
  uint64_t end = 0;
  memset(m, 0, sizeof *m);
  if (strncmp(csv, head, sizeof head - 1) != 0) {
    snprintf(why, 200, "map: the head is '%.70s'", csv);
    return false;
  }
  for (const char *p = csv; *p != '\0'; p++) {
    lines += *p == '\n';
  }
  m->section = calloc(lines + 1, sizeof *m->section);
  for (const char *p = strchr(csv, '\n') + 1; *p != '\0'; p = strchr(p, '\n') + 1) {
    reader_section *s = &m->section[m->count++];
    char kind[16], section[16], bits[8];
    uint64_t items;
    int n = sscanf(p, "0x%" SCNx64 ",%" SCNu64 ",%15[a-z],%15[a-z],%7[0-9],%" SCNu64 ",",
                   &s->first, &s->bytes, kind, section, bits, &items);
    if (n != 6 || s->bytes != (items * (uint64_t)atoi(bits) + 7) / 8 || s->first < end) {
      snprintf(why, 200, "map, section %zu: %.60s", m->count - 1, p);
      return false;
    }
    s->kind = kind_of(m, kind);
    end = s->first + s->bytes;
  }
  return true;
}

void reader_map_free(reader_map *m) { free(m->section); }

static const reader_section *section_at(const reader_map *m, uint64_t address) {
  size_t low = 0, high = m->count;
  while (low < high) {
    size_t middle = (low + high) / 2;
    if (m->section[middle].first + m->section[middle].bytes <= address) {
      low = middle + 1;
    } else {
      high = middle;
    }
  }
  return low < m->count && m->section[low].first <= address ? &m->section[low] : NULL;
}

/* ---- Scanning ---- */

typedef struct {
  const char *p, *end;
} scanner;

static bool word(scanner *s, const char *text) {
  size_t n = strlen(text);
  if ((size_t)(s->end - s->p) < n || memcmp(s->p, text, n) != 0) {
    return false;
  }
  s->p += n;
  return true;
}

static bool number(scanner *s, unsigned base, uint64_t *value) {
  const char *first = s->p;
  *value = 0;
  for (; s->p < s->end; s->p++) {
    unsigned digit = *s->p >= '0' && *s->p <= '9'   ? (unsigned)(*s->p - '0')
                     : *s->p >= 'a' && *s->p <= 'f' ? (unsigned)(*s->p - 'a') + 10
                                                    : 99;
    if (digit >= base) {
      break;
    }
    *value = *value * base + digit;
  }
  return s->p > first && (*first != '0' || s->p == first + 1);
}

static bool digits(scanner *s, uint64_t count) {
  for (; count > 0; count--, s->p++) {
    if (s->p == s->end || strchr("0123456789abcdef", *s->p) == NULL || *s->p == '\0') {
      return false;
    }
  }
  return true;
}

typedef struct {
  uint64_t cycle, address, length; /* length 0: the format does not tell */
  bool has_cycle, write;
} line;

static bool read_line(const char *format, scanner *s, line *l) {
  uint64_t *a = &l->address;
  if (strcmp(format, "dramsim3") == 0) {
    l->has_cycle = true;
    return word(s, "0x") && number(s, 16, a) &&
           (word(s, " READ ") || (l->write = word(s, " WRITE "))) && number(s, 10, &l->cycle);
  }
  if (strcmp(format, "ramulator1") == 0) {
    return word(s, "0x") && number(s, 16, a) && (word(s, " R") || (l->write = word(s, " W")));
  }
  if (strcmp(format, "ramulator2") == 0) {
    return (word(s, "LD 0x") || (l->write = word(s, "ST 0x"))) && number(s, 16, a);
  }
  l->has_cycle = true; /* stl */
  bool head = number(s, 10, &l->cycle) && word(s, ": (") && number(s, 10, &l->length) &&
              word(s, ") ") && (word(s, "read 0x") || (l->write = word(s, "write 0x"))) &&
              number(s, 16, a);
  if (head && l->write && word(s, " 0x")) {
    return digits(s, 2 * l->length);
  }
  return head;
}

/* ---- Adding up ---- */

static const char *add(const reader_map *m, uint64_t burst, const line *l, reader_totals *t) {
  const reader_section *s = section_at(m, l->address);
  if (s == NULL) {
    return "its address is in no section";
  }
  uint64_t length = burst - l->address % burst, left = s->first + s->bytes - l->address;
  length = length < left ? length : left;
  if (l->length != 0 && l->length != length) {
    return "its length does not reach to the end of the burst or section";
  }
  if (l->has_cycle && l->cycle < t->last_cycle) {
    return "its cycle falls";
  }
  t->last_cycle = l->has_cycle ? l->cycle : 0;
  t->first_cycle = t->accesses == 0 ? l->cycle : t->first_cycle;
  t->accesses++;
  t->bytes[s->kind][l->write] += length;
  t->hash = (t->hash ^ (l->address / burst * 2 + l->write)) * UINT64_C(0x100000001b3);
  return NULL;
}

/* A row of drampower, whose bursts are whole: the command is checked, and its burst hashed. */
static const char *add_drampower(scanner *s, reader_dram *d, uint64_t burst, reader_totals *t) {
  reader_command c = {0};
  if (!number(s, 10, &c.time) || !word(s, ",")) {
    return "no timestamp";
  }
  static const char *const name[] = {"ACT", "PRE", "PREA", "REFA", "RD", "WR", "END"};
  size_t k = 0;
  const char *stop = memchr(s->p, ',', (size_t)(s->end - s->p));
  size_t n = stop == NULL ? 0 : (size_t)(stop - s->p);
  while (k < 7 && (strlen(name[k]) != n || memcmp(name[k], s->p, n) != 0)) {
    k++;
  }
  if (k == 7) {
    return "an unknown command";
  }
  c.command = (reader_dram_command)k;
  s->p += n;
  uint64_t rank;
  if (!word(s, ",") || !number(s, 10, &rank) || rank != 0 || !word(s, ",") ||
      !number(s, 10, &c.group) || !word(s, ",") || !number(s, 10, &c.bank) || !word(s, ",") ||
      !number(s, 10, &c.row) || !word(s, ",") || !number(s, 10, &c.column)) {
    return "not seven fields";
  }
  bool moves = c.command == READER_RD || c.command == READER_WR;
  if (moves && (!word(s, ",") || !digits(s, 2 * burst))) {
    return "no data of a burst";
  }
  const char *wrong = reader_dram_take(d, &c);
  if (wrong == NULL && moves) {
    t->accesses++;
    t->hash = (t->hash ^ (reader_dram_address(d, &c) / burst * 2 + (c.command == READER_WR))) *
              UINT64_C(0x100000001b3);
  }
  return wrong;
}

bool reader_trace(const char *format, const char *text, size_t size, const reader_map *m,
                  uint64_t burst, uint64_t row_bytes, reader_totals *t, char why[200]) {
  bool drampower = strcmp(format, "drampower") == 0;
  scanner s = {text, text + size};
  reader_dram d = reader_dram_start(row_bytes);
  for (size_t number_of = 1; s.p < s.end; number_of++) {
    const char *first = s.p;
    line l = {0};
    const char *wrong = drampower                   ? add_drampower(&s, &d, burst, t)
                        : read_line(format, &s, &l) ? NULL
                                                    : "it is not of the grammar";
    wrong = wrong == NULL && !word(&s, "\n") ? "more than the grammar has" : wrong;
    wrong = wrong == NULL && !drampower ? add(m, burst, &l, t) : wrong;
    if (wrong != NULL) {
      snprintf(why, 200, "%s, line %zu '%.40s': %s", format, number_of, first, wrong);
      return false;
    }
  }
  t->activations = d.activations;
  t->refreshes = d.refreshes;
  t->last_cycle = drampower ? d.last : t->last_cycle;
  if (drampower && !d.ended) {
    snprintf(why, 200, "drampower: no END");
  }
  return !drampower || d.ended;
}

bool reader_scalesim(const char *text, size_t size, const reader_map *m, bool writes,
                     reader_totals *t, char why[200]) {
  scanner s = {text, text + size};
  uint64_t last = 0;
  for (size_t row = 1; s.p < s.end; row++) {
    const char *first = s.p;
    uint64_t cycle, address;
    bool good = number(&s, 10, &cycle) && cycle >= last, none = false;
    while (good && word(&s, ",")) {
      if (word(&s, "-1")) {
        none = true;
        continue;
      }
      const reader_section *at = number(&s, 10, &address) ? section_at(m, address) : NULL;
      good = at != NULL && !none;
      t->bytes[at == NULL ? 0 : at->kind][writes] += good;
    }
    last = cycle;
    if (!good || !word(&s, "\n")) {
      snprintf(why, 200, "scalesim, row %zu '%.60s'", row, first);
      return false;
    }
  }
  return true;
}
