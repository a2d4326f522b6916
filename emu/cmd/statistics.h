/* Storage of a batch norm's statistics (numerics 19.1). */
#ifndef BT_CMD_STATISTICS_H
#define BT_CMD_STATISTICS_H

#include "cmd/command.h"

/* Without any batch. false when out of memory; free it then too. */
bool bt_statistics_alloc(bt_statistics *s, size_t channels);
/* As bt_statistics_alloc() left it. */
void bt_statistics_reset(bt_statistics *s);
/* *to, of as many channels, becomes equal to *from. */
void bt_statistics_copy(bt_statistics *to, const bt_statistics *from);
/* Same channels, sums, exponents and rows. */
bool bt_statistics_equal(const bt_statistics *a, const bt_statistics *b);
/* Those that a command reads or adds to; NULL if it has none. */
const bt_statistics *bt_command_statistics(const bt_command *c);
/* Safe on a zeroed struct, and twice. */
void bt_statistics_free(bt_statistics *s);

#endif
