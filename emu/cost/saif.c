#include "cost/saif.h"

#include <stdlib.h>

#include "cost/array_names.h"
#include "cost/clock_scale.h"
#include "num/error.h"

bt_status bt_saif_open(bt_saif *s, const bt_machine *machine, bt_error *error) {
  *s = (bt_saif){.machine = machine};
  bt_status status = bt_clocked_array_open(&s->array, machine, error);
  return status == BT_OK ? bt_bit_counts_open(&s->counts, s->array.size, error) : status;
}

void bt_saif_close(bt_saif *s) {
  bt_clocked_array_close(&s->array);
  bt_bit_counts_close(&s->counts);
}

static void count_edge(void *context, const bt_clocked_array *array, const bt_array_inputs *in) {
  bt_saif *s = context;
  (void)in;
  if (array->worked) {
    bt_bit_counts_add(&s->counts, array->now.bytes, array->before.bytes);
    s->cycles++;
  }
}

static void count_tile(void *context, size_t number) {
  (void)number;
  ((bt_saif *)context)->tiles++;
}

static void run_pass(void *context, const bt_tile_pass *pass) {
  bt_saif *s = context;
  bt_clocked_array_pass(&s->array, pass->len, pass->a, pass->b,
                        &(bt_array_watch){count_edge, s});
}

bt_status bt_saif_contract(bt_saif *s, const bt_command *c, const bt_activity_options *options,
                           bt_error *error) {
  bt_tile_visitor visitor = {count_tile, run_pass, s};
  bt_clocked_array_reset(&s->array);
  bt_status status = bt_tile_passes(s->machine, c, options, NULL, &visitor, error);
  if (status == BT_OK) {
    bt_clocked_array_finish(&s->array, &(bt_array_watch){count_edge, s});
    s->contractions++;
  }
  return status;
}

typedef struct {
  bt_saif *saif;
  bt_trace_text *text;
  bt_clock_scale scale;
  uint64_t duration;
  unsigned depth;
  bool nets; /* a list of them is open */
} writer;

static char *indent(writer *w) {
  char *p = bt_trace_line(w->text);
  for (unsigned i = 0; i < w->depth; i++) {
    p = bt_trace_word(p, "  ", 2);
  }
  return p;
}

static char *word(char *p, const char *text) { return bt_trace_word(p, text, strlen(text)); }

static void line(writer *w, const char *text) {
  bt_trace_line_end(w->text, word(word(indent(w), text), "\n"));
}

/* Brackets are no letters of a name: they are escaped. */
static char *index_of(char *p, size_t index) {
  return index == BT_NO_INDEX ? p : word(bt_trace_decimal(word(p, "\\["), index), "\\]");
}

static void close_nets(writer *w) {
  if (w->nets) {
    w->depth--;
    line(w, ")");
  }
  w->nets = false;
}

static void open_scope(void *context, bt_scope_kind kind, const char *name, size_t index) {
  writer *w = context;
  (void)kind;
  close_nets(w);
  char *p = index_of(word(word(indent(w), "(INSTANCE "), name), index);
  bt_trace_line_end(w->text, word(p, "\n"));
  w->depth++;
}

static void close_scope(void *context) {
  writer *w = context;
  close_nets(w);
  w->depth--;
  line(w, ")");
}

static void no_controls(void *context) { (void)context; }

static char *field(char *p, const char *name, uint64_t n) {
  return word(bt_trace_decimal(word(word(word(p, " ("), name), " "), n), ")");
}

static void net(writer *w, char *p, uint64_t time_of_ones, uint64_t toggles) {
  p = field(p, "T0", w->duration - time_of_ones);
  p = field(p, "T1", time_of_ones);
  p = field(p, "TX", 0);
  p = field(p, "TC", toggles);
  p = field(p, "IG", 0);
  bt_trace_line_end(w->text, word(p, ")\n"));
}

static void open_nets(writer *w) {
  if (!w->nets) {
    line(w, "(NET");
    w->depth++;
  }
  w->nets = true;
}

/* The first byte of a register among the array's bytes, and its bits. */
static size_t place_of(const bt_clocked_array *array, bt_register class, size_t place,
                       unsigned *bits) {
  const bt_array_registers *q = &array->now;
  const void *const first[BT_REG_CLASSES] = {[BT_REG_A] = q->a + place,
                                             [BT_REG_B] = q->b + place,
                                             [BT_REG_ACC] = q->acc + place,
                                             [BT_REG_SKEW_A] = q->skew_a + place,
                                             [BT_REG_SKEW_B] = q->skew_b + place};
  *bits = class == BT_REG_ACC ? (unsigned)array->acc_bits : 8;
  return (size_t)((const uint8_t *)first[class] - q->bytes);
}

_Static_assert(__BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__, "bit b of a sum is in its byte b / 8");

static void data(void *context, bt_register class, size_t place, const char *name, size_t index) {
  writer *w = context;
  unsigned bits;
  size_t byte = place_of(&w->saif->array, class, place, &bits);
  open_nets(w);
  for (unsigned b = 0; b < bits; b++) {
    uint64_t ones = bt_bit_ones(&w->saif->counts, byte + b / 8, b % 8);
    uint64_t toggles = bt_bit_toggles(&w->saif->counts, byte + b / 8, b % 8);
    char *p = index_of(index_of(word(word(indent(w), "("), name), index), b);
    net(w, p, bt_clock_time(&w->scale, 2 * ones), toggles);
  }
}

static void header(writer *w) {
  line(w, "(SAIFILE");
  w->depth++;
  line(w, "(SAIFVERSION \"2.0\")");
  line(w, "(DIRECTION \"backward\")");
  line(w, "(DESIGN \"mac_tile\")");
  line(w, "(PROGRAM_NAME \"bittrue\")");
  line(w, "(DIVIDER / )");
  bt_trace_line_end(w->text, word(word(word(indent(w), "(TIMESCALE "), w->scale.unit), ")\n"));
  bt_trace_line_end(w->text, word(bt_trace_decimal(word(indent(w), "(DURATION "), w->duration),
                                  ")\n"));
}

/* The clock is high for half of each cycle. */
static void clock_net(writer *w) {
  open_nets(w);
  net(w, word(indent(w), "(clk_i"), bt_clock_time(&w->scale, w->saif->cycles),
      2 * w->saif->cycles);
}

bt_status bt_saif_write(bt_saif *s, const bt_trace_sink *sink, bt_error *error) {
  writer w = {.saif = s, .scale = bt_clock_scale_of(s->machine->clock_hz)};
  bt_array_visitor visitor = {open_scope, close_scope, no_controls, data, &w};
  w.duration = s->cycles > UINT64_MAX / 2 ? UINT64_MAX : bt_clock_time(&w.scale, 2 * s->cycles);
  if (w.duration == UINT64_MAX) {
    return bt_fail(error, BT_BAD_INPUT, "%llu cycles of %s are beyond 64 bits",
                   (unsigned long long)s->cycles, w.scale.unit);
  }
  if (s->cycles == 0) {
    return bt_fail(error, BT_BAD_INPUT, "no cycle to count: all products have a zero block");
  }
  w.text = calloc(1, sizeof *w.text);
  if (w.text == NULL) {
    return bt_fail(error, BT_FAILED, "out of memory for a trace");
  }
  w.text->sink = sink;
  header(&w);
  open_scope(&w, BT_SCOPE_MODULE, "mac_tile", BT_NO_INDEX);
  clock_net(&w);
  bt_array_show(s->array.rows, s->array.cols, &visitor);
  close_scope(&w);
  w.depth--;
  line(&w, ")");
  bt_trace_flush(w.text);
  bt_status status = w.text->status;
  if (status != BT_OK) {
    if (error != NULL) {
      *error = w.text->error;
    }
  }
  free(w.text);
  return status;
}
