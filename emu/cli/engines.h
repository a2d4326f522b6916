/* Engines by name. */
#ifndef BT_CLI_ENGINES_H
#define BT_CLI_ENGINES_H

#include "engine/engine.h"

typedef struct {
  int fault_bit;     /* rtl: -1, or the broken bit of a must-fail run */
  size_t max_tiles;  /* rtl: of each contraction; 0 for all */
  const char *waves; /* rtl: a file for waves, or NULL */
  unsigned threads;  /* fast: 0 for one a processor */
  bool whole;        /* rtl: the whole machine, which runs programs; else its array and quantizer,
                      * which have the options above */
} bt_engine_options;

#define BT_ENGINE_OPTIONS_NONE ((bt_engine_options){.fault_bit = -1})

/* Makes the engine `name` ("ref", "fast", "rtl"), or one with substitutions (engine_spec.h:
 * "fast,conv=./user.so"). BT_BAD_INPUT for another name, and for "rtl"
 * in a build without it or on a machine it was not built for. */
bt_status bt_engine_make(const char *name, const bt_machine *machine,
                         const bt_engine_options *options, bt_engine **engine, bt_error *error);

/* What --threads says of itself where an engine is made. */
#define BT_ENGINE_THREADS "Threads of engine fast, 1 to 256; default one for each processor"

/* What such an engine runs on: for fast its instruction set and threads, else NULL and 1. */
typedef struct {
  const char *isa;
  unsigned threads;
} bt_engine_resources;
bt_engine_resources bt_engine_uses(const char *name, const bt_engine_options *options);

/* The names, "ref, fast, rtl", as this build has them. */
const char *bt_engine_names(void);

/* True for the engine that runs the Verilog. */
bool bt_engine_is_rtl(const bt_engine *engine);

#endif
