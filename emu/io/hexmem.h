/* Memories as Verilog's $readmemh reads and $writememh writes them: numbers in hexadecimal between
 * spaces, lines and comments, an address as @HEX. */
#ifndef BT_IO_HEXMEM_H
#define BT_IO_HEXMEM_H

#include "io/file.h"
#include "io/npy.h"

/* Writes `count` integers that lie in memory as `type` does (BT_NPY_I1 .. BT_NPY_U1), one a line:
 * the low `width` bits (1..64) in two's complement, lower case, ceil(width / 4) digits. */
bt_status bt_hexmem_put(bt_file *f, bt_npy_type type, int width, size_t count, const void *data,
                        bt_error *error);
/* The same of bytes that are 0 or 1, 32 a line: element i is bit i mod 32 of line i / 32. */
bt_status bt_hexmem_put_bits(bt_file *f, size_t count, const uint8_t *bits, bt_error *error);

/* What a place of a memory holds. A number with a digit x or z (or ?) has no value. */
typedef enum { BT_HEX_ABSENT, BT_HEX_VALUE, BT_HEX_X, BT_HEX_Z } bt_hex_state;

typedef struct {
  uint64_t value;      /* as its digits say; not yet of any width */
  uint8_t state;       /* bt_hex_state */
  uint8_t digits;      /* how many were written, at most 16 */
} bt_hex_word;

typedef struct {
  bt_hex_word *word;   /* [count] */
  size_t count;        /* as the caller expects: places beyond are only counted */
  uint64_t beyond;     /* numbers with a value at addresses from count on */
} bt_hexmem;

/* Reads a file into `count` places. BT_BAD_INPUT with path and line for anything else than numbers
 * of up to 64 bits, addresses and comments. */
bt_status bt_hexmem_read(const char *path, size_t count, bt_hexmem *m, bt_error *error);
void bt_hexmem_free(bt_hexmem *m); /* safe on a zeroed struct */

/* The number as a signed or unsigned integer of `width` bits. A signed one is two's complement of
 * `width` bits where it has as many digits as bt_hexmem_put() writes, and of 4 bits a digit where
 * it has more: "ff" and "ffff" are -1 at width 8, "00ff" is 255, which no such element holds. */
int64_t bt_hex_integer(bt_hex_word w, int width, bool is_signed);

/* The low `width` bits of v as bt_hexmem_put() writes them, into text of at least 17 bytes. */
void bt_hex_text(int64_t v, int width, char text[17]);

#endif
