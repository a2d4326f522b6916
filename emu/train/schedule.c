/* The learning rate's schedule (numerics 17). */
#include "train/recipe.h"

/* 1 - (1 - 0.01) * (t - 1/2) / (4/10), for t in 1/2..9/10 */
static bt_status falling_factor(bt_rational t, bt_rational *factor, bt_error *error) {
  const bt_rational minus_half = {-1, 2}, slope = {-99 * 10, 100 * 4}, one = {1, 1};
  bt_rational x;
  bt_status s = bt_rational_add(t, minus_half, &x, error);
  s = s == BT_OK ? bt_rational_mul(x, slope, &x, error) : s;
  return s == BT_OK ? bt_rational_add(one, x, factor, error) : s;
}

bt_status bt_recipe_rate(const bt_recipe *recipe, size_t epoch, bt_rational *rate,
                         bt_error *error) {
  bt_rational t, factor = {1, 1};
  bt_status s = bt_rational_make((int64_t)epoch, (int64_t)recipe->swa_start, &t, error);
  if (s != BT_OK) {
    return s;
  }
  if (bt_rational_cmp(t, (bt_rational){1, 1}) > 0) {
    *rate = recipe->swa_lr;
    return BT_OK;
  }
  if (bt_rational_cmp(t, (bt_rational){9, 10}) > 0) {
    factor = (bt_rational){1, 100};
  } else if (bt_rational_cmp(t, (bt_rational){1, 2}) > 0) {
    s = falling_factor(t, &factor, error);
  }
  return s == BT_OK ? bt_rational_mul(recipe->lr, factor, rate, error) : s;
}
