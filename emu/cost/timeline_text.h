/* Text of the Trace Event format, event by event, in constant memory: JSON that ui.perfetto.dev and
 * chrome://tracing open (docs/traces.md, "traces 7"). */
#ifndef BT_COST_TIMELINE_TEXT_H
#define BT_COST_TIMELINE_TEXT_H

#include "cost/trace_text.h"

typedef struct {
  bt_trace_text *text;
  uint64_t clock_hz; /* cycles a second, at least 1 */
  bool comma;        /* a value stands before in the same brackets */
} bt_event_text;

/* A value, or an opened bracket, of an object has a key, which needs no escapes; one of a list has
 * NULL. */
void bt_event_open(bt_event_text *e, const char *key, char bracket);
void bt_event_close(bt_event_text *e, char bracket);
void bt_event_integer(bt_event_text *e, const char *key, uint64_t n);
void bt_event_true(bt_event_text *e, const char *key);
/* n / 10^places, every digit but trailing zeros. */
void bt_event_decimal(bt_event_text *e, const char *key, unsigned __int128 n, unsigned places);
void bt_event_string(bt_event_text *e, const char *key, const char *text);
/* A string of several pieces. */
void bt_event_string_open(bt_event_text *e, const char *key);
void bt_event_string_add(bt_event_text *e, const char *text);
void bt_event_string_decimal(bt_event_text *e, unsigned __int128 n, unsigned places);
void bt_event_string_close(bt_event_text *e);

/* Opens an event on a line of its own with its phase ("X", "C", "M"), process 1 and thread. */
void bt_event_start(bt_event_text *e, const char *phase, unsigned thread);
/* Microseconds from the step's start to a cycle, in whole femtoseconds, rounded down: exact where
 * 10^15 is a multiple of clock_hz, as of 1 GHz or 200 MHz. A duration is the difference of two
 * times, so that what follows on something starts where that ends, whatever the clock. */
void bt_event_times(bt_event_text *e, uint64_t from, uint64_t to);
void bt_event_time(bt_event_text *e, uint64_t at);

#endif
