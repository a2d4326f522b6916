/* The bytes of a checkpoint file, shared by its writer and its reader (io/checkpoint.h). */
#ifndef BT_IO_CHECKPOINT_LAYOUT_H
#define BT_IO_CHECKPOINT_LAYOUT_H

#include <stddef.h>
#include <stdint.h>

#define CHECKPOINT_MAGIC "BITTRUE\x1a"
#define CHECKPOINT_HEAD 16u    /* bytes before the first section */
#define CHECKPOINT_SECTION 16u /* bytes of a section before its name */
#define CHECKPOINT_ALIGN 16u

/* The low `bytes` bytes of a value, little-endian. */
static inline void checkpoint_store(uint8_t *at, unsigned bytes, uint64_t value) {
  for (unsigned i = 0; i < bytes; i++) {
    at[i] = (uint8_t)(value >> (8 * i));
  }
}

static inline uint64_t checkpoint_load(const uint8_t *at, unsigned bytes) {
  uint64_t value = 0;
  for (unsigned i = 0; i < bytes; i++) {
    value |= (uint64_t)at[i] << (8 * i);
  }
  return value;
}

/* Zero bytes that follow `size` bytes which began at a multiple of the alignment. */
static inline size_t checkpoint_padding(size_t size) {
  return (CHECKPOINT_ALIGN - size % CHECKPOINT_ALIGN) % CHECKPOINT_ALIGN;
}

#endif
