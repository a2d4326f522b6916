#include "num/error.h"

#include <stdarg.h>
#include <stdio.h>

bt_status bt_fail(bt_error *error, bt_status status, const char *format, ...) {
  if (error != NULL) {
    va_list args;
    va_start(args, format);
    vsnprintf(error->text, sizeof error->text, format, args);
    va_end(args);
  }
  return status;
}
