#include "cli/replay_waves.h"

#include <inttypes.h>
#include <stdio.h>

#include "cli/engines.h"
#ifdef BITTRUE_HAVE_RTL
#include "machine_engine.h"
#endif

#ifdef BITTRUE_HAVE_RTL
static void describe(const bt_engine *engine, const char *file, bool around, char line[256]) {
  bt_machine_shown shown = bt_machine_last_shown(engine);
  uint64_t cycles = bt_machine_last(engine).cycles;
  if (around) {
    snprintf(line, 256, "cycles %" PRIu64 " to %" PRIu64 " of %" PRIu64
             " behind the doorbell, the element written in %" PRIu64 ": %s", shown.first,
             shown.last < cycles ? shown.last : cycles, cycles, shown.written, file);
  } else {
    snprintf(line, 256, "all %" PRIu64 " cycles behind the doorbell: %s", cycles, file);
  }
}
#endif

bt_status bt_replay_waves(bt_replay *r, const bt_lfsr *before, const bt_difference *difference,
                          const char *file, uint64_t window, char line[256], bt_error *error) {
  bt_engine_options options = BT_ENGINE_OPTIONS_NONE;
  bt_engine *engine = NULL;
  options.whole = true;
  options.waves = file;
  bt_status s = bt_engine_make("rtl", &r->machine, &options, &engine, error);
  if (s != BT_OK) {
    return s;
  }
#ifdef BITTRUE_HAVE_RTL
  bt_lfsr rng = *before;
  bt_counts counts = {0};
  bool around = window > 0 && difference->is_element;
  if (around) {
    bt_machine_show(engine, difference->output, difference->element, window);
  }
  s = engine->run(engine, &r->command, &rng, &counts, error);
  if (s == BT_OK) {
    describe(engine, file, around, line);
  }
#else
  (void)before;
  (void)difference;
  (void)window;
  line[0] = '\0';
#endif
  engine->destroy(engine);
  return s;
}
