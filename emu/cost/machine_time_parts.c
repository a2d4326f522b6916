#include "cost/machine_time_parts.h"

uint64_t bt_ceil_div(uint64_t n, uint64_t d) { return n / d + (n % d != 0); }

void bt_unit_time_cycle(bt_unit_time *t, bool work) {
  t->prepare += !work && t->work == 0;
  t->work += work;
  t->cycles++;
}

void bt_port_open(bt_port *p, const bt_time_of *how, unsigned clients, unsigned reads_max) {
  *p = (bt_port){.clients = clients, .last = how->first ? 0 : clients - 1,
                 .reads_max = reads_max, .latency = how->latency};
}

int bt_port_answer(bt_port *p) {
  p->answered = p->count > 0 && p->due[p->head] <= p->now;
  if (!p->answered) {
    return BT_NOBODY;
  }
  int who = p->who[p->head];
  p->head = (p->head + 1) % BT_PORT_READS;
  p->count--;
  return who;
}

/* The first that asks, from the one after the last that was served. */
static unsigned choose(const bt_port *p, unsigned want) {
  unsigned after = p->last + 1 < p->clients ? want >> (p->last + 1) << (p->last + 1) : 0;
  unsigned from = after != 0 ? after : want;
  unsigned i = 0;
  while ((from >> i & 1) == 0) {
    i++;
  }
  return i;
}

int bt_port_ask(bt_port *p, unsigned want, unsigned write) {
  uint64_t now = p->now++;
  if (want == 0) {
    return BT_NOBODY;
  }
  unsigned chosen = p->held ? p->chosen : choose(p, want);
  p->held = false;
  if (write >> chosen & 1) {
    p->writes++;
  } else {
    if (p->count + p->answered >= p->reads_max) {
      p->held = true;
      p->chosen = chosen;
      return BT_NOBODY;
    }
    unsigned tail = (p->head + p->count) % BT_PORT_READS;
    p->who[tail] = (int)chosen;
    p->due[tail] = now + 1 + p->latency;
    p->count++;
    p->reads++;
  }
  p->last = chosen;
  return (int)chosen;
}

void bt_stream_in_open(bt_stream_in *r, unsigned depth) { *r = (bt_stream_in){.room = depth}; }

void bt_stream_in_start(bt_stream_in *r, unsigned size, uint64_t beats) {
  r->size = size;
  r->left = beats;
  r->sub = 0;
  r->asks = size == 3 ? 2 * beats : bt_ceil_div(beats, size == 0 ? 4 : size == 1 ? 2 : 1);
}

bool bt_stream_in_wants(const bt_stream_in *r) { return r->asks > 0 && r->room > 0; }

bool bt_stream_in_valid(const bt_stream_in *r) {
  return r->left > 0 && r->filled > (r->size == 3 ? 1 : 0);
}

void bt_stream_in_step(bt_stream_in *r, bool asked, bool answered, bool take) {
  unsigned last_sub = r->size == 0 ? 3 : r->size == 1 ? 1 : 0;
  bool pop = take && (r->sub == last_sub || r->left == 1);
  unsigned popped = !pop ? 0 : r->size == 3 ? 2 : 1;
  r->room = r->room - asked + popped;
  r->filled = r->filled + answered - popped;
  r->asks -= asked;
  r->left -= take;
  r->sub = !take ? r->sub : pop ? 0 : r->sub + 1;
}

static uint64_t place_of(const bt_stream_out *w, uint64_t beat) {
  return w->size == 0 ? beat >> 2 : w->size == 1 ? beat >> 1 : beat;
}

bool bt_stream_out_wants(const bt_stream_out *w, bt_stream_beat b) {
  return w->held && (w->leaving || b.flush || (b.valid && place_of(w, b.beat) != w->place));
}

/* A place of elements of 8 bytes leaves in two words. */
static bool leaves(const bt_stream_out *w, bool taken) {
  return taken && (w->size != 3 || w->second);
}

bool bt_stream_out_ready(const bt_stream_out *w, bt_stream_beat b, bool taken) {
  bool merge = w->held && !w->leaving && place_of(w, b.beat) == w->place;
  return !w->held || merge || leaves(w, taken);
}

void bt_stream_out_step(bt_stream_out *w, bt_stream_beat b, bool taken) {
  bool wants = bt_stream_out_wants(w, b), left = leaves(w, taken);
  bool take = b.valid && bt_stream_out_ready(w, b, taken);
  w->held = take || (w->held && !left);
  if (take) {
    w->leaving = w->size == 0 ? b.beat % 4 == 3 : w->size == 1 ? b.beat % 2 == 1 : true;
    w->place = place_of(w, b.beat);
  } else {
    w->leaving = wants && !left;
  }
  w->second = taken && w->size == 3 ? !w->second : w->second;
}

void bt_entries_in_start(bt_entries_in *s, uint64_t entries, unsigned lanes) {
  s->asks = s->words = 1 + bt_ceil_div(entries, 2 * (uint64_t)lanes);
}

void bt_entries_in_step(bt_entries_in *s, bool asked, bool answered) {
  s->asks -= asked;
  s->words -= answered;
}

bool bt_entries_out_wants(const bt_entries_out *w) { return w->state >= BT_ENTRIES_WORD; }

void bt_entries_out_step(bt_entries_out *w, bool start, bool valid, bool finish, bool taken) {
  switch (w->state) {
    case BT_ENTRIES_IDLE:
      w->count = 0;
      w->state = start ? BT_ENTRIES_FILL : BT_ENTRIES_IDLE;
      break;
    case BT_ENTRIES_FILL:
      if (valid) {
        w->count++;
        w->state = w->count == w->entries ? BT_ENTRIES_WORD : BT_ENTRIES_FILL;
      } else if (finish) {
        w->state = w->count == 0 ? BT_ENTRIES_HEADER : BT_ENTRIES_LAST;
      }
      break;
    case BT_ENTRIES_WORD:
      w->count = taken ? 0 : w->count;
      w->state = taken ? BT_ENTRIES_FILL : BT_ENTRIES_WORD;
      break;
    case BT_ENTRIES_LAST:
      w->state = taken ? BT_ENTRIES_HEADER : BT_ENTRIES_LAST;
      break;
    case BT_ENTRIES_HEADER:
    default:
      w->state = taken ? BT_ENTRIES_IDLE : BT_ENTRIES_HEADER;
      break;
  }
}

static bool moves(const bt_vector_out *w, bool flush, bool taken) {
  return (w->count == w->lanes || (flush && w->count > 0)) && (w->words == 0 || taken);
}

bool bt_vector_out_ready(const bt_vector_out *w, bool flush, bool taken) {
  return w->count < w->lanes || moves(w, flush, taken);
}

void bt_vector_out_step(bt_vector_out *w, bool is_long, bool valid, bool flush, bool taken) {
  bool move = moves(w, flush, taken);
  bool take = valid && bt_vector_out_ready(w, flush, taken);
  unsigned before = w->count;
  w->count = (move ? 0 : w->count) + (take ? (is_long ? 2 : 1) : 0);
  w->words = move ? before : taken ? 0 : w->words;
}
