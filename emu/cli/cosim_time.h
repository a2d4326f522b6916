/* The machine's elapsed cycles beside the model's (cost 11), by kind of command. */
#ifndef BT_CLI_COSIM_TIME_H
#define BT_CLI_COSIM_TIME_H

#include <jansson.h>

#include "cost/machine_time.h"

/* Contractions by direction, then every other op. */
#define BT_COSIM_TIMES (BT_OP_STATISTICS + 3u)

typedef struct {
  bt_machine_history history;
  struct {
    uint64_t commands, machine, model; /* cycles */
  } kind[BT_COSIM_TIMES];
} bt_cosim_time;

/* Adds a command that the machine ran without stalls, behind those added before, and gives the
 * model's cycles. A failure of the model (out of memory) is its status. */
bt_status bt_cosim_time_add(bt_cosim_time *t, const bt_machine *machine, const bt_command *c,
                            uint64_t cycles, uint64_t *model, bt_error *error);

/* A line of totals and one for each kind; an array of objects. */
void bt_cosim_time_print(const bt_cosim_time *t);
json_t *bt_cosim_time_json(const bt_cosim_time *t);

#endif
