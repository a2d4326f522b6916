/* Files that are either whole or absent: written beside their place, synced, renamed. */
#ifndef BT_IO_FILE_H
#define BT_IO_FILE_H

#include <stdio.h>

#include "bittrue.h"

/* A zeroed struct is valid and holds no file. */
typedef struct {
  FILE *stream;    /* write here, or through bt_file_put; NULL once closed */
  char *path;      /* the final place, as the caller named it */
  char *place;     /* the same with a symbolic link at its end followed */
  char *temporary; /* NULL where the place is a device or a pipe, which is written directly */
} bt_file;

/* Opens a temporary file in the directory of `path`. BT_BAD_INPUT if the directory cannot be
 * written (a path beneath a file, no permission) or `path` is a directory: the error names the
 * path. */
bt_status bt_file_create(bt_file *f, const char *path, bt_error *error);
/* Writes `size` bytes. A failure here (a full disk) is BT_BAD_INPUT and names the system's
 * reason; the caller still abandons the file. */
bt_status bt_file_put(bt_file *f, const void *data, size_t size, bt_error *error);
/* Flushes, syncs and renames to the final place; any earlier write error (a full disk) shows
 * here as BT_BAD_INPUT, the temporary is removed and what stood at the path is left alone. */
bt_status bt_file_commit(bt_file *f, bt_error *error);
/* The same for `count` files: none is renamed before all are written and synced, so a full disk
 * leaves all old files. Two files for one place are BT_BAD_INPUT. On an error all are abandoned.
 * Files with a NULL path (zeroed structs) are skipped. */
bt_status bt_file_commit_all(bt_file *const *f, size_t count, bt_error *error);
/* Removes the temporary; safe after commit and on a zeroed struct. */
void bt_file_abandon(bt_file *f);

/* Reads a whole file, plain or gzip (told by its first bytes), into *data (free it; a zero byte
 * follows the *size bytes). BT_BAD_INPUT if it cannot be read, is larger than `limit` bytes once
 * unpacked, or its gzip stream is broken, cut short or followed by anything but another member. */
bt_status bt_file_read(const char *path, size_t limit, uint8_t **data, size_t *size,
                       bt_error *error);

/* Writes `text` as a whole file. */
bt_status bt_file_write_text(const char *path, const char *text, bt_error *error);

/* Makes a directory and its parents; fine if it exists. */
bt_status bt_directory_make(const char *path, bt_error *error);

#endif
