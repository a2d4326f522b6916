#include "cmd/statistics.h"

#include <stdlib.h>
#include <string.h>

bool bt_statistics_alloc(bt_statistics *s, size_t channels) {
  *s = (bt_statistics){.channels = channels};
  s->first = calloc(channels + 1, sizeof *s->first);
  s->second = calloc(channels + 1, sizeof *s->second);
  if (s->first == NULL || s->second == NULL) {
    return false;
  }
  bt_statistics_reset(s);
  return true;
}

void bt_statistics_reset(bt_statistics *s) {
  memset(s->first, 0, s->channels * sizeof *s->first);
  memset(s->second, 0, s->channels * sizeof *s->second);
  s->first_step = s->second_step = BT_EMIN_NONE;
  s->rows = 0;
}

void bt_statistics_copy(bt_statistics *to, const bt_statistics *from) {
  memcpy(to->first, from->first, from->channels * sizeof *from->first);
  memcpy(to->second, from->second, from->channels * sizeof *from->second);
  to->first_step = from->first_step;
  to->second_step = from->second_step;
  to->rows = from->rows;
}

bool bt_statistics_equal(const bt_statistics *a, const bt_statistics *b) {
  return a->channels == b->channels && a->rows == b->rows && a->first_step == b->first_step &&
         a->second_step == b->second_step &&
         memcmp(a->first, b->first, a->channels * sizeof *a->first) == 0 &&
         memcmp(a->second, b->second, a->channels * sizeof *a->second) == 0;
}

const bt_statistics *bt_command_statistics(const bt_command *c) {
  switch (c->op) {
    case BT_OP_NORM:
      return c->u.norm.statistics;
    case BT_OP_STATISTICS:
      return c->u.statistics.statistics;
    default:
      return NULL;
  }
}

void bt_statistics_free(bt_statistics *s) {
  free(s->first);
  free(s->second);
  s->first = s->second = NULL;
}
