/* For tests of the public API: a call's status and its whole error line. */
#ifndef BT_TESTS_API_H
#define BT_TESTS_API_H

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "bittrue.h"

/* The call, whose last argument is &error, must fail so. */
#define REFUSED(call, expected, line) \
  do { \
    bt_error error = {""}; \
    bt_status got = (call); \
    if (got != (expected) || strcmp(error.text, line) != 0) { \
      fail_msg("%s:\n status %d, expected %d\n got      '%s'\n expected '%s'", #call, (int)got, \
               (int)(expected), error.text, line); \
    } \
  } while (0)

#define GOOD(call) \
  do { \
    bt_error error = {""}; \
    bt_status got = (call); \
    if (got != BT_OK) { \
      fail_msg("%s: status %d: %s", #call, (int)got, error.text); \
    } \
  } while (0)

#define COUNT(array) (sizeof(array) / sizeof *(array))

#endif
