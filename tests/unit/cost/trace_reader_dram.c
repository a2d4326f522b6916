#include "trace_reader_dram.h"

/* docs/traces.md's table, cycles; tCCD and BL are 4 or more. */
enum {
  T_RCD = 14, T_RP = 14, T_RAS = 32, T_RRD = 5, T_FAW = 24, T_CCD = 4, T_RTP = 8, T_WR = 15,
  T_RL = 14, T_WL = 12, T_WTR = 8, T_BL = 4, T_REFI = 7800, T_RFC = 350
};

reader_dram reader_dram_start(uint64_t row_bytes) { return (reader_dram){.row_bytes = row_bytes}; }

/* At least n cycles after an event, whose time is kept plus one. */
static bool after(uint64_t time, uint64_t event, uint64_t n) {
  return event == 0 || time + 1 >= event + n;
}

static const char *take_act(reader_dram *d, const reader_command *c) {
  if (d->bank[c->bank].open) {
    return "ACT of an open bank: PRE first";
  }
  if (!after(c->time, d->bank[c->bank].pre, T_RP) || !after(c->time, d->refresh, T_RFC)) {
    return "ACT too soon after PRE or REFA";
  }
  if (!after(c->time, d->act[3], T_RRD) || !after(c->time, d->act[0], T_FAW)) {
    return "ACT too soon after others";
  }
  for (int i = 0; i < 3; i++) {
    d->act[i] = d->act[i + 1];
  }
  d->act[3] = d->bank[c->bank].act = c->time + 1;
  d->bank[c->bank].open = true;
  d->bank[c->bank].row = c->row;
  d->activations++;
  return NULL;
}

static bool may_close(const reader_dram *d, uint64_t time, uint64_t b) {
  return after(time, d->bank[b].act, T_RAS) && after(time, d->bank[b].read, T_RTP) &&
         after(time, d->bank[b].write, T_WL + T_BL + T_WR);
}

static const char *take_pre(reader_dram *d, const reader_command *c) {
  if (!d->bank[c->bank].open || !may_close(d, c->time, c->bank)) {
    return "PRE of a closed bank, or too soon";
  }
  d->bank[c->bank].open = false;
  d->bank[c->bank].pre = c->time + 1;
  return NULL;
}

static const char *take_prea(reader_dram *d, const reader_command *c) {
  for (uint64_t b = 0; b < 16; b++) {
    if (d->bank[b].open && !may_close(d, c->time, b)) {
      return "PREA too soon";
    }
    d->bank[b].pre = d->bank[b].open ? c->time + 1 : d->bank[b].pre;
    d->bank[b].open = false;
  }
  return NULL;
}

static const char *take_refa(reader_dram *d, const reader_command *c) {
  for (uint64_t b = 0; b < 16; b++) {
    if (d->bank[b].open || !after(c->time, d->bank[b].pre, T_RP)) {
      return "REFA with a bank that is open or was just closed";
    }
  }
  if (c->time < (d->refreshes + 1) * T_REFI || !after(c->time, d->refresh, T_RFC)) {
    return "REFA too soon";
  }
  d->refresh = c->time + 1;
  d->refreshes++;
  return NULL;
}

static const char *take_column(reader_dram *d, const reader_command *c) {
  bool write = c->command == READER_WR;
  if (!d->bank[c->bank].open || d->bank[c->bank].row != c->row) {
    return "RD or WR of a row that is not open";
  }
  if (!after(c->time, d->bank[c->bank].act, T_RCD)) {
    return "RD or WR too soon after ACT";
  }
  if (!after(c->time, write ? d->write : d->read, T_CCD) ||
      !after(c->time, write ? d->read : d->write,
             write ? T_RL + T_BL + 2 - T_WL : T_WL + T_BL + T_WTR)) {
    return "RD or WR too soon after another";
  }
  if (write) {
    d->write = d->bank[c->bank].write = c->time + 1;
  } else {
    d->read = d->bank[c->bank].read = c->time + 1;
  }
  return NULL;
}

const char *reader_dram_take(reader_dram *d, const reader_command *c) {
  if (d->ended) {
    return "a row behind END";
  }
  if (d->any && (c->time < d->last || (c->time == d->last && c->command != READER_END))) {
    return "its timestamp does not rise";
  }
  if (c->bank > 15 || c->group != c->bank / 4 || c->column * 8 >= d->row_bytes) {
    return "a bank, bank group or column that is not there";
  }
  d->any = true;
  d->last = c->time;
  switch (c->command) {
    case READER_ACT: return take_act(d, c);
    case READER_PRE: return take_pre(d, c);
    case READER_PREA: return take_prea(d, c);
    case READER_REFA: return take_refa(d, c);
    case READER_RD:
    case READER_WR: return take_column(d, c);
    default: d->ended = true; return NULL;
  }
}

uint64_t reader_dram_address(const reader_dram *d, const reader_command *c) {
  return (c->row * 16 + c->bank) * d->row_bytes + c->column * 8;
}
