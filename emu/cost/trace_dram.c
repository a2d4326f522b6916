#include "cost/trace_dram.h"

static uint64_t later(uint64_t a, uint64_t b) { return a > b ? a : b; }

bt_trace_dram bt_trace_dram_start(const bt_machine *machine, unsigned burst) {
  uint64_t bl = (burst + machine->dram_bytes_per_cycle - 1) / machine->dram_bytes_per_cycle;
  bt_trace_dram d = {.row_bytes = machine->dram_row_bytes};
  d.t = (bt_trace_timing){.rcd = 14, .rp = 14, .ras = 32, .rrd = 5, .faw = 24,
                          .ccd = later(4, bl), .rtp = 8, .wr = 15, .rl = 14, .wl = 12, .wtr = 8,
                          .bl = later(4, bl), .refi = 7800, .rfc = 350};
  d.refresh = d.t.refi;
  return d;
}

/* A row of the file up to its column: timestamp, command, rank, bank group, bank, row, column. The
 * bank's number counts all banks of the rank. */
static char *row_of(char *p, uint64_t time, const char *command, unsigned bank, uint64_t row,
                    uint64_t column) {
  p = bt_trace_decimal(p, time);
  *p++ = ',';
  p = bt_trace_word(p, command, strlen(command));
  p = bt_trace_word(p, ",0,", 3);
  p = bt_trace_decimal(p, bank / BT_TRACE_GROUP_BANKS);
  *p++ = ',';
  p = bt_trace_decimal(p, bank);
  *p++ = ',';
  p = bt_trace_decimal(p, row);
  *p++ = ',';
  return bt_trace_decimal(p, column);
}

/* A command without data, which takes the bus for a cycle. */
static void issue(bt_trace_dram *d, bt_trace_text *text, uint64_t time, const char *command,
                  unsigned bank, uint64_t row) {
  char *p = row_of(bt_trace_line(text), time, command, bank, row, 0);
  *p++ = '\n';
  bt_trace_line_end(text, p);
  d->ready = time + 1;
}

/* All banks are closed and refreshed; each closed bank's next ACT waits tRFC. */
static void refresh(bt_trace_dram *d, bt_trace_text *text) {
  uint64_t time = later(d->ready, d->refresh), closed = 0;
  bool any = false;
  for (unsigned b = 0; b < BT_TRACE_BANKS; b++) {
    any = any || d->bank[b].open;
    time = d->bank[b].open ? later(time, d->bank[b].pre) : time;
    closed = d->bank[b].open ? closed : later(closed, d->bank[b].act);
  }
  if (any) {
    issue(d, text, time, "PREA", 0, 0);
    closed = later(closed, time + d->t.rp);
  }
  time = later(later(d->ready, d->refresh), closed);
  issue(d, text, time, "REFA", 0, 0);
  for (unsigned b = 0; b < BT_TRACE_BANKS; b++) {
    d->bank[b].open = false;
    d->bank[b].act = time + d->t.rfc;
  }
  d->refresh += d->t.refi;
}

static void precharge(bt_trace_dram *d, bt_trace_text *text, uint64_t cycle, unsigned bank) {
  uint64_t time = later(later(cycle, d->ready), d->bank[bank].pre);
  issue(d, text, time, "PRE", bank, d->bank[bank].row);
  d->bank[bank].open = false;
  d->bank[bank].act = time + d->t.rp;
}

static void activate(bt_trace_dram *d, bt_trace_text *text, uint64_t cycle, unsigned bank,
                     uint64_t row) {
  uint64_t time = later(later(cycle, d->ready), later(d->bank[bank].act, d->act_ready));
  if (d->acts_seen >= 4) {
    time = later(time, d->acts[d->acts_seen % 4] + d->t.faw);
  }
  issue(d, text, time, "ACT", bank, row);
  d->acts[d->acts_seen++ % 4] = time;
  d->act_ready = time + d->t.rrd;
  d->bank[bank].open = true;
  d->bank[bank].row = row;
  d->bank[bank].read_or_write = time + d->t.rcd;
  d->bank[bank].pre = time + d->t.ras;
}

/* What a read or write at `time` keeps from others: the data lines and its own row's end. */
static void occupy(bt_trace_dram *d, uint64_t time, unsigned bank, bool write) {
  const bt_trace_timing *t = &d->t;
  uint64_t turn = write ? t->wl + t->bl + t->wtr : t->rl + t->bl + 2 - t->wl;
  uint64_t end = time + (write ? t->wl + t->bl + t->wr : t->rtp);
  d->column_ready[write] = time + t->ccd;
  d->column_ready[!write] = time + turn;
  d->bank[bank].pre = later(d->bank[bank].pre, end);
}

void bt_trace_dram_burst(bt_trace_dram *d, bt_trace_text *text, uint64_t cycle, uint64_t address,
                         bool write, const uint8_t *data, size_t size) {
  uint64_t page = address / d->row_bytes, row = page / BT_TRACE_BANKS;
  unsigned bank = (unsigned)(page % BT_TRACE_BANKS);
  while (d->refresh <= later(cycle, d->ready)) {
    refresh(d, text);
  }
  if (d->bank[bank].open && d->bank[bank].row != row) {
    precharge(d, text, cycle, bank);
  }
  if (!d->bank[bank].open) {
    activate(d, text, cycle, bank, row);
  }
  uint64_t time = later(later(cycle, d->ready),
                        later(d->bank[bank].read_or_write, d->column_ready[write]));
  char *p = row_of(bt_trace_line(text), time, write ? "WR" : "RD", bank, row,
                   address % d->row_bytes / BT_TRACE_COLUMN_BYTES);
  *p++ = ',';
  p = bt_trace_bytes(p, data, size);
  *p++ = '\n';
  bt_trace_line_end(text, p);
  d->ready = time + 1;
  occupy(d, time, bank, write);
}

void bt_trace_dram_end(bt_trace_dram *d, bt_trace_text *text, uint64_t cycle) {
  uint64_t time = later(cycle, d->ready);
  for (unsigned k = 0; k < 2; k++) {
    time = later(time, d->column_ready[k]);
  }
  for (unsigned b = 0; b < BT_TRACE_BANKS; b++) {
    time = later(time, later(d->bank[b].act, d->bank[b].pre));
  }
  issue(d, text, time, "END", 0, 0);
}
