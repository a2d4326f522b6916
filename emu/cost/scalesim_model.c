#include "cost/scalesim_model.h"

#include "cost/scalesim_demand.h"
#include "num/error.h"

enum { WORDS_IN_KB = 1024, HIT_LATENCY = 1 };

typedef struct {
  bt_scalesim_demand demand;
  bt_scalesim_reader ifmap, filter;
  bt_scalesim_writer ofmap;
  bt_scalesim_result *result;
  bool seen[BT_SCALESIM_KINDS];
  int64_t last; /* the cycle in which the outputs of the last line were taken */
} run;

static void note_access(run *r, bt_scalesim_tensor kind, int64_t cycle) {
  bt_scalesim_access *a = &r->result->sram[kind];
  a->start = r->seen[kind] ? a->start : cycle;
  a->stop = cycle;
  r->seen[kind] = true;
}

static void read_span(run *r, bt_scalesim_tensor kind, const bt_scalesim_operand *operand,
                      bt_scalesim_reader *buffer, bt_scalesim_span s, int64_t cycle) {
  bool any = false;
  for (uint64_t i = 0; i < s.count; i++) {
    uint64_t word;
    if (bt_scalesim_word(operand, s.vector, s.k, &word)) {
      bt_scalesim_read(buffer, word, cycle);
      any = true;
    }
    s.vector += (uint64_t)(int64_t)s.vector_step;
    s.k += (uint64_t)(int64_t)s.k_step;
  }
  if (any) {
    note_access(r, kind, cycle + HIT_LATENCY);
  }
}

/* Line by line, as SCALE-Sim does: a line's cycle is its number and the stalls before it. */
static void follow_fold(run *r, uint64_t row_fold, uint64_t col_fold, int64_t *line) {
  const bt_scalesim_demand *d = &r->demand;
  for (uint64_t l = 0; l < d->fold_cycles; l++, ++*line) {
    int64_t cycle = *line + (int64_t)r->result->stall_cycles;
    read_span(r, BT_SCALESIM_IFMAP, &d->ifmap, &r->ifmap,
              bt_scalesim_ifmap_span(d, row_fold, col_fold, l), cycle);
    read_span(r, BT_SCALESIM_FILTER, &d->filter, &r->filter,
              bt_scalesim_filter_span(d, row_fold, col_fold, l), cycle);
    uint64_t outputs = bt_scalesim_outputs(d, row_fold, col_fold, l);
    r->last = bt_scalesim_write(&r->ofmap, outputs, cycle);
    r->result->stall_cycles += (uint64_t)(r->last - cycle);
    if (outputs > 0) {
      note_access(r, BT_SCALESIM_OFMAP, r->last);
    }
  }
}

static bt_status follow(run *r, bt_error *error) {
  bt_scalesim_access *dram = r->result->dram;
  int64_t line = 0;
  for (uint64_t fc = 0; fc < r->demand.col_folds; fc++) {
    for (uint64_t fr = 0; fr < r->demand.row_folds; fr++) {
      follow_fold(r, fr, fc, &line);
    }
  }
  r->result->cycles = (uint64_t)r->last;
  dram[BT_SCALESIM_IFMAP] = bt_scalesim_reader_done(&r->ifmap);
  dram[BT_SCALESIM_FILTER] = bt_scalesim_reader_done(&r->filter);
  bt_status status = bt_scalesim_writer_done(&r->ofmap, r->last, &dram[BT_SCALESIM_OFMAP], error);
  int64_t first = dram[BT_SCALESIM_IFMAP].start < dram[BT_SCALESIM_FILTER].start
                      ? dram[BT_SCALESIM_IFMAP].start
                      : dram[BT_SCALESIM_FILTER].start;
  r->result->cycles_with_prefetch = (uint64_t)(dram[BT_SCALESIM_OFMAP].stop - first);
  return status;
}

/* Words between array and SRAM; a place outside the image counts as one (docs/scalesim.md 4). */
static void count_sram(const bt_scalesim_demand *d, bt_scalesim_result *r) {
  uint64_t again_rows = d->row_folds, again_cols = d->col_folds;
  bt_scalesim_access *sram = r->sram;
  switch (d->dataflow) {
    case BT_DATAFLOW_OS:
      sram[BT_SCALESIM_IFMAP].words = d->m * d->k * again_cols;
      sram[BT_SCALESIM_FILTER].words = d->n * d->k * again_rows;
      sram[BT_SCALESIM_OFMAP].words =
          d->m * d->n + again_rows * again_cols * (d->rows + d->cols);
      return;
    case BT_DATAFLOW_WS:
      sram[BT_SCALESIM_IFMAP].words = d->m * d->k * again_cols;
      sram[BT_SCALESIM_FILTER].words = d->n * d->k;
      break;
    default:
      sram[BT_SCALESIM_IFMAP].words = d->m * d->k;
      sram[BT_SCALESIM_FILTER].words = d->n * d->k * again_cols;
      break;
  }
  sram[BT_SCALESIM_OFMAP].words = d->m * d->n * again_rows;
}

static void set_ratios(const bt_scalesim_demand *d, bt_scalesim_result *r) {
  double array = (double)d->rows * (double)d->cols;
  double folds = (double)d->row_folds * (double)d->col_folds;
  /* SCALE-Sim's length of a fold here: not skewed yet for ws and is, so C - 1 cycles too long. */
  uint64_t length = d->fold_cycles + (d->dataflow == BT_DATAFLOW_OS ? 0 : d->cols - 1);
  r->overall = 100.0 * (double)r->macs / ((double)r->cycles * array);
  r->mapping = 100.0 * (double)d->sr * (double)d->sc / (folds * array);
  r->compute = r->mapping * (double)d->t / (double)length;
  for (int i = 0; i < BT_SCALESIM_KINDS; i++) {
    const bt_scalesim_access *dram = &r->dram[i];
    r->sram_bandwidth[i] = (double)r->sram[i].words / (double)r->cycles;
    r->dram_bandwidth[i] = (double)dram->words / (double)(dram->stop - dram->start + 1);
  }
}

static bt_status prepare(run *r, const bt_scalesim_config *c, const bt_scalesim_layer *layer,
                         bt_error *error) {
  const bt_scalesim_demand *d = &r->demand;
  bt_scalesim_result *result = r->result;
  bt_status s = bt_scalesim_demand_new(&r->demand, c, layer, error);
  if (s != BT_OK) {
    return s;
  }
  unsigned __int128 macs = (unsigned __int128)d->m * d->filter.words;
  unsigned __int128 most = macs * (d->row_folds > d->col_folds ? d->row_folds : d->col_folds);
  if (most >> 63 != 0) {
    return bt_fail(error, BT_BAD_INPUT, "layer %s: its accesses are beyond 63 bits", layer->name);
  }
  *result = (bt_scalesim_result){.m = d->m, .n = d->n, .k = d->k, .macs = (uint64_t)macs,
                                 .row_folds = d->row_folds, .col_folds = d->col_folds,
                                 .fold_cycles = d->fold_cycles};
  s = bt_scalesim_reader_new(&r->ifmap, d->ifmap.words, c->ifmap_kb * WORDS_IN_KB, error);
  s = s == BT_OK ? bt_scalesim_reader_new(&r->filter, d->filter.words,
                                          c->filter_kb * WORDS_IN_KB, error)
                 : s;
  bt_scalesim_writer_new(&r->ofmap, c->ofmap_kb * WORDS_IN_KB, c->cols);
  return s;
}

bt_status bt_scalesim_run(const bt_scalesim_config *config, const bt_scalesim_layer *layer,
                          bt_scalesim_result *result, bt_error *error) {
  run r = {.result = result};
  bt_status status = prepare(&r, config, layer, error);
  status = status == BT_OK ? follow(&r, error) : status;
  if (status == BT_OK && result->cycles == 0) {
    status = bt_fail(error, BT_BAD_INPUT, "layer %s: takes 0 cycles as SCALE-Sim counts them: "
                     "expected a larger array or layer", layer->name);
  }
  if (status == BT_OK) {
    count_sram(&r.demand, result);
    set_ratios(&r.demand, result);
  }
  bt_scalesim_writer_free(&r.ofmap);
  bt_scalesim_reader_free(&r.filter);
  bt_scalesim_reader_free(&r.ifmap);
  bt_scalesim_demand_free(&r.demand);
  return status;
}

static bool same_shape(const bt_scalesim_layer *a, const bt_scalesim_layer *b) {
  return a->ifmap_height == b->ifmap_height && a->ifmap_width == b->ifmap_width &&
         a->filter_height == b->filter_height && a->filter_width == b->filter_width &&
         a->channels == b->channels && a->filters == b->filters &&
         a->stride_height == b->stride_height && a->stride_width == b->stride_width;
}

bt_status bt_scalesim_run_all(const bt_scalesim_config *config,
                              const bt_scalesim_topology *topology, bt_scalesim_result *result,
                              bt_error *error) {
  bt_status status = BT_OK;
  for (size_t i = 0; status == BT_OK && i < topology->count; i++) {
    const bt_scalesim_layer *layer = &topology->layer[i];
    if (i > 0 && same_shape(layer, layer - 1)) {
      result[i] = result[i - 1];
    } else {
      status = bt_scalesim_run(config, layer, &result[i], error);
    }
  }
  return status;
}
