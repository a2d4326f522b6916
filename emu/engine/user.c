#include "engine/user.h"

#include <dlfcn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "engine/user_check.h"
#include "num/error.h"
#include "num/lfsr.h"

typedef struct {
  bt_engine base;
  char *what;
  char *options;
  bool compared;
  bt_machine machine;
  bt_user_setup setup;
  void *object;
  const bt_user_engine *user;
  bool made; /* create() succeeded */
  void *context;
} user_engine;

static uint32_t host_draw(const bt_lfsr *before, size_t i, unsigned bits) {
  uint32_t lane = bt_lfsr_jump(before->lane[i % before->lanes],
                               (uint64_t)(i / before->lanes) * bits);
  return bt_lfsr_draw(&lane, bits);
}

static const bt_user_host host = {.draw = host_draw, .advance = bt_user_view_advance,
                                  .block_of = bt_block_of, .lfsr_draw = bt_lfsr_draw,
                                  .lfsr_jump = bt_lfsr_jump};

/* Makes the object's own text one line that ends within its size, or `instead` if it is empty. */
static void one_line(bt_error *said, const char *instead) {
  said->text[sizeof said->text - 1] = '\0';
  for (char *p = said->text; *p != '\0'; p++) {
    *p = *p == '\n' || *p == '\r' ? ' ' : *p;
  }
  if (said->text[0] == '\0') {
    snprintf(said->text, sizeof said->text, "%s", instead);
  }
}

static bool covers(const bt_engine *engine, const bt_command *c) {
  const user_engine *e = (const user_engine *)engine;
  bt_user_view v;
  if (e->user->covers == NULL) {
    return true;
  }
  /* Without memory run() says so. */
  bool yes = !bt_user_view_make(&v, c, &e->machine.acc) || e->user->covers(e->context, &v.command);
  bt_user_view_free(&v);
  return yes;
}

static void add_counts(bt_counts *to, const bt_user_counts *counts) {
  to->saturations += counts->saturations;
  to->dropped += counts->dropped;
  to->quantize.clipped += counts->quantize.clipped;
  to->quantize.overflow += counts->quantize.overflow;
  to->quantize.flushed += counts->quantize.flushed;
}

/* Runs the command of the view and checks what it left; rng moves only then. */
static bt_status run_view(user_engine *e, const bt_user_view *v, bt_lfsr *rng,
                          bt_user_counts *counts, bt_error *said) {
  bt_lfsr generator = *rng;
  bt_user_before before = bt_user_prepare(v, rng);
  if (e->user->run(e->context, &v->command, &generator, counts, said) != BT_OK) {
    one_line(said, "failed (no text)");
    return BT_FAILED;
  }
  said->text[0] = '\0';
  bt_status s = bt_user_check(v, &before, &generator, e->compared, said);
  *rng = s == BT_OK ? generator : *rng;
  return s;
}

static bt_status run(bt_engine *engine, const bt_command *c, bt_lfsr *rng, bt_counts *counts,
                     bt_error *error) {
  user_engine *e = (user_engine *)engine;
  bt_user_counts did = {0};
  bt_error said = {""};
  bt_user_view v;
  bt_status s = bt_user_view_make(&v, c, &e->machine.acc)
                    ? run_view(e, &v, rng, &did, &said)
                    : bt_fail(&said, BT_FAILED, "out of memory");
  if (s == BT_OK) {
    bt_user_view_return(&v, c);
    add_counts(counts, &did);
  } else {
    bt_fail(error, s, "%s: %s: %s", e->what, v.command.label, said.text);
  }
  bt_user_view_free(&v);
  return s;
}

static void destroy(bt_engine *engine) {
  user_engine *e = (user_engine *)engine;
  if (e->made && e->user->destroy != NULL) {
    e->user->destroy(e->context);
  }
  if (e->object != NULL) {
    dlclose(e->object);
  }
  free(e->what);
  free(e->options);
  free(e);
}

/* Loads the object and finds its entry. */
static bt_status load(user_engine *e, const char *path, bt_error *error) {
  char here[4096];
  snprintf(here, sizeof here, "%s%s", strchr(path, '/') == NULL ? "./" : "", path);
  e->object = dlopen(here, RTLD_NOW | RTLD_LOCAL);
  if (e->object == NULL) {
    return bt_fail(error, BT_BAD_INPUT, "%s: expected a shared object: %s", e->what, dlerror());
  }
  /* ISO C has no conversion from data to function pointers; POSIX gives them one representation. */
  const bt_user_engine *(*entry)(uint32_t abi) = NULL;
  void *symbol = dlsym(e->object, "bittrue_engine");
  memcpy(&entry, &symbol, sizeof entry);
  if (entry == NULL) {
    return bt_fail(error, BT_BAD_INPUT,
                   "%s: exports no bittrue_engine(), expected that of bittrue_engine.h", e->what);
  }
  e->user = entry(BT_ENGINE_ABI);
  if (e->user == NULL) {
    return bt_fail(error, BT_BAD_INPUT, "%s: refuses engine ABI %u, expected it to be built with "
                   "this version's bittrue_engine.h", e->what, BT_ENGINE_ABI);
  }
  return e->user->abi == BT_ENGINE_ABI
             ? BT_OK
             : bt_fail(error, BT_BAD_INPUT, "%s: built for engine ABI %u, expected %u", e->what,
                       e->user->abi, BT_ENGINE_ABI);
}

static bt_status create(user_engine *e, bt_error *error) {
  const bt_machine *m = &e->machine;
  bt_error said = {""};
  if (e->user->run == NULL || e->user->name == NULL) {
    return bt_fail(error, BT_BAD_INPUT, "%s: its engine has no %s", e->what,
                   e->user->run == NULL ? "run()" : "name");
  }
  e->setup = (bt_user_setup){.options = e->options, .machine = m->name, .rows = m->rows,
                             .cols = m->cols, .lanes = m->lanes, .accumulator = m->acc,
                             .host = &host};
  if (e->user->create != NULL && e->user->create(&e->setup, &e->context, &said) != BT_OK) {
    one_line(&said, "(no text)");
    return bt_fail(error, BT_BAD_INPUT, "%s: %s refuses: %s", e->what, e->user->name, said.text);
  }
  e->made = true;
  return BT_OK;
}

bt_status bt_user_open(const char *what, const char *path, const char *options,
                       const bt_machine *machine, bt_engine **engine, bt_error *error) {
  user_engine *e = calloc(1, sizeof *e);
  *engine = NULL;
  if (e == NULL) {
    return bt_fail(error, BT_FAILED, "%s: out of memory", what);
  }
  e->what = strdup(what);
  e->options = strdup(options);
  e->machine = *machine;
  e->base = (bt_engine){.name = e->what, .covers = covers, .run = run, .destroy = destroy};
  bt_status s = e->what == NULL || e->options == NULL
                    ? bt_fail(error, BT_FAILED, "%s: out of memory", what)
                    : load(e, path, error);
  s = s == BT_OK ? create(e, error) : s;
  if (s != BT_OK) {
    destroy(&e->base);
    return s;
  }
  *engine = &e->base;
  return BT_OK;
}

void bt_user_compare(bt_engine *engine) { ((user_engine *)engine)->compared = true; }

const char *bt_user_title(const bt_engine *engine) {
  return ((const user_engine *)engine)->user->name;
}
