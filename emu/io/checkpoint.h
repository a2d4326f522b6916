/* Container files of named sections, checksummed and written atomically: the state of a training
 * run, or one command with its operands.
 *
 * Layout, integers little-endian: "BITTRUE\x1a", uint32 version, uint32 0. Per section: uint32
 * length of the name, uint32 0, uint64 size, the name, zeros up to a multiple of 16 bytes from the
 * file's start, the data, zeros up to such a multiple. After the last section 16 zero bytes, then
 * the SHA-256 of all before it. A section's data is the caller's: write fixed-width integers.
 */
#ifndef BT_IO_CHECKPOINT_H
#define BT_IO_CHECKPOINT_H

#include "bittrue.h"

#define BT_CHECKPOINT_VERSION 1u
#define BT_CHECKPOINT_NAME 255u /* longest name of a section, in bytes */

typedef struct bt_checkpoint_writer bt_checkpoint_writer;
typedef struct bt_checkpoint bt_checkpoint;

/* Starts a file beside `path` (io/file.h). *w is NULL on an error. */
bt_status bt_checkpoint_create(const char *path, bt_checkpoint_writer **w, bt_error *error);
/* Adds a section; the data is written at once, not kept. The name has 1..255 bytes and is new.
 * After an error the writer only takes bt_checkpoint_commit (which then fails) or _abandon. */
bt_status bt_checkpoint_put(bt_checkpoint_writer *w, const char *name, const void *data,
                            size_t size, bt_error *error);
/* Writes the checksum, puts the file in its place, and frees the writer. On an error (a full disk
 * too) nothing is left behind and an older file at the path stays as it was. */
bt_status bt_checkpoint_commit(bt_checkpoint_writer *w, bt_error *error);
/* Drops the file and frees the writer; NULL is fine. */
void bt_checkpoint_abandon(bt_checkpoint_writer *w);

/* Reads and verifies a whole file of at most `limit` bytes (0: 4 GiB). A foreign, newer, cut or
 * altered file is BT_BAD_INPUT: path, offset or checksums, what was expected. */
bt_status bt_checkpoint_open(const char *path, size_t limit, bt_checkpoint **c, bt_error *error);
/* The bytes of a section, valid until the close, aligned for any integer type. Absent, or of
 * another size than `size`, is BT_BAD_INPUT and names the section and both sizes. */
bt_status bt_checkpoint_get(const bt_checkpoint *c, const char *name, size_t size,
                            const void **data, bt_error *error);
/* The same for a section of any size, which goes to *size. */
bt_status bt_checkpoint_find(const bt_checkpoint *c, const char *name, const void **data,
                             size_t *size, bt_error *error);
/* Whether there is a section of this name. */
bool bt_checkpoint_has(const bt_checkpoint *c, const char *name);
void bt_checkpoint_close(bt_checkpoint *c); /* NULL is fine */

#endif
