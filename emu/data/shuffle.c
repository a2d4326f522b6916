#include "data/dataset.h"
#include "num/stream.h"

void bt_dataset_shuffle(uint64_t seed, uint64_t epoch, size_t n, uint32_t *order) {
  bt_stream stream = bt_stream_open(seed, BT_STREAM_SHUFFLE, epoch);
  for (size_t i = 0; i < n; i++) {
    order[i] = (uint32_t)i;
  }
  for (size_t i = n; i-- > 1;) {
    size_t j = (size_t)bt_stream_below(stream, i, i + 1);
    uint32_t kept = order[i];
    order[i] = order[j];
    order[j] = kept;
  }
}
