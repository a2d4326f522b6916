// The platform at work for `bittrue`: software of the driver that runs what a socket asks for.
#ifndef BT_TLM_SERVE_H
#define BT_TLM_SERVE_H

#include "platform.h"

namespace bt_tlm {

// Serves the other end of the socket until it closes. Exit status.
int serve(int socket, int memory, const PlatformOptions &options);

} // namespace bt_tlm
#endif
