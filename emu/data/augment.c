/* Random crops and mirrored images (numerics 5.6). */
#include <string.h>

#include "data/dataset.h"
#include "num/stream.h"

typedef struct {
  size_t row, column; /* offsets into the padded image, 0..2 * pad */
  bool flip;
} place;

static place draw(const bt_augmentation *a, bt_stream stream, uint64_t sample) {
  const uint64_t offsets = 2 * (uint64_t)a->crop_pad + 1;
  return (place){
      .row = (size_t)bt_stream_below(stream, 3 * sample, offsets),
      .column = (size_t)bt_stream_below(stream, 3 * sample + 1, offsets),
      .flip = a->flip && bt_stream_below(stream, 3 * sample + 2, 2) == 1,
  };
}

/* One row of `width` pixels of `channels` bytes: from[x + column - pad], 0 outside of it. */
static void crop_row(const uint8_t *from, size_t width, size_t channels, size_t pad, size_t column,
                     uint8_t *to) {
  size_t left = column < pad ? pad - column : 0; /* black before the row's pixels */
  size_t skip = column > pad ? column - pad : 0;
  size_t lost = left + skip; /* one of the two is 0 */
  size_t kept = lost < width ? width - lost : 0;
  left = left < width ? left : width;
  memset(to, 0, width * channels);
  if (kept > 0) {
    memcpy(to + left * channels, from + skip * channels, kept * channels);
  }
}

static void mirror_row(uint8_t *row, size_t width, size_t channels) {
  for (size_t x = 0; x < width / 2; x++) {
    for (size_t c = 0; c < channels; c++) {
      uint8_t *a = row + x * channels + c, *b = row + (width - 1 - x) * channels + c;
      uint8_t kept = *a;
      *a = *b;
      *b = kept;
    }
  }
}

void bt_augment(const bt_augmentation *a, uint64_t seed, uint64_t epoch, const bt_images *images,
                size_t sample, uint8_t *pixels) {
  const size_t height = images->height, stride = images->width * images->channels;
  const uint8_t *image = images->pixels + sample * height * stride;
  if (a->crop_pad == 0 && !a->flip) {
    memcpy(pixels, image, height * stride);
    return;
  }
  const place p = draw(a, bt_stream_open(seed, BT_STREAM_AUGMENT, epoch), sample);
  for (size_t y = 0; y < height; y++) {
    uint8_t *to = pixels + y * stride;
    if (y + p.row < a->crop_pad || y + p.row - a->crop_pad >= height) {
      memset(to, 0, stride);
      continue;
    }
    crop_row(image + (y + p.row - a->crop_pad) * stride, images->width, images->channels,
             a->crop_pad, p.column, to);
    if (p.flip) {
      mirror_row(to, images->width, images->channels);
    }
  }
}
