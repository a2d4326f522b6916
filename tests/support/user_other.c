/* Shared objects that are no engine for this host. OTHER: 0 has no entry, 1 refuses the ABI, 2 is
 * of another ABI, 3 has no run(). */
#include <stddef.h>

#include "bittrue_engine.h"

#if OTHER == 0
int unrelated(void);
int unrelated(void) { return 1; }
#else
const bt_user_engine *bittrue_engine(uint32_t abi) {
  static const bt_user_engine engine = {.abi = OTHER == 2 ? BT_ENGINE_ABI + 7 : BT_ENGINE_ABI,
                                        .name = "other"};
  (void)abi;
  return OTHER == 1 ? NULL : &engine;
}
#endif
