/* How many bytes a training step holds at a time: its footprint as a timeline. */
#ifndef BT_COST_LIVE_H
#define BT_COST_LIVE_H

#include <stdio.h>

#include "cmd/program.h"
#include "cost/count.h"

/* Bytes that are held while a command runs: operands that it or a later command reads, results, and
 * what stays for the next step (weights, momentum, inputs), as cost 5 stores them. */
typedef struct {
  uint64_t kind[BT_TRAFFIC_KINDS]; /* by role, exponents apart; [BT_ROLE_WIDE]: wide values, which
                                    * wait on the chip or are spilled: in neither sum below */
  uint64_t total;
  uint64_t fp32;                   /* the counterpart in fp32: what has mantissas takes 4 bytes an
                                    * element and no exponents; bytes and masks as they are */
} bt_live;

typedef struct {
  const bt_program *program;
  size_t commands;
  bt_live *at;             /* [commands] */
  size_t peak, peak_fp32;  /* the first command at which `total`, and `fp32`, is largest */
  size_t peak_wide;        /* the same of wide values */
} bt_footprint;

/* Of a planned program of at least one command, which must outlive it. BT_FAILED when out of
 * memory. Free it after an error too. */
bt_status bt_footprint_new(const bt_program *program, bt_footprint *f, bt_error *error);
void bt_footprint_free(bt_footprint *f);

/* Bytes of the averages that a program's commands add to: they exist beside a step from the first
 * snapshot on. */
uint64_t bt_live_averages(const bt_program *averaging);

/* CSV: a head, then a row a command: its number from 0, phase, label, the kinds, total, fp32,
 * and the model. */
void bt_footprint_csv(FILE *out, const bt_footprint *f);
bt_status bt_footprint_write(const char *path, const bt_footprint *f, bt_error *error);

#endif
