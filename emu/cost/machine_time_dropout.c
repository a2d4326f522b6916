#include "cost/machine_time_parts.h"

#define KEYS_CYCLES (64u + 3u * 4u) /* products bit by bit; three mixes, one on another */
#define MIX_DEPTH 3u                /* stages of splitmix */

bt_unit_time bt_time_dropout(const bt_time_of *how, const bt_command *c) {
  bt_unit_time t = {.cycles = KEYS_CYCLES, .prepare = KEYS_CYCLES};
  uint64_t left = bt_ceil_div(bt_tensor_elements(c->out[0]), how->lanes), beats = left, beat = 0;
  unsigned stages = 0;
  bt_stream_out w = {.size = 0};
  bt_port port;
  bt_port_open(&port, how, 1, BT_PORT_READS);
  while (beat < beats) { /* RUN, with the unit busy */
    bool valid = stages >> (MIX_DEPTH - 1) & 1;
    bt_stream_beat b = {valid, false, beat};
    bool taken = bt_port_ask(&port, bt_stream_out_wants(&w, b), 1) == 0;
    bool ready = bt_stream_out_ready(&w, b, taken), advance = !valid || ready;
    bool issue = left > 0 && advance;
    bt_stream_out_step(&w, b, taken);
    stages = advance ? (stages << 1 | (issue ? 1u : 0u)) & ((1u << MIX_DEPTH) - 1) : stages;
    left -= issue;
    beat += valid && ready;
    bt_unit_time_cycle(&t, issue);
  }
  bool held = true;
  for (bool flush = false; held; flush = true) { /* RUN, which sees that; FLUSH */
    bt_stream_beat none = {false, flush, 0};
    held = !flush || w.held;
    bt_stream_out_step(&w, none, bt_port_ask(&port, bt_stream_out_wants(&w, none), 1) == 0);
    t.cycles++;
  }
  t.cycles++; /* DONE */
  t.writes = port.writes;
  return t;
}
