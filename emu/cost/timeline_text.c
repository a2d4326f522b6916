#include "cost/timeline_text.h"

#define FEMTOSECONDS UINT64_C(1000000000000000) /* in a second */
#define TIME_PLACES 9u                           /* of femtoseconds in a microsecond */
#define MOST_DIGITS 40u                          /* of 128 bits */

static void put(bt_event_text *e, const char *text, size_t length) {
  while (length > 0) {
    size_t now = length < BT_TRACE_LINE ? length : BT_TRACE_LINE;
    bt_trace_line_end(e->text, bt_trace_word(bt_trace_line(e->text), text, now));
    text += now;
    length -= now;
  }
}

static void put_text(bt_event_text *e, const char *text) { put(e, text, strlen(text)); }

/* What stands before a value. */
static void put_key(bt_event_text *e, const char *key) {
  put_text(e, e->comma ? "," : "");
  e->comma = true;
  if (key != NULL) {
    put_text(e, "\"");
    put_text(e, key);
    put_text(e, "\":");
  }
}

void bt_event_open(bt_event_text *e, const char *key, char bracket) {
  put_key(e, key);
  put(e, &bracket, 1);
  e->comma = false;
}

void bt_event_close(bt_event_text *e, char bracket) {
  put(e, &bracket, 1);
  e->comma = true;
}

/* Writes the digits of n from the end of text on, at least `least` of them. */
static const char *digits(char text[MOST_DIGITS + 1], unsigned __int128 n, unsigned least) {
  char *p = text + MOST_DIGITS;
  *p = '\0';
  while (n > 0 || p > text + MOST_DIGITS - least) {
    *--p = (char)('0' + (unsigned)(n % 10));
    n /= 10;
  }
  return p;
}

void bt_event_integer(bt_event_text *e, const char *key, uint64_t n) {
  char text[MOST_DIGITS + 1];
  put_key(e, key);
  put_text(e, digits(text, n, 1));
}

void bt_event_true(bt_event_text *e, const char *key) {
  put_key(e, key);
  put_text(e, "true");
}

/* n / 10^places */
static void put_decimal(bt_event_text *e, unsigned __int128 n, unsigned places) {
  char text[MOST_DIGITS + 1];
  while (places > 0 && n % 10 == 0) {
    n /= 10;
    places--;
  }
  const char *all = digits(text, n, places + 1);
  size_t whole = strlen(all) - places;
  put(e, all, whole);
  put_text(e, places > 0 ? "." : "");
  put_text(e, all + whole);
}

void bt_event_decimal(bt_event_text *e, const char *key, unsigned __int128 n, unsigned places) {
  put_key(e, key);
  put_decimal(e, n, places);
}

void bt_event_string_add(bt_event_text *e, const char *text) {
  static const char hex[] = "0123456789abcdef";
  for (const char *p = text; *p != '\0'; p++) {
    unsigned char c = (unsigned char)*p;
    char escaped[6] = {'\\', 'u', '0', '0', hex[c >> 4], hex[c & 15]};
    if (c == '"' || c == '\\') {
      put_text(e, "\\");
    }
    put(e, c < 0x20 ? escaped : p, c < 0x20 ? sizeof escaped : 1);
  }
}

void bt_event_string_open(bt_event_text *e, const char *key) {
  put_key(e, key);
  put_text(e, "\"");
}

void bt_event_string_decimal(bt_event_text *e, unsigned __int128 n, unsigned places) {
  put_decimal(e, n, places);
}

void bt_event_string_close(bt_event_text *e) { put_text(e, "\""); }

void bt_event_string(bt_event_text *e, const char *key, const char *text) {
  bt_event_string_open(e, key);
  bt_event_string_add(e, text);
  bt_event_string_close(e);
}

void bt_event_start(bt_event_text *e, const char *phase, unsigned thread) {
  put_text(e, e->comma ? ",\n" : "\n");
  e->comma = false;
  bt_event_open(e, NULL, '{');
  bt_event_string(e, "ph", phase);
  bt_event_integer(e, "pid", 1);
  bt_event_integer(e, "tid", thread);
}

static unsigned __int128 femtoseconds(const bt_event_text *e, uint64_t cycle) {
  return (unsigned __int128)cycle * FEMTOSECONDS / e->clock_hz;
}

void bt_event_time(bt_event_text *e, uint64_t at) {
  bt_event_decimal(e, "ts", femtoseconds(e, at), TIME_PLACES);
}

void bt_event_times(bt_event_text *e, uint64_t from, uint64_t to) {
  bt_event_time(e, from);
  bt_event_decimal(e, "dur", femtoseconds(e, to) - femtoseconds(e, from), TIME_PLACES);
}
