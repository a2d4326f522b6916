/* Golden vectors read back: the manifest, the expected arrays, and a foreign design's results. */
#ifndef BT_ENGINE_VECTORS_LOAD_H
#define BT_ENGINE_VECTORS_LOAD_H

#include <jansson.h>

#include "engine/vectors.h"
#include "io/hexmem.h"

/* Reads DIRECTORY/manifest.json; *manifest is to be json_decref()ed. BT_BAD_INPUT where it is
 * missing, no JSON (with line), of another format, or has no list of commands. */
bt_status bt_vectors_manifest(const char *directory, json_t **manifest, bt_error *error);

/* Integers with what is known of each. */
typedef struct {
  size_t count;
  int64_t *value;  /* [count]; meaningful where state is BT_HEX_VALUE */
  uint8_t *state;  /* [count], bt_hex_state */
  uint64_t beyond; /* values that came after the last one expected */
} bt_vectors_values;
void bt_vectors_values_free(bt_vectors_values *v); /* safe on a zeroed struct */

/* The shape of one of the manifest's arrays. */
typedef struct {
  size_t ndim, dim[BT_MAX_DIMS], count;
  int width;
  bool is_signed;
} bt_vectors_shape;
bt_status bt_vectors_read_shape(const json_t *array, bt_vectors_shape *shape, bt_error *error);

/* Compares the checksum of each file that a command's entry names, operands and draws among them:
 * BT_BAD_INPUT names the file that was changed or is missing. */
bt_status bt_vectors_verify(const char *directory, const char *folder, json_t *entry,
                            bt_error *error);

/* Reads an array of the vectors from its NPY file, whose checksum must agree with the manifest. */
bt_status bt_vectors_read_expected(const char *directory, const char *folder, const json_t *array,
                                   bt_vectors_values *values, bt_error *error);

/* Reads RESULTS/FOLDER/NAME.hex, or NAME.bits.hex of an array of bits, or NAME.npy, the first of
 * them that is there; *found tells whether one was. BT_BAD_INPUT for a file that holds no integers.
 * Places that the file leaves out are BT_HEX_ABSENT. */
bt_status bt_vectors_read_result(const char *results, const char *folder, const char *name,
                                 const bt_vectors_shape *shape, bool *found,
                                 bt_vectors_values *values, bt_error *error);

/* A tensor of the manifest as a shape without data. Its name is the manifest's. */
bt_status bt_vectors_read_tensor(const json_t *tensor, bt_tensor *t, bt_error *error);

#endif
