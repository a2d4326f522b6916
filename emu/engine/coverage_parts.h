/* Coverage of single kinds of commands, for coverage.c. */
#ifndef BT_ENGINE_COVERAGE_PARTS_H
#define BT_ENGINE_COVERAGE_PARTS_H

#include "engine/coverage.h"

void bt_cover_contract(uint64_t *n, const bt_machine *machine, const bt_command *c,
                       const bt_counts *did);
void bt_cover_quantize(uint64_t *n, const bt_machine *machine, const bt_command *c,
                       const bt_counts *did);
void bt_cover_affine(uint64_t *n, const bt_command *c);
void bt_cover_pool(uint64_t *n, const bt_command *c);
void bt_cover_softmax(uint64_t *n, const bt_command *c);

#endif
