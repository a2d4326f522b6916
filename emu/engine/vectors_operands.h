/* The operands of one command of golden vectors, for the report on an element of its result. */
#ifndef BT_ENGINE_VECTORS_OPERANDS_H
#define BT_ENGINE_VECTORS_OPERANDS_H

#include "engine/vectors_hint.h"

/* Reads the exponents of a tensor of the manifest into t->exp (to be freed); those of fixed point
 * are made. NULL stays for a tensor without any. */
bt_status bt_vectors_read_exponents(const char *directory, const char *folder,
                                    const json_t *tensor, bt_tensor *t, bt_error *error);

/* Reads all that a quantization's result follows from; out is its output, with exponents. Free it
 * after an error too. */
bt_status bt_vectors_read_quantization(const char *directory, const json_t *command,
                                       const bt_tensor *out, bt_vectors_quantization *q,
                                       bt_error *error);
void bt_vectors_quantization_free(bt_vectors_quantization *q);

/* Lines on the operands that element i of output `out` follows from by its place, and its draw. */
bt_status bt_vectors_describe_operands(const char *directory, const json_t *command,
                                       const bt_tensor *out, size_t i, char *text, size_t size,
                                       bt_error *error);

#endif
