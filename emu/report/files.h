/* Files whose text a page shows. */
#ifndef BT_REPORT_FILES_H
#define BT_REPORT_FILES_H

#include <jansson.h>

#include "bittrue.h"

/* Appends {"what", "name": the path's last part, "sha256", "text"} to `files`. BT_BAD_INPUT: it
 * cannot be read, or is no UTF-8 text of at most a MiB. */
bt_status bt_page_file(json_t *files, const char *what, const char *path, bt_error *error);

#endif
