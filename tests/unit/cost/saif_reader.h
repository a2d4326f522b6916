/* A reader of backward SAIF 2.0, written from the grammar of IEEE 1801's annex on switching
 * activity alone: header, instances, nets with simple attributes. */
#ifndef BT_TESTS_COST_SAIF_READER_H
#define BT_TESTS_COST_SAIF_READER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

typedef struct {
  char *path; /* instances and net, "top.gen[0].u.q[1]": escapes taken off */
  uint64_t t0, t1, tx, tc, ig;
} saif_net;

typedef struct {
  char design[60], timescale[20];
  uint64_t duration;
  saif_net *net;
  size_t nets, room;
  char error[160]; /* "" */
} saif_file;

bool saif_read(saif_file *f, const char *text, size_t size);
void saif_free(saif_file *f);
const saif_net *saif_find(const saif_file *f, const char *path);

#endif
