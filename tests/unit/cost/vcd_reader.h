/* A reader of value change dumps, written from the grammar of IEEE 1364 section 18.2 alone: it
 * knows nothing of who wrote the file. Reals are no part of it. */
#ifndef BT_TESTS_COST_VCD_READER_H
#define BT_TESTS_COST_VCD_READER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

typedef struct {
  uint64_t time;
  char *bits; /* [width] of 0, 1, x, z; the most significant first */
} vcd_change;

/* What an identifier stands for; several variables may share it. */
typedef struct {
  char *code;
  unsigned width;
  vcd_change *change;
  size_t changes, room;
} vcd_signal;

typedef struct {
  char *path;   /* "top.block[0].name": scopes and name, an escape's backslash taken off */
  char *scopes; /* their kinds: "module.begin" */
  char *kind;   /* "wire", "reg", ... */
  char *range;  /* "[7:0]", or "" */
  size_t signal;
} vcd_variable;

typedef struct {
  uint64_t unit_fs; /* of a step of time */
  vcd_variable *variable;
  size_t variables, variable_room;
  vcd_signal *signal;
  size_t signals, signal_room;
  uint64_t end; /* the last time */
  char error[160]; /* "" */
} vcd_file;

/* Reads the text; error says the place of the first fault. Free it in any case. */
bool vcd_read(vcd_file *f, const char *text, size_t size);
bool vcd_load(vcd_file *f, const char *path);
void vcd_free(vcd_file *f);

/* The variable of this path, or of a path that ends in "." and it; NULL. */
const vcd_variable *vcd_find(const vcd_file *f, const char *path);

/* What it is at a time, behind all changes of that time; NULL before its first value. */
const char *vcd_at(const vcd_file *f, const vcd_variable *v, uint64_t time);
/* The same as a number, of up to 64 bits that are all 0 or 1; false otherwise. */
bool vcd_number(const vcd_file *f, const vcd_variable *v, uint64_t time, uint64_t *number);

#endif
