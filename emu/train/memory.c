#include "train/memory.h"

#include <sys/resource.h>

size_t bt_memory_planned(const bt_memory *m) {
  return m->data + m->model + m->programs + m->engine + m->pipeline;
}

size_t bt_memory_peak(void) {
  struct rusage use;
  return getrusage(RUSAGE_SELF, &use) == 0 ? (size_t)use.ru_maxrss * 1024 : 0;
}

static size_t of_images(const bt_images *x) {
  return x->count * (x->height * x->width * x->channels + 1);
}

size_t bt_memory_of_data(const bt_dataset *data) {
  return of_images(&data->train) + of_images(&data->test);
}

static size_t of_tensor(const bt_tensor *t) {
  return bt_tensor_elements(t) * bt_tensor_element_size(t) +
         bt_tensor_exponents(t) * sizeof *t->exp;
}

size_t bt_memory_of_model(const bt_model *model) {
  size_t bytes = sizeof *model;
  for (size_t p = 0; p < model->parameters; p++) {
    const bt_tensor *w = model->w[p];
    size_t elements = bt_tensor_elements(w), blocks = bt_tensor_exponents(w);
    bytes += of_tensor(w) + of_tensor(model->v[p]);
    bytes += elements * sizeof(int64_t) + blocks * sizeof(int16_t);
    bytes += elements * sizeof(int16_t) + blocks * sizeof(int16_t); /* numerics 16: up to 15 bits */
  }
  return bytes;
}

void bt_memory_programs(bt_memory *m, const bt_program *a, const bt_program *b) {
  size_t bytes = (a == NULL ? 0 : bt_program_bytes(a)) + (b == NULL ? 0 : bt_program_bytes(b));
  m->programs = bytes > m->programs ? bytes : m->programs;
}

void bt_memory_engine(bt_memory *m, const bt_engine *engine) {
  size_t bytes = engine->memory == NULL ? 0 : engine->memory(engine);
  m->engine = bytes > m->engine ? bytes : m->engine;
}
