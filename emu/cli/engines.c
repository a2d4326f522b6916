#include "cli/engines.h"

#include <string.h>

#include "cli/engine_spec.h"
#include "fast/fast.h"
#include "threads/threads.h"
#include "num/error.h"
#include "ref/ref.h"
#ifdef BITTRUE_HAVE_RTL
#include "machine_engine.h"
#include "rtl_engine.h"
#endif

#ifdef BITTRUE_HAVE_TLM
#include "tlm_engine.h"
#define NAME_TLM ", tlm"
#else
#define NAME_TLM ""
#endif

const char *bt_engine_names(void) {
#ifdef BITTRUE_HAVE_RTL
  return "ref, fast, rtl" NAME_TLM;
#else
  return "ref, fast" NAME_TLM " (built without rtl)";
#endif
}

bool bt_engine_is_rtl(const bt_engine *engine) { return strcmp(engine->name, "rtl") == 0; }

bt_engine_resources bt_engine_uses(const char *name, const bt_engine_options *options) {
  bt_engine_resources r = {NULL, 1};
  if (strcspn(name, ",") == 4 && strncmp(name, "fast", 4) == 0) { /* substitutions may follow */
    (void)bt_fast_isa(&r.isa, NULL);
    r.threads = options->threads == 0 ? bt_threads_available() : options->threads;
  }
  return r;
}

static bt_engine *make_rtl(const bt_machine *machine, const bt_engine_options *options,
                           bt_error *error) {
#ifdef BITTRUE_HAVE_RTL
  if (options->whole) {
    bt_machine_options m = bt_machine_options_default();
    m.waves = options->waves;
    return bt_machine_engine(machine, &m, error);
  }
  bt_rtl_options o = bt_rtl_options_default();
  o.fault_bit = options->fault_bit;
  o.max_tiles = options->max_tiles;
  o.waves = options->waves;
  return bt_rtl_engine(machine, &o, error);
#else
  (void)machine;
  (void)options;
  bt_fail(error, BT_BAD_INPUT, "engine rtl: this build has none; configure with BITTRUE_RTL=ON");
  return NULL;
#endif
}

bt_status bt_engine_make(const char *name, const bt_machine *machine,
                         const bt_engine_options *options, bt_engine **engine, bt_error *error) {
  *engine = NULL;
  if (strchr(name, ',') != NULL) {
    return bt_engine_make_substituted(name, machine, options, engine, error);
  }
  if (error != NULL) {
    bt_fail(error, BT_FAILED, "out of memory for engine %s", name);
  }
  if (strcmp(name, "ref") == 0) {
    *engine = bt_ref_engine(machine);
  } else if (strcmp(name, "fast") == 0) {
    const char *isa;
    bt_status s = bt_fast_isa(&isa, error);
    if (s != BT_OK) {
      return s;
    }
    if (error != NULL) {
      bt_fail(error, BT_FAILED, "out of memory or threads for engine fast");
    }
    *engine = bt_fast_engine(machine, options->threads);
  } else if (strcmp(name, "rtl") == 0) {
    *engine = make_rtl(machine, options, error);
    return *engine == NULL ? BT_BAD_INPUT : BT_OK;
#ifdef BITTRUE_HAVE_TLM
  } else if (strcmp(name, "tlm") == 0) {
    *engine = bt_tlm_engine(machine, error);
    return *engine == NULL ? BT_BAD_INPUT : BT_OK;
#endif
  } else {
    return bt_fail(error, BT_BAD_INPUT, "engine '%s': expected one of %s", name,
                   bt_engine_names());
  }
  return *engine == NULL ? BT_FAILED : BT_OK;
}
