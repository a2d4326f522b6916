/* The parts that the machine's sequencers share (docs/rtl.md, "Parts that sequencers share"), as
 * far as time goes: who asks for words, who holds what, cycle by cycle. Nothing here has values.
 *
 * A cycle goes so: bt_port_answer() tells whose word comes; the parts say what they want of the
 * port; bt_port_ask() tells who was taken; the parts' steps make the next cycle's state. Memory is
 * always ready, so what is asked in a cycle is taken in it. */
#ifndef BT_COST_MACHINE_TIME_PARTS_H
#define BT_COST_MACHINE_TIME_PARTS_H

#include "cost/machine_time.h"

/* The machine and the memory that a command runs on. */
typedef struct {
  const bt_machine *machine;
  unsigned lanes, latency;
  bool plan;
  bool first; /* command of its sequencer since the reset */
} bt_time_of;

#define BT_PORT_READS 64 /* on their way: mem_arbiter's `Reads` where it is not less */
#define BT_NOBODY (-1)

/* mem_arbiter with the memory behind it. Who was served last is kept from command to command: the
 * last requests of one are those of its last clients, which write; a reset leaves client 0. */
typedef struct {
  unsigned clients, last, reads_max, latency;
  unsigned chosen;                    /* who asks for a read that has no room, */
  bool held;                          /* if so */
  bool answered;                      /* in this cycle */
  uint64_t now;
  unsigned head, count;               /* words on their way */
  int who[BT_PORT_READS];
  uint64_t due[BT_PORT_READS];
  uint64_t reads, writes;
} bt_port;

void bt_port_open(bt_port *p, const bt_time_of *how, unsigned clients, unsigned reads_max);
int bt_port_answer(bt_port *p);
/* Bit i of want: client i asks; of write: it writes. Ends the cycle. */
int bt_port_ask(bt_port *p, unsigned want, unsigned write);

/* stream_reader: beats out of words; size is the log2 of an element's bytes. */
typedef struct {
  uint64_t asks, left;
  unsigned size, sub, room, filled;
} bt_stream_in;

void bt_stream_in_open(bt_stream_in *r, unsigned depth);
void bt_stream_in_start(bt_stream_in *r, unsigned size, uint64_t beats);
bool bt_stream_in_wants(const bt_stream_in *r);
bool bt_stream_in_valid(const bt_stream_in *r);
void bt_stream_in_step(bt_stream_in *r, bool asked, bool answered, bool take);

/* stream_writer: beats of one size to words. */
typedef struct {
  unsigned size;
  uint64_t place;
  bool held, leaving, second;
} bt_stream_out;

/* What it does with a beat, or none, in this cycle. */
typedef struct {
  bool valid, flush;
  uint64_t beat;
} bt_stream_beat;

bool bt_stream_out_wants(const bt_stream_out *w, bt_stream_beat b);
bool bt_stream_out_ready(const bt_stream_out *w, bt_stream_beat b, bool taken);
void bt_stream_out_step(bt_stream_out *w, bt_stream_beat b, bool taken);

/* exponent_store: header and entries, asked for one behind the other. */
typedef struct {
  uint64_t asks, words;
} bt_entries_in;

void bt_entries_in_start(bt_entries_in *s, uint64_t entries, unsigned lanes);
void bt_entries_in_step(bt_entries_in *s, bool asked, bool answered);

/* exponent_writer. */
typedef enum {
  BT_ENTRIES_IDLE, BT_ENTRIES_FILL, BT_ENTRIES_WORD, BT_ENTRIES_LAST, BT_ENTRIES_HEADER
} bt_entries_state;

typedef struct {
  bt_entries_state state;
  unsigned entries, count; /* of a word; in it */
} bt_entries_out;

bool bt_entries_out_wants(const bt_entries_out *w);
void bt_entries_out_step(bt_entries_out *w, bool start, bool valid, bool finish, bool taken);

/* vector_writer: elements one by one, a word of `lanes` places beside another that leaves. */
typedef struct {
  unsigned lanes, count, words; /* places filled; of the word that leaves */
} bt_vector_out;

bool bt_vector_out_ready(const bt_vector_out *w, bool flush, bool taken);
void bt_vector_out_step(bt_vector_out *w, bool is_long, bool valid, bool flush, bool taken);

/* What a sequencer takes, from its first busy cycle to its last. */
typedef struct {
  uint64_t cycles;     /* with busy_o */
  uint64_t prepare;    /* before the first with work_o; all of them without work */
  uint64_t work;
  uint64_t reads, writes;
} bt_unit_time;

/* Counts a cycle of a sequencer. */
void bt_unit_time_cycle(bt_unit_time *t, bool work);

/* The sequencers, one for each kind of unit. The contraction's is BT_FAILED when out of memory. */
bt_unit_time bt_time_quantize(const bt_time_of *how, const bt_command *c);
bt_unit_time bt_time_affine(const bt_time_of *how, const bt_command *c);
bt_unit_time bt_time_reduce(const bt_time_of *how, const bt_command *c);
bt_unit_time bt_time_pool(const bt_time_of *how, const bt_command *c);
bt_unit_time bt_time_softmax(const bt_time_of *how, const bt_command *c);
bt_unit_time bt_time_dropout(const bt_time_of *how, const bt_command *c);
bt_unit_time bt_time_average(const bt_time_of *how, const bt_command *c);
bt_unit_time bt_time_norm(const bt_time_of *how, const bt_command *c);
bt_status bt_time_contract(const bt_time_of *how, const bt_command *c, bt_unit_time *time,
                           bt_error *error);

/* Cycles of descriptor_check, from its first busy one to that with its status. */
uint64_t bt_time_check(const bt_command *c);

uint64_t bt_ceil_div(uint64_t n, uint64_t d);

#endif
