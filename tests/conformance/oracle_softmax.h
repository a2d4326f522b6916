/* Softmax cross-entropy (numerics 14) and its scalar functions (12), recomputed with GMP. */
#ifndef BT_TESTS_ORACLE_SOFTMAX_H
#define BT_TESTS_ORACLE_SOFTMAX_H

#include "cmd/command.h"

/* 2^(f / 65536) in units of 2^-30 by the recurrence of 12.2, its constants from square roots. */
uint64_t oracle_exp2(uint32_t f);
/* log2(x) in units of 2^-16 by the recurrence of 12.3. */
int64_t oracle_log2_fixed(uint64_t x);

/* Fills c->out[0] unless NULL; adds to *loss. */
void oracle_softmax(const bt_command *c, bt_loss *loss);

#endif
