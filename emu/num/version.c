#include "bittrue.h"

const char *bt_version(void) { return BT_VERSION; }

int bt_api_version(void) { return BT_API_VERSION; }
