/* The patterns of an affine command's steps (affine_plan.c). */
#ifndef BT_FAST_AFFINE_PATTERN_H
#define BT_FAST_AFFINE_PATTERN_H

#include "fast/affine.h"

/* The pattern of a cell row: the thread's own, set anew where it stands elsewhere. */
const bt_affine_pattern *bt_fast_affine_pattern(const bt_affine_job *j, unsigned thread,
                                                size_t segment);

#endif
