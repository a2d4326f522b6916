/* SCALE-Sim's two input files, good and bad (docs/scalesim.md 2).
 * Alone: ctest -R test_cost_scalesim_read */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <cmocka.h>

#include "cost/scalesim_config.h"
#include "cost/scalesim_topology.h"

#define BOM "\xef\xbb\xbf"
#define HEAD "Layer name, IFMAP Height, IFMAP Width, Filter Height, Filter Width, Channels, " \
             "Num Filter, Strides,\n"
#define A_HEADER "expected a header, 'Layer name, IFMAP Height, ...' or 'Layer, M, N, K,'"
#define CONV_FIELDS "expected 8: layer name, IFMAP height and width, filter height and width, " \
                    "channels, filters, stride (and a stride of the width, or a sparsity N:M)"
#define CFG \
  "[general]\nrun_name = example\n[architecture_presets]\nArrayHeight: 32\narraywidth = 16\n" \
  "IfmapSramSzkB: 64\nFilterSramSzkB: 65\nOfmapSramSzkB: 66\nDataflow : is\n"
#define CALC "[run_presets]\nInterfaceBandwidth: CALC\n"

/* Writes the text to a file of this process, whose name is always "scalesim_read.NUMBER". */
static char *written(const char *text) {
  static char path[64];
  snprintf(path, sizeof path, "scalesim_read.%ld", (long)getpid());
  FILE *f = fopen(path, "w");
  assert_non_null(f);
  fputs(text, f);
  assert_int_equal(fclose(f), 0);
  return path;
}

/* What was noted, without the path; the status and the error likewise. */
typedef struct {
  char notes[1024], error[512];
  bt_status status;
} said;

static void strip(char *to, size_t size, const char *text, const char *path) {
  size_t n = 0;
  while (*text != '\0' && n + 1 < size) {
    if (strncmp(text, path, strlen(path)) == 0) {
      text += strlen(path);
    } else {
      to[n++] = *text++;
    }
  }
  to[n] = '\0';
}

static said keep(const char *path, bt_status status, const char *notes, const bt_error *error) {
  said s = {.status = status};
  strip(s.notes, sizeof s.notes, notes, path);
  strip(s.error, sizeof s.error, status == BT_OK ? "" : error->text, path);
  unlink(path);
  return s;
}

static said read_config(const char *text, bt_scalesim_config *c) {
  char *path = written(text), notes[1024] = "";
  FILE *to = fmemopen(notes, sizeof notes, "w");
  bt_error error;
  bt_status status = bt_scalesim_config_load(path, c, to, &error);
  fclose(to);
  return keep(path, status, notes, &error);
}

static said read_topology(const char *text, bt_scalesim_kind kind, bt_scalesim_topology *t) {
  char *path = written(text), notes[1024] = "";
  FILE *to = fmemopen(notes, sizeof notes, "w");
  bt_error error;
  bt_status status = bt_scalesim_topology_load(path, kind, t, to, &error);
  fclose(to);
  return keep(path, status, notes, &error);
}

static void refuse_config(const char *text, const char *want) {
  bt_scalesim_config c;
  said s = read_config(text, &c);
  assert_string_equal(s.error, want);
  assert_int_equal(s.status, BT_BAD_INPUT);
}

static void refuse_topology(const char *text, const char *want) {
  bt_scalesim_topology t;
  said s = read_topology(text, BT_SCALESIM_BY_HEADER, &t);
  assert_string_equal(s.error, want);
  assert_int_equal(s.status, BT_BAD_INPUT);
  assert_null(t.layer);
}

static void test_config(void **state) {
  (void)state;
  bt_scalesim_config c;
  said s = read_config(CFG CALC, &c);
  assert_string_equal(s.error, "");
  assert_string_equal(s.notes, "");
  assert_string_equal(c.run_name, "example");
  assert_int_equal(c.rows, 32);
  assert_int_equal(c.cols, 16);
  assert_int_equal(c.ifmap_kb, 64);
  assert_int_equal(c.filter_kb, 65);
  assert_int_equal(c.ofmap_kb, 66);
  assert_int_equal(c.dataflow, BT_DATAFLOW_IS);
  assert_int_equal(c.offset[1], 10000000);
  assert_int_equal(c.offset[2], 20000000);
}

/* What version 3 adds, comments, carriage returns, a byte order mark, an unknown key. */
static void test_config_extras(void **state) {
  (void)state;
  bt_scalesim_config c;
  said s = read_config(BOM "; made by hand\r\n" CFG "Bandwidth : 10,20\nMemoryBanks: 1\n"
                       "ReadRequestBuffer: 32\nWriteRequestBuffer: 32\nIfmapOffset: 7\nColour: 1\n"
                       "[layout]\nIfmapCustomLayout: False\nIfmapSRAMBankNum: 10\n"
                       "[sparsity]\nSparsitySupport : false\nSparseRep : ellpack_block\n"
                       "    and a continued line\n" CALC "UseRamulatorTrace: False\n  # the end\n",
                       &c);
  assert_string_equal(s.error, "");
  assert_string_equal(s.notes, ":1: a byte order mark, skipped\n"
                               ":16: key Colour of [architecture_presets] is not known, "
                               "passed over\n");
  assert_int_equal(c.offset[0], 7);
  assert_int_equal(c.rows, 32);
}

static void test_config_refused(void **state) {
  (void)state;
  const char *wide = CFG "ArrayWidth: 8\n" CALC;
  refuse_config(CFG, ": missing key InterfaceBandwidth of [run_presets]");
  refuse_config("[architecture_presets]\nArrayHeight: 32\n" CALC,
                ": missing key ArrayWidth of [architecture_presets]");
  refuse_config(wide, ":10: key ArrayWidth: expected once, it is in line 5 already");
  refuse_config("[architecture_presets]\nArrayHeight: 0\n",
                ":2: ArrayHeight '0': expected a whole number in 1..65536");
  refuse_config("[architecture_presets]\nIfmapSramSzkB: 6.5\n",
                ":2: IfmapSramSzkB '6.5': expected a whole number in 1..1048576");
  refuse_config("[architecture_presets]\nArrayWidth:\n",
                ":2: ArrayWidth '': expected a whole number in 1..65536");
  refuse_config("[architecture_presets]\nDataflow: rs\n",
                ":2: Dataflow 'rs': expected os, ws or is");
  refuse_config(CFG "[run_presets]\nInterfaceBandwidth: USER\n",
                ":11: InterfaceBandwidth 'USER': expected CALC; stalls on a given bandwidth (USER) "
                "are not modelled");
  refuse_config(CFG CALC "UseRamulatorTrace: True\n",
                ":12: UseRamulatorTrace 'True': expected False: Ramulator's latencies are not "
                "read");
  refuse_config(CFG CALC "[sparsity]\nSparsitySupport: true\n",
                ":13: SparsitySupport 'true': expected false: sparsity is not modelled");
  refuse_config("ArrayHeight: 32\n",
                ":1: 'ArrayHeight: 32': expected key = value under a [section]");
  refuse_config("[general\n", ":1: '[general': expected a section, [name]");
  refuse_config("[architecture_presets]\nArrayHeight: 3\n  2\n",
                ":3: an indented line continues the value of ArrayHeight: expected a key");
}

static void test_conv(void **state) {
  (void)state;
  bt_scalesim_topology t;
  said s = read_topology(HEAD "Conv1,  224, 225,    11, 12,    3,      96,     4,\n\n"
                         "Two, 8,8, 3,3, 2, 5, 1, 2,\nSparse, 8,8, 3,3, 2, 5, 1, 2:2,\n",
                         BT_SCALESIM_BY_HEADER, &t);
  assert_string_equal(s.error, "");
  assert_string_equal(s.notes, "");
  assert_int_equal(t.count, 3);
  assert_false(t.gemm);
  assert_string_equal(t.layer[0].name, "Conv1");
  assert_int_equal(t.layer[0].ifmap_height, 224);
  assert_int_equal(t.layer[0].ifmap_width, 225);
  assert_int_equal(t.layer[0].filter_height, 11);
  assert_int_equal(t.layer[0].filter_width, 12);
  assert_int_equal(t.layer[0].channels, 3);
  assert_int_equal(t.layer[0].filters, 96);
  assert_int_equal(t.layer[0].stride_height, 4);
  assert_int_equal(t.layer[0].stride_width, 4);
  assert_int_equal(t.layer[1].stride_height, 1);
  assert_int_equal(t.layer[1].stride_width, 2);
  assert_int_equal(t.layer[2].stride_width, 1);
  bt_scalesim_topology_free(&t);
}

/* A byte order mark, carriage returns, rows without the last comma. */
static void test_quirks(void **state) {
  (void)state;
  bt_scalesim_topology t;
  said s = read_topology(BOM "Layer, M, N, K,\r\nL0,196,192,384,\r\nL1,1,2,3\r\nL2,4,5,6,2:4",
                         BT_SCALESIM_BY_HEADER, &t);
  assert_string_equal(s.error, "");
  assert_string_equal(s.notes,
                      ":1: a byte order mark, skipped\n"
                      ":3: no comma at the end of the row, read as if there were one\n"
                      ":4: no comma at the end of the row, read as if there were one\n"
                      ":4: sparsity 2:4 is not modelled, the layer counts as dense\n");
  assert_true(t.gemm);
  assert_int_equal(t.count, 3);
  /* M x K times K x N: an image of M rows and K columns, N filters of 1 x K */
  assert_int_equal(t.layer[1].ifmap_height, 1);
  assert_int_equal(t.layer[1].ifmap_width, 3);
  assert_int_equal(t.layer[1].filter_height, 1);
  assert_int_equal(t.layer[1].filter_width, 3);
  assert_int_equal(t.layer[1].channels, 1);
  assert_int_equal(t.layer[1].filters, 2);
  bt_scalesim_topology_free(&t);
}

/* SCALE-Sim makes a layer a channel of it, each with all filters. */
static void test_depthwise(void **state) {
  (void)state;
  bt_scalesim_topology t;
  said s = read_topology(HEAD "DP1, 8,8, 3,3, 2, 5, 1,\nLast, 4,4, 1,1, 2, 1, 1,\n",
                         BT_SCALESIM_BY_HEADER, &t);
  assert_string_equal(s.error, "");
  assert_int_equal(t.count, 3);
  assert_string_equal(t.layer[0].name, "DP1Channel_0");
  assert_string_equal(t.layer[1].name, "DP1Channel_1");
  assert_int_equal(t.layer[1].channels, 1);
  assert_int_equal(t.layer[1].filters, 5);
  assert_string_equal(t.layer[2].name, "Last");
  bt_scalesim_topology_free(&t);
}

/* A header that tells nothing. */
static void test_kind_given(void **state) {
  (void)state;
  bt_scalesim_topology t;
  const char *text = "name, a, b, c,\nL0,1,2,3,\n";
  refuse_topology(text, ":1: " A_HEADER);
  said s = read_topology(text, BT_SCALESIM_GEMM, &t);
  assert_string_equal(s.error, "");
  assert_int_equal(t.layer[0].filters, 2);
  bt_scalesim_topology_free(&t);
  s = read_topology(HEAD "L0,1,2,3,\n", BT_SCALESIM_GEMM, &t);
  assert_string_equal(s.error,
                      ":1: a header of 8 fields: expected that of matrix products, 'Layer, M, N, "
                      "K,'");
}

static void test_topology_refused(void **state) {
  (void)state;
  refuse_topology("", ": no header: expected 'Layer name, IFMAP Height, ...' or 'Layer, M, N, K,'");
  refuse_topology(HEAD, ": no layers: expected a row after the header");
  refuse_topology("Conv1, 8, 8, 3, 3, 2, 5, 1,\n",
                  ":1: " A_HEADER);
  refuse_topology(HEAD "C, 8,8, 3,3, 2, 5,\n",
                  ":2: 7 fields: " CONV_FIELDS);
  refuse_topology(HEAD "C, 8,8, 3,3, 2, 5, 1, 1, 1,\n",
                  ":2: 10 fields: " CONV_FIELDS);
  refuse_topology("Layer,M,N,K,\nL0,1,2,\n",
                  ":2: 3 fields: expected 4: layer, M, N, K (and a sparsity N:M or none)");
  refuse_topology("Layer,M,N,K,\nL0,1,2,3,4,\n",
                  ":2: 5 fields: expected 4: layer, M, N, K (and a sparsity N:M or none)");
  refuse_topology("Layer,M,N,K,\nL0,1,x,3,\n",
                  ":2: N 'x': expected a whole number in 1..2147483647");
  refuse_topology("Layer,M,N,K,\n\nL0,1,2,0,\n",
                  ":3: K '0': expected a whole number in 1..2147483647");
  refuse_topology("Layer,M,N,K,\nL0,-1,2,3,\n",
                  ":2: M '-1': expected a whole number in 1..2147483647");
  refuse_topology(HEAD "C, 8,8, 3,3, 2, 5, ,\n",
                  ":2: stride '': expected a whole number in 1..2147483647");
  refuse_topology(HEAD "C, 8,7, 3,8, 2, 5, 1,\n",
                  ":2: filter of 3x8: expected one inside its image of 8x7");
  refuse_topology(HEAD "C, 8,8, 9,3, 2, 5, 1,\n",
                  ":2: filter of 9x3: expected one inside its image of 8x8");
  refuse_topology(HEAD "DP, 8,8, 3,3, 70000, 5, 1,\n",
                  ":2: expected at most 65536 layers, a depthwise one counting its channels");
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_config),         cmocka_unit_test(test_config_extras),
      cmocka_unit_test(test_config_refused), cmocka_unit_test(test_conv),
      cmocka_unit_test(test_quirks),         cmocka_unit_test(test_depthwise),
      cmocka_unit_test(test_kind_given),     cmocka_unit_test(test_topology_refused)};
  return cmocka_run_group_tests(tests, NULL, NULL);
}
