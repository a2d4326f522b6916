#include "net/statistics.h"

#include <stdlib.h>

#include "cmd/statistics.h"
#include "num/error.h"

bool bt_net_has_norm(const bt_net *net) {
  for (size_t i = 0; i < net->layers; i++) {
    if (net->layer[i].kind == BT_LAYER_NORM) {
      return true;
    }
  }
  return false;
}

bt_status bt_net_statistics_new(const bt_net *net, bt_statistics **statistics, bt_error *error) {
  *statistics = NULL;
  if (!bt_net_has_norm(net)) {
    return BT_OK;
  }
  bt_statistics *s = calloc(net->layers, sizeof *s);
  bool good = s != NULL;
  for (size_t i = 0; good && i < net->layers; i++) {
    const bt_layer *l = &net->layer[i];
    good = l->kind != BT_LAYER_NORM || bt_statistics_alloc(&s[i], l->out_c);
  }
  if (!good) {
    bt_net_statistics_free(net, s);
    return bt_fail(error, BT_FAILED, "net %s: out of memory for batch norm's statistics",
                   net->name);
  }
  *statistics = s;
  return BT_OK;
}

void bt_net_statistics_free(const bt_net *net, bt_statistics *statistics) {
  for (size_t i = 0; statistics != NULL && i < net->layers; i++) {
    bt_statistics_free(&statistics[i]);
  }
  free(statistics);
}

size_t bt_net_statistics_bytes(const bt_net *net) {
  size_t bytes = bt_net_has_norm(net) ? net->layers * sizeof(bt_statistics) : 0;
  for (size_t i = 0; i < net->layers; i++) {
    const bt_layer *l = &net->layer[i];
    bytes += l->kind == BT_LAYER_NORM ? 2 * l->out_c * sizeof(__int128) : 0;
  }
  return bytes;
}
