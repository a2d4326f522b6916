/* What of a user's command can be checked without computing it. */
#ifndef BT_ENGINE_USER_CHECK_H
#define BT_ENGINE_USER_CHECK_H

#include "engine/user_view.h"

/* How things stood before the run. */
typedef struct {
  bt_lfsr generator;
  uint64_t added; /* rows or snapshots in the sums that the command adds to */
} bt_user_before;

/* Takes that down, and fills the outputs with values that say they are unwritten: where the format
 * has one that no command may write, with that; else with a pattern that no 64 bits of results
 * equal by chance. */
bt_user_before bt_user_prepare(const bt_user_view *v, const bt_lfsr *generator);

/* BT_FAILED for an output that still holds those values (of formats that have no unwritable one: in
 * 64 bits' worth of successive elements) or one outside its format, for a generator that is not
 * where numerics 4.3 says, or for sums that did not count this command's rows. With `compared`
 * results go to a comparison only, which tells more of values outside their format: these pass. */
bt_status bt_user_check(const bt_user_view *v, const bt_user_before *before,
                        const bt_lfsr *generator, bool compared, bt_error *error);

#endif
