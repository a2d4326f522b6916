#include "bittrue.h"

const char *bt_version(void) { return BT_VERSION; }
