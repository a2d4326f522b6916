/* Mean and standard deviation of pixels, from exact sums. */
#include <stdio.h>

#include "data/dataset.h"

typedef unsigned __int128 u128;

#define UNIT 100000u /* five decimals */

/* floor of the square root */
static u128 root(u128 v) {
  u128 r = 0;
  for (u128 bit = (u128)1 << 63; bit != 0; bit >>= 1) {
    u128 next = r | bit;
    r = next * next <= v ? next : r;
  }
  return r;
}

void bt_images_moments(const bt_images *images, size_t channel, bt_moments *m) {
  const uint8_t *pixel = images->pixels + channel;
  *m = (bt_moments){.count = (uint64_t)images->count * images->height * images->width};
  for (uint64_t i = 0; i < m->count; i++, pixel += images->channels) {
    m->sum += *pixel;
    m->squares += (uint64_t)*pixel * *pixel;
  }
}

static void print(u128 units, char text[BT_MOMENT_TEXT]) {
  snprintf(text, BT_MOMENT_TEXT, "%u.%05u", (unsigned)(units / UNIT), (unsigned)(units % UNIT));
}

void bt_moments_text(const bt_moments *m, char mean[BT_MOMENT_TEXT], char std[BT_MOMENT_TEXT]) {
  const u128 whole = (u128)255 * m->count; /* mean = sum / whole */
  print((2 * UNIT * (u128)m->sum + whole) / (2 * whole), mean);
  /* std^2 = (count * squares - sum^2) / whole^2, here times (2 * UNIT)^2 */
  u128 variance = (u128)m->count * m->squares - (u128)m->sum * m->sum;
  u128 halves = root(4 * (u128)UNIT * UNIT * variance / (whole * whole));
  print((halves + 1) / 2, std);
}
