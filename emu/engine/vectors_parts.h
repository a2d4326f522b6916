/* Parts of the writing of golden vectors, for vectors.c. */
#ifndef BT_ENGINE_VECTORS_PARTS_H
#define BT_ENGINE_VECTORS_PARTS_H

#include <jansson.h>

#include "engine/vectors.h"
#include "io/npy.h"

/* Integers to be written as NAME.hex and NAME.npy. */
typedef struct {
  const char *name;
  bt_npy_type type; /* how they lie in memory, and in the NPY file */
  int width;        /* bits of an element in the hex file, 1..64 */
  bool is_signed;
  size_t ndim;
  const size_t *dim;
  const void *data;
} bt_vectors_array;

/* Writes an array's files into directory/folder; *item becomes its entry in the manifest: shape,
 * elements, width, signed, and each file's name and SHA-256. */
bt_status bt_vectors_put(const char *directory, const char *folder, const bt_vectors_array *array,
                         json_t **item, bt_error *error);

/* Writes a text as a file. */
bt_status bt_vectors_put_text(const char *path, const char *text, bt_error *error);

/* The directory's file of a folder, into path[4096]. */
bt_status bt_vectors_path(const char *directory, const char *folder, const char *name,
                          const char *ending, char path[4096], bt_error *error);

/* SHA-256 of a file, as hexadecimal text of 65 bytes. */
bt_status bt_vectors_sha256(const char *path, char hex[65], bt_error *error);

/* A command's parameters beside shapes and formats: rounding, geometry, accumulator, constants. */
json_t *bt_vectors_parameters(const bt_command *c, const bt_machine *machine);

/* What in[i] or out[i] of the command is: "first operand (x)", "mask", ... */
const char *bt_vectors_input(const bt_command *c, size_t i);
const char *bt_vectors_output(const bt_command *c, size_t i);

/* A tensor's kind, format, blocks or cells, and the meaning of its exponents. */
json_t *bt_vectors_tensor(const bt_tensor *t, const char *place);

/* "+NAME=VALUE" for each number and word (text without spaces) of a command's entry, a line each;
 * free it. NULL when out of memory. */
char *bt_vectors_plusargs(json_t *command);

#endif
