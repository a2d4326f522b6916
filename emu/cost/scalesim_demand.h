/* What the array of the SCALE-Sim compatible model asks for in each cycle (docs/scalesim.md 3, 4):
 * which words of the ifmap and of the filters, and how many outputs. */
#ifndef BT_COST_SCALESIM_DEMAND_H
#define BT_COST_SCALESIM_DEMAND_H

#include "cost/scalesim_config.h"
#include "cost/scalesim_topology.h"

/* The vectors of an operand, K elements each: the windows of the ifmap, or the filters. Element k
 * of vector v is word first[v] + step[k]. Where the last windows reach over the image's edge
 * (overhang), what is outside is no word. */
typedef struct {
  uint64_t words;  /* of the operand in DRAM */
  uint64_t *first; /* one a vector */
  uint64_t *step;  /* K */
  bool overhang;
  uint32_t *row, *col;           /* of a vector's first element, one a vector; NULL without */
  uint32_t *step_row, *step_col; /* from it, K */
  uint64_t height, width;        /* of the image */
} bt_scalesim_operand;

/* A layer folded onto an array. M windows of K elements, N filters. */
typedef struct {
  bt_dataflow dataflow;
  uint64_t rows, cols;           /* of the array */
  uint64_t m, n, k;
  uint64_t sr, sc, t;            /* sizes along the array's rows, its columns, and in time */
  uint64_t row_folds, col_folds; /* column folds are the outer loop */
  uint64_t fold_cycles;
  bt_scalesim_operand ifmap, filter;
} bt_scalesim_demand;

/* Elements that are read in one cycle: of vectors vector, vector + vector_step, ... the elements
 * k, k + k_step, ... */
typedef struct {
  uint64_t vector, k, count;
  int vector_step, k_step;
} bt_scalesim_span;

/* BT_BAD_INPUT: an operand of more than 2^32 words, or more than 2^62 cycles. BT_FAILED: no
 * memory. */
bt_status bt_scalesim_demand_new(bt_scalesim_demand *d, const bt_scalesim_config *config,
                                 const bt_scalesim_layer *layer, bt_error *error);
void bt_scalesim_demand_free(bt_scalesim_demand *d);

/* In cycle `cycle` (below fold_cycles) of a fold: the elements read of the ifmap and of the
 * filters, and the number of outputs written. */
bt_scalesim_span bt_scalesim_ifmap_span(const bt_scalesim_demand *d, uint64_t row_fold,
                                        uint64_t col_fold, uint64_t cycle);
bt_scalesim_span bt_scalesim_filter_span(const bt_scalesim_demand *d, uint64_t row_fold,
                                         uint64_t col_fold, uint64_t cycle);
uint64_t bt_scalesim_outputs(const bt_scalesim_demand *d, uint64_t row_fold, uint64_t col_fold,
                             uint64_t cycle);

/* Word of element k of vector v; false if it lies outside the image. */
static inline bool bt_scalesim_word(const bt_scalesim_operand *o, uint64_t v, uint64_t k,
                                    uint64_t *word) {
  *word = o->first[v] + o->step[k];
  return !o->overhang || ((uint64_t)o->row[v] + o->step_row[k] < o->height &&
                          (uint64_t)o->col[v] + o->step_col[k] < o->width);
}

#endif
