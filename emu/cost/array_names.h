/* The array's registers by the names that they have in rtl/hdl (traces 8). */
#ifndef BT_COST_ARRAY_NAMES_H
#define BT_COST_ARRAY_NAMES_H

#include "cost/activity.h"

typedef enum {
  BT_SCOPE_MODULE, /* an instance */
  BT_SCOPE_BLOCK   /* a generate block */
} bt_scope_kind;

#define BT_NO_INDEX SIZE_MAX

/* Shown the hierarchy from top to bottom. `index` stands behind the name in square brackets, unless
 * it is BT_NO_INDEX. */
typedef struct {
  void (*open)(void *context, bt_scope_kind kind, const char *name, size_t index);
  void (*close)(void *context);
  /* In the scope of mac_array itself, before the scopes below it. */
  void (*array)(void *context);
  /* A register of data: `place` is where it stands in its class of bt_array_registers. */
  void (*data)(void *context, bt_register class, size_t place, const char *name, size_t index);
  void *context;
} bt_array_visitor;

/* From mac_array's instance u_array on, which it opens and closes. */
void bt_array_show(size_t rows, size_t cols, const bt_array_visitor *visitor);

#endif
