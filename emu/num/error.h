/* Filling a bt_error: one line that says what, where, and what was expected. */
#ifndef BT_NUM_ERROR_H
#define BT_NUM_ERROR_H

#include "bittrue.h"

/* Formats the line (cut at its size) and returns `status`; error may be NULL. */
bt_status bt_fail(bt_error *error, bt_status status, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

#endif
