#include "cost/vcd.h"

#include <stdlib.h>

#include "cost/array_names.h"
#include "cost/clock_scale.h"
#include "cost/clocked_array.h"
#include "num/error.h"

/* Of up to 64 bits; a_i and b_i, which are wider, follow them, then the registers of data. */
typedef enum {
  CLK, RST, START, LEN, BUSY, READY, DONE, CYCLES, /* ports of mac_tile */
  STATE, LEFT, CYCLES_Q, COMPUTE, DRAIN, ROW,      /* in mac_array */
  CONTROLS
} control;
enum { A_PORT = CONTROLS, B_PORT, FIRST_DATA };

static const struct {
  const char *name, *kind;
  unsigned bits;
} known[CONTROLS] = {
    [CLK] = {"clk_i", "wire", 1},       [RST] = {"rst_ni", "wire", 1},
    [START] = {"start_i", "wire", 1},   [LEN] = {"len_i", "wire", 32},
    [BUSY] = {"busy_o", "wire", 1},     [READY] = {"ready_o", "wire", 1},
    [DONE] = {"done_o", "wire", 1},     [CYCLES] = {"cycles_o", "wire", 32},
    [STATE] = {"state_q", "reg", 2},    [LEFT] = {"left_q", "reg", 32},
    [CYCLES_Q] = {"cycles_q", "reg", 32}, [COMPUTE] = {"compute", "wire", 1},
    [DRAIN] = {"drain_o", "wire", 1},   [ROW] = {"row_o", "wire", 8}};

typedef struct {
  bt_trace_text *text;
  bt_clock_scale scale;
  bt_clocked_array array;
  uint64_t cycles;            /* shown so far */
  uint64_t value[CONTROLS];   /* as shown */
  int8_t *a, *b, *zeros;      /* the ports as shown; [rows or cols] zeros */
} writer;

static char *word(char *p, const char *text) { return bt_trace_word(p, text, strlen(text)); }

/* Identifiers count in digits of base 94, '!' the zero, the least digit first. */
static char *identifier(char *p, size_t n) {
  do {
    *p++ = (char)('!' + n % 94);
    n /= 94;
  } while (n > 0);
  return p;
}

static void variable(writer *w, const char *kind, size_t bits, size_t id, const char *name,
                     size_t index) {
  char *p = word(word(word(bt_trace_line(w->text), "$var "), kind), " ");
  p = word(identifier(word(bt_trace_decimal(p, bits), " "), id), " ");
  p = word(p, name);
  if (index != BT_NO_INDEX) {
    p = word(bt_trace_decimal(word(p, "["), index), "]");
  }
  if (bits > 1) {
    p = word(bt_trace_decimal(word(p, " ["), bits - 1), ":0]");
  }
  bt_trace_line_end(w->text, word(p, " $end\n"));
}

static void declare(writer *w, control first, control last) {
  for (control i = first; i <= last; i++) {
    variable(w, known[i].kind, known[i].bits, i, known[i].name, BT_NO_INDEX);
  }
}

static void open_scope(void *context, bt_scope_kind kind, const char *name, size_t index) {
  writer *w = context;
  char *p = word(bt_trace_line(w->text), "$scope ");
  p = word(word(p, kind == BT_SCOPE_MODULE ? "module " : "begin "), name);
  if (index != BT_NO_INDEX) {
    p = word(bt_trace_decimal(word(p, "["), index), "]");
  }
  bt_trace_line_end(w->text, word(p, " $end\n"));
}

static void line(writer *w, const char *text) {
  bt_trace_line_end(w->text, word(bt_trace_line(w->text), text));
}

static void close_scope(void *context) { line(context, "$upscope $end\n"); }

static void declare_controls(void *context) { declare(context, STATE, ROW); }

/* Delay lines first, then three registers a PE. */
static size_t id_of(const bt_clocked_array *array, bt_register class, size_t place) {
  size_t lines_a = bt_skew_stages(array->rows), lines_b = bt_skew_stages(array->cols);
  if (class == BT_REG_SKEW_A || class == BT_REG_SKEW_B) {
    return FIRST_DATA + (class == BT_REG_SKEW_A ? 0 : lines_a) + place;
  }
  return FIRST_DATA + lines_a + lines_b + 3 * place +
         (class == BT_REG_A ? 0 : class == BT_REG_B ? 1 : 2);
}

static void declare_data(void *context, bt_register class, size_t place, const char *name,
                         size_t index) {
  writer *w = context;
  variable(w, "reg", class == BT_REG_ACC ? (size_t)w->array.acc_bits : 8,
           id_of(&w->array, class, place), name, index);
}

/* A name in a comment: nothing in it closes the comment. */
static char *harmless(char *p, const char *text) {
  for (size_t i = 0; text[i] != '\0' && i < 200; i++) {
    *p++ = text[i] == '$' || text[i] < ' ' ? '_' : text[i];
  }
  return p;
}

static void header(writer *w, const bt_machine *machine, const bt_command *c, size_t tile) {
  bt_array_visitor visitor = {open_scope, close_scope, declare_controls, declare_data, w};
  line(w, "$version bittrue $end\n");
  char *p = harmless(word(bt_trace_line(w->text), "$comment "), c->label.text);
  p = bt_trace_decimal(word(p, ", tile "), tile);
  p = bt_trace_decimal(word(p, " of 0-"), bt_tile_count(machine, c) - 1);
  p = harmless(word(p, ", machine "), machine->name);
  bt_trace_line_end(w->text, word(p, " $end\n"));
  p = word(word(bt_trace_line(w->text), "$timescale "), w->scale.unit);
  bt_trace_line_end(w->text, word(p, " $end\n"));
  open_scope(w, BT_SCOPE_MODULE, "mac_tile", BT_NO_INDEX);
  declare(w, CLK, CYCLES);
  variable(w, "wire", 8 * w->array.rows, A_PORT, "a_i", BT_NO_INDEX);
  variable(w, "wire", 8 * w->array.cols, B_PORT, "b_i", BT_NO_INDEX);
  bt_array_show(w->array.rows, w->array.cols, &visitor);
  close_scope(w);
  line(w, "$enddefinitions $end\n");
}

/* A vector without leading zeros, which a reader fills in again. */
static char *binary(char *p, uint64_t value) {
  unsigned bits = value == 0 ? 1 : 64 - (unsigned)__builtin_clzll(value);
  for (unsigned i = bits; i-- > 0;) {
    *p++ = (char)('0' + (value >> i & 1));
  }
  return p;
}

static void put(writer *w, size_t id, unsigned bits, uint64_t value) {
  char *p = bt_trace_line(w->text);
  p = bits == 1 ? binary(p, value) : word(binary(word(p, "b"), value), " ");
  bt_trace_line_end(w->text, word(identifier(p, id), "\n"));
}

static void change(writer *w, control i, uint64_t value) {
  if (w->value[i] != value) {
    put(w, i, known[i].bits, value);
    w->value[i] = value;
  }
}

static void put_port(writer *w, size_t id, const int8_t *bytes, size_t n) {
  line(w, "b");
  for (size_t i = n; i-- > 0;) {
    char *p = bt_trace_line(w->text);
    for (unsigned b = 8; b-- > 0;) {
      *p++ = (char)('0' + ((uint8_t)bytes[i] >> b & 1));
    }
    bt_trace_line_end(w->text, p);
  }
  bt_trace_line_end(w->text, word(identifier(word(bt_trace_line(w->text), " "), id), "\n"));
}

static void change_port(writer *w, size_t id, int8_t *shown, const int8_t *bytes, size_t n) {
  bytes = bytes == NULL ? w->zeros : bytes;
  if (memcmp(shown, bytes, n) != 0) {
    put_port(w, id, bytes, n);
    memcpy(shown, bytes, n);
  }
}

static void time_of(writer *w, uint64_t halves) {
  char *p = bt_trace_decimal(word(bt_trace_line(w->text), "#"), bt_clock_time(&w->scale, halves));
  bt_trace_line_end(w->text, word(p, "\n"));
}

static void change_bytes(writer *w, bt_register class, const int8_t *now, const int8_t *before,
                         size_t n) {
  for (size_t i = 0; i < n; i++) {
    if (now[i] != before[i]) {
      put(w, id_of(&w->array, class, i), 8, (uint8_t)now[i]);
    }
  }
}

static void change_data(writer *w) {
  const bt_clocked_array *array = &w->array;
  const bt_array_registers *d = &array->now, *q = &array->before;
  size_t pes = array->rows * array->cols;
  uint32_t mask = UINT32_MAX >> (32 - array->acc_bits);
  change_bytes(w, BT_REG_SKEW_A, d->skew_a, q->skew_a, bt_skew_stages(array->rows));
  change_bytes(w, BT_REG_SKEW_B, d->skew_b, q->skew_b, bt_skew_stages(array->cols));
  change_bytes(w, BT_REG_A, d->a, q->a, pes);
  change_bytes(w, BT_REG_B, d->b, q->b, pes);
  for (size_t i = 0; i < pes; i++) {
    if (((uint32_t)(d->acc[i] ^ q->acc[i]) & mask) != 0) {
      put(w, id_of(array, BT_REG_ACC, i), 32, (uint32_t)d->acc[i] & mask);
    }
  }
}

static void change_controls(writer *w) {
  const bt_clocked_array *array = &w->array;
  change(w, BUSY, array->state != BT_ARRAY_IDLE);
  change(w, READY, array->state == BT_ARRAY_FEED);
  change(w, DONE, bt_clocked_array_done(array));
  change(w, CYCLES, array->cycles);
  change(w, STATE, array->state);
  change(w, LEFT, array->left);
  change(w, CYCLES_Q, array->cycles);
  change(w, COMPUTE, bt_clocked_array_computes(array));
  change(w, DRAIN, bt_clocked_array_drains(array));
  change(w, ROW, array->left & 0xff);
}

/* A cycle: inputs change as the clock falls, registers as it rises in its middle. */
static void show_cycle(void *context, const bt_clocked_array *array, const bt_array_inputs *in) {
  writer *w = context;
  time_of(w, 2 * w->cycles);
  change(w, CLK, 0);
  change(w, RST, 1);
  change(w, START, in->start);
  change(w, LEN, in->start ? in->len : w->value[LEN]);
  change_port(w, A_PORT, w->a, in->a, array->rows);
  change_port(w, B_PORT, w->b, in->b, array->cols);
  time_of(w, 2 * w->cycles + 1);
  change(w, CLK, 1);
  change_controls(w);
  change_data(w);
  w->cycles++;
}

/* Everything is zero, rst_ni too. */
static void show_reset(writer *w) {
  size_t pes = w->array.rows * w->array.cols;
  size_t last = id_of(&w->array, BT_REG_ACC, pes - 1);
  time_of(w, 0);
  line(w, "$dumpvars\n");
  for (size_t id = 0; id <= last; id++) {
    put(w, id, id < CONTROLS ? known[id].bits : 8, 0);
  }
  line(w, "$end\n");
  time_of(w, 1);
  change(w, CLK, 1);
  w->cycles = 1;
}

static void show_pass(void *context, const bt_tile_pass *pass) {
  writer *w = context;
  bt_clocked_array_pass(&w->array, pass->len, pass->a, pass->b, &(bt_array_watch){show_cycle, w});
}

static bt_status open_writer(writer *w, const bt_machine *machine, const bt_trace_sink *sink,
                             bt_error *error) {
  size_t most = machine->rows > machine->cols ? machine->rows : machine->cols;
  w->text = calloc(1, sizeof *w->text);
  w->a = calloc(3, most);
  if (w->text == NULL || w->a == NULL) {
    return bt_fail(error, BT_FAILED, "out of memory for a trace");
  }
  w->text->sink = sink;
  w->b = w->a + most;
  w->zeros = w->b + most;
  return bt_clocked_array_open(&w->array, machine, error);
}

static bt_status close_writer(writer *w, bt_status s, bt_error *error) {
  if (s == BT_OK && w->text->status != BT_OK) {
    s = w->text->status;
    if (error != NULL) {
      *error = w->text->error;
    }
  }
  bt_clocked_array_close(&w->array);
  free(w->text);
  free(w->a);
  return s;
}

bt_status bt_vcd_tile(const bt_machine *machine, const bt_command *c, size_t tile,
                      const bt_trace_sink *sink, uint64_t *cycles, bt_error *error) {
  writer w = {.scale = bt_clock_scale_of(machine->clock_hz)};
  bt_tile_visitor visitor = {NULL, show_pass, &w};
  bt_array_watch watch = {show_cycle, &w};
  bt_status s = open_writer(&w, machine, sink, error);
  if (s == BT_OK) {
    header(&w, machine, c, tile);
    show_reset(&w);
    s = bt_tile_passes(machine, c, &(bt_activity_options){0}, &tile, &visitor, error);
  }
  if (s == BT_OK) {
    bt_clocked_array_finish(&w.array, &watch);
    bt_array_inputs idle = {0};
    bt_clocked_array_edge(&w.array, &idle);
    show_cycle(&w, &w.array, &idle);
    time_of(&w, 2 * w.cycles);
    change(&w, CLK, 0);
    bt_trace_flush(w.text);
    *cycles = w.cycles;
  }
  if (s == BT_OK && bt_clock_time(&w.scale, 2 * w.cycles) == UINT64_MAX) {
    s = bt_fail(error, BT_BAD_INPUT, "%s: %llu cycles in steps of %s are beyond 64 bits",
                c->label.text, (unsigned long long)w.cycles, w.scale.unit);
  }
  return close_writer(&w, s, error);
}
