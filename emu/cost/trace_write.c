#include "cost/trace_write.h"

#include <stdlib.h>

#include "cost/trace_values.h"
#include "num/error.h"

#define LEAST_BURST 8u

static const char *const format_name[BT_TRACE_FORMATS] = {"dramsim3", "ramulator2", "ramulator1",
                                                          "stl", "drampower", "scalesim"};

bt_status bt_trace_format_parse(const char *name, bt_trace_format *format, bt_error *error) {
  for (int f = 0; f < BT_TRACE_FORMATS; f++) {
    if (strcmp(name, format_name[f]) == 0) {
      *format = (bt_trace_format)f;
      return BT_OK;
    }
  }
  return bt_fail(error, BT_BAD_INPUT, "format '%s': expected one of dramsim3, ramulator2, "
                 "ramulator1, stl, drampower, scalesim", name);
}

bool bt_trace_format_has_data(bt_trace_format format) {
  return format == BT_TRACE_STL || format == BT_TRACE_DRAMPOWER;
}

unsigned bt_trace_format_files(bt_trace_format format) {
  return format == BT_TRACE_SCALESIM ? BT_TRACE_FILES : 1;
}

const char *bt_trace_format_file(unsigned file) {
  static const char *const name[BT_TRACE_FILES] = {"IFMAP_DRAM_TRACE.csv", "FILTER_DRAM_TRACE.csv",
                                                   "OFMAP_DRAM_TRACE.csv"};
  return name[file];
}

bt_status bt_trace_writer_open(bt_trace_writer *w, bt_trace_format format, bool whole,
                               unsigned burst, const bt_machine *machine,
                               const bt_trace_sink *sink, bt_error *error) {
  size_t row = machine->dram_row_bytes;
  *w = (bt_trace_writer){.format = format, .burst = burst, .whole = whole,
                         .bytes_per_cycle = machine->dram_bytes_per_cycle};
  if (burst < LEAST_BURST || burst > BT_TRACE_MOST_BURST || (burst & (burst - 1)) != 0) {
    return bt_fail(error, BT_BAD_INPUT, "burst of %u bytes: expected a power of two of %u to %u",
                   burst, LEAST_BURST, BT_TRACE_MOST_BURST);
  }
  if (format == BT_TRACE_DRAMPOWER && (row < burst || (row & (row - 1)) != 0)) {
    return bt_fail(error, BT_BAD_INPUT, "machine %s: dram_row_bytes %zu: for drampower expected a "
                   "power of two of at least a burst, %u", machine->name, row, burst);
  }
  w->dram = bt_trace_dram_start(machine, burst);
  w->text = calloc(BT_TRACE_FILES, sizeof *w->text);
  if (w->text == NULL) {
    return bt_fail(error, BT_FAILED, "out of memory for a trace's text");
  }
  for (unsigned i = 0; i < BT_TRACE_FILES; i++) {
    w->text[i].sink = sink;
    w->text[i].file = i;
  }
  return BT_OK;
}

void bt_trace_writer_free(bt_trace_writer *w) {
  free(w->text);
  w->text = NULL;
}

/* "0xADDRESS", then the operation. */
static void put_address_first(bt_trace_text *t, const bt_trace_access *a, const char *operation,
                              size_t length, bool cycle) {
  char *p = bt_trace_word(bt_trace_line(t), "0x", 2);
  p = bt_trace_hex(p, a->address);
  p = bt_trace_word(p, operation, length);
  if (cycle) {
    *p++ = ' ';
    p = bt_trace_decimal(p, a->cycle);
  }
  *p++ = '\n';
  bt_trace_line_end(t, p);
}

static void put_ramulator2(bt_trace_text *t, const bt_trace_access *a) {
  char *p = bt_trace_word(bt_trace_line(t), a->write ? "ST 0x" : "LD 0x", 5);
  p = bt_trace_hex(p, a->address);
  *p++ = '\n';
  bt_trace_line_end(t, p);
}

static void put_stl(bt_trace_text *t, const bt_trace_access *a) {
  uint8_t data[BT_TRACE_MOST_BURST];
  char *p = bt_trace_decimal(bt_trace_line(t), a->cycle);
  p = bt_trace_word(p, ": (", 3);
  p = bt_trace_decimal(p, a->bytes);
  p = a->write ? bt_trace_word(p, ") write 0x", 10) : bt_trace_word(p, ") read 0x", 9);
  p = bt_trace_hex(p, a->address);
  if (a->write && a->values != NULL) {
    bt_trace_values(a->section, a->values, a->address - a->section->first, a->bytes, data);
    p = bt_trace_word(p, " 0x", 3);
    p = bt_trace_bytes(p, data, a->bytes);
  }
  *p++ = '\n';
  bt_trace_line_end(t, p);
}

static void put_drampower(bt_trace_writer *w, const bt_trace_access *a) {
  uint8_t data[BT_TRACE_MOST_BURST];
  uint64_t address = a->address & ~(uint64_t)(w->burst - 1);
  bt_trace_values(a->section, a->values, address - a->section->first, w->burst, data);
  bt_trace_dram_burst(&w->dram, &w->text[0], a->cycle, address, a->write, data, w->burst);
}

/* A row a cycle of the port, an address a byte. */
static void put_scalesim(bt_trace_writer *w, const bt_trace_access *a) {
  bt_trace_text *t = &w->text[a->file];
  uint64_t cycle = a->cycle;
  for (unsigned k = 0; k < a->bytes; cycle++) {
    cycle = cycle > w->last_row[a->file] ? cycle : w->last_row[a->file];
    w->last_row[a->file] = cycle;
    char *p = bt_trace_decimal(bt_trace_line(t), cycle);
    for (uint64_t n = 0; n < w->bytes_per_cycle && n < BT_TRACE_COLUMNS; n++, k++) {
      *p++ = ',';
      p = k < a->bytes ? bt_trace_decimal(p, a->address + k) : bt_trace_word(p, "-1", 2);
    }
    *p++ = '\n';
    bt_trace_line_end(t, p);
  }
}

void bt_trace_writer_put(bt_trace_writer *w, const bt_trace_access *access) {
  bt_trace_access a = *access;
  if (w->whole) {
    a.address &= ~(uint64_t)(w->burst - 1);
    a.bytes = w->burst;
  }
  switch (w->format) {
    case BT_TRACE_DRAMSIM3:
      put_address_first(w->text, &a, a.write ? " WRITE" : " READ", a.write ? 6 : 5, true);
      break;
    case BT_TRACE_RAMULATOR1:
      put_address_first(w->text, &a, a.write ? " W" : " R", 2, false);
      break;
    case BT_TRACE_RAMULATOR2: put_ramulator2(w->text, &a); break;
    case BT_TRACE_STL: put_stl(w->text, &a); break;
    case BT_TRACE_DRAMPOWER: put_drampower(w, &a); break;
    default: put_scalesim(w, &a); break;
  }
}

bt_status bt_trace_writer_close(bt_trace_writer *w, uint64_t cycle, bt_error *error) {
  if (w->format == BT_TRACE_DRAMPOWER) {
    bt_trace_dram_end(&w->dram, &w->text[0], cycle);
  }
  for (unsigned i = 0; i < bt_trace_format_files(w->format); i++) {
    bt_trace_flush(&w->text[i]);
    if (w->text[i].status != BT_OK) {
      return bt_fail(error, w->text[i].status, "%s", w->text[i].error.text);
    }
  }
  return BT_OK;
}
