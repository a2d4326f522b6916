/* SCALE-Sim's reports of the compatible model, with its files' names and columns, and a table for
 * people (docs/scalesim.md 6). */
#ifndef BT_COST_SCALESIM_REPORT_H
#define BT_COST_SCALESIM_REPORT_H

#include <stdio.h>

#include "cost/scalesim_model.h"

typedef struct {
  const char *machine, *topology; /* the files, as the user named them, or what they are */
  const bt_scalesim_config *config;
  const bt_scalesim_layer *layer;
  const bt_scalesim_result *result;
  size_t count; /* of layers */
  bool made;    /* the layers, products of matrices, stand in no file of the user's */
} bt_scalesim_report;

/* Model, machine, a row a layer, the sums. */
void bt_scalesim_report_text(FILE *out, const bt_scalesim_report *r);

/* The three CSV files' contents: a head, then a row a layer, numbered from 0. */
void bt_scalesim_report_compute(FILE *out, const bt_scalesim_report *r);
void bt_scalesim_report_bandwidth(FILE *out, const bt_scalesim_report *r);
void bt_scalesim_report_access(FILE *out, const bt_scalesim_report *r);

/* COMPUTE_REPORT.csv, BANDWIDTH_REPORT.csv, DETAILED_ACCESS_REPORT.csv and, as these have no column
 * for it, MODEL.txt with the name of the model, in `directory`, which is made. Of layers that were
 * made, TOPOLOGY.csv as well, which SCALE-Sim reads. All or none. */
bt_status bt_scalesim_report_write(const char *directory, const bt_scalesim_report *r,
                                   bt_error *error);

#endif
