#include "fast/scratch.h"

#include <stdint.h>
#include <stdlib.h>

#define ALIGNMENT 64u

/* Areas come from the newest chunk; what does not fit makes a further chunk, and the next reset
 * puts one in place of all. */
typedef struct chunk {
  struct chunk *older;
  size_t size;
  uint8_t *bytes;
} chunk;

struct bt_scratch {
  chunk *newest;
  size_t used;  /* of the newest chunk */
  size_t older; /* bytes of all others */
};

static void drop_chunks(bt_scratch *s) {
  for (chunk *c = s->newest, *older; c != NULL; c = older) {
    older = c->older;
    free(c->bytes);
    free(c);
  }
  *s = (bt_scratch){0};
}

static size_t chunk_size(const bt_scratch *s) { return s->newest == NULL ? 0 : s->newest->size; }

static int add_chunk(bt_scratch *s, size_t size) {
  chunk *c = malloc(sizeof *c);
  uint8_t *bytes = aligned_alloc(ALIGNMENT, size);
  if (c == NULL || bytes == NULL) {
    free(c);
    free(bytes);
    return 0;
  }
  s->older += chunk_size(s);
  *c = (chunk){s->newest, size, bytes};
  s->newest = c;
  s->used = 0;
  return 1;
}

bt_scratch *bt_scratch_new(void) { return calloc(1, sizeof(bt_scratch)); }

void bt_scratch_free(bt_scratch *s) {
  if (s != NULL) {
    drop_chunks(s);
    free(s);
  }
}

void *bt_scratch_take(bt_scratch *s, size_t bytes) {
  if (bytes > SIZE_MAX - 2 * (size_t)ALIGNMENT) {
    return NULL;
  }
  bytes = (bytes + ALIGNMENT) / ALIGNMENT * ALIGNMENT; /* at least one unit, so never NULL */
  if (chunk_size(s) - s->used < bytes && !add_chunk(s, bytes)) {
    return NULL;
  }
  void *area = s->newest->bytes + s->used;
  s->used += bytes;
  return area;
}

void bt_scratch_reset(bt_scratch *s) {
  if (s->older > 0) {
    size_t all = bt_scratch_bytes(s);
    drop_chunks(s);
    (void)add_chunk(s, all); /* where that fails, the next take tries again */
  }
  s->used = 0;
}

size_t bt_scratch_bytes(const bt_scratch *s) { return s->older + chunk_size(s); }
