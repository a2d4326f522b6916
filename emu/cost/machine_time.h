/* How long the machine in Verilog (docs/rtl.md, "The machine") takes for a command, from the
 * doorbell to the interrupt (cost 11): what its control does beside the units' work, cycle by
 * cycle, with a memory that takes a request of a word in each cycle. */
#ifndef BT_COST_MACHINE_TIME_H
#define BT_COST_MACHINE_TIME_H

#include "cmd/command.h"
#include "machine/machine.h"

#define BT_MACHINE_LATENCY_MAX 65535u

/* The memory at the machine's port. A word is 4 bytes a lane. */
typedef struct {
  unsigned latency; /* cycles from a read to its word, beyond the first: at most the above */
} bt_machine_memory;

/* Which sequencers have worked since the machine's reset: all zero behind one. The first command
 * of each finds the turns at the memory port as reset left them, which may shift it by a cycle or
 * so; the first reduce also waits until the unit's sums are cleared (docs/rtl.md, Reduce). */
#define BT_MACHINE_SEQUENCERS 9u
typedef struct {
  bool worked[BT_MACHINE_SEQUENCERS];
} bt_machine_history;

/* elapsed = fetch + prepare + work + wait. */
typedef struct {
  uint64_t elapsed; /* cycles with the machine busy: its counter 0 */
  uint64_t fetch;   /* the descriptor: read and checked */
  uint64_t prepare; /* from the sequencer's start to its unit's first cycle of work */
  uint64_t work;    /* cycles of the unit, as cost/cycles.h and cost/scalar_cycles.h have them */
  uint64_t wait;    /* for memory, beyond the first work; and all that follows the last of it */
  uint64_t reads;   /* words, the descriptor's too: counters 6 and 7 */
  uint64_t writes;
} bt_machine_time;

/* The time of one checked command that the machine covers (its engine's covers()), rung alone, and
 * not the first of its sequencer since the reset.
 * It depends on shapes; for a contraction whose exponents differ along k on those exponents (which
 * k are in which group, numerics 8.2), for `statistics` on where the first nonzero sum of squares
 * stands. With `plan` operands may not be computed yet: exponents of those without storage, or all
 * -128 as allocated, count as equal along k, and the first channel as nonzero.
 * Only rows, cols, lanes and dataflow of the machine are looked at. BT_BAD_INPUT for a dataflow
 * other than os, and for a memory out of range; BT_FAILED when out of memory. */
bt_status bt_machine_time_of(const bt_machine *machine, const bt_machine_memory *memory,
                             const bt_command *c, bool plan, bt_machine_time *time,
                             bt_error *error);

/* The same behind the commands of `history`, to which it is added. With a history of all commands
 * since the reset every cycle is the Verilog's. */
bt_status bt_machine_time_next(const bt_machine *machine, const bt_machine_memory *memory,
                               bt_machine_history *history, const bt_command *c, bool plan,
                               bt_machine_time *time, bt_error *error);

#endif
