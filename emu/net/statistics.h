/* The statistics of a net's batch norms (numerics 19.1). */
#ifndef BT_NET_STATISTICS_H
#define BT_NET_STATISTICS_H

#include "net/net.h"

/* Whether the net has a batch norm. */
bool bt_net_has_norm(const bt_net *net);

/* One for each layer, empty; those of other layers have no channels. *statistics is NULL for a net
 * without batch norm. BT_FAILED when out of memory. */
bt_status bt_net_statistics_new(const bt_net *net, bt_statistics **statistics, bt_error *error);
void bt_net_statistics_free(const bt_net *net, bt_statistics *statistics); /* NULL is fine */

/* Bytes they hold. */
size_t bt_net_statistics_bytes(const bt_net *net);

#endif
