/* SHA-256 of bytes that come in pieces (libcrypto). */
#ifndef BT_IO_DIGEST_H
#define BT_IO_DIGEST_H

#include "bittrue.h"

#define BT_DIGEST_BYTES 32u
#define BT_DIGEST_HEX 65u /* with the terminating zero */

typedef struct bt_digest bt_digest;

/* NULL when out of memory. Free with bt_digest_finish or bt_digest_free. */
bt_digest *bt_digest_start(void);
void bt_digest_add(bt_digest *d, const void *data, size_t size);
/* Ends and frees it: the digest as 64 hexadecimal digits, lower case. BT_FAILED if the library
 * refused anything since the start. */
bt_status bt_digest_finish(bt_digest *d, char hex[BT_DIGEST_HEX], bt_error *error);
/* The same as bytes. */
bt_status bt_digest_finish_bytes(bt_digest *d, uint8_t bytes[BT_DIGEST_BYTES], bt_error *error);
void bt_digest_free(bt_digest *d); /* NULL is fine */

#endif
