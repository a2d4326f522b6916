#include "cost/machine_time_contract.h"

#define WORDS 8u   /* of contract_loader: held or on their way, */
#define AHEAD 16u  /* and pieces that wait for them */
#define VISITS 4u  /* contract_visits: visits that wait, `Queue` */

enum { CLIENT_RESULTS = 2 };

/* contract_loader with its walk; B's is as A's. */
typedef struct {
  bt_walk_view view;
  bt_walk walk;
  enum { WALK_IDLE, WALK_BEGIN, WALK_RUN } state;
  bool valid, fetch, last; /* the piece in the register */
  int64_t address, word;
  bool known;              /* `word` was asked for */
  unsigned credit, waiting, fresh, head;
  bool newer[AHEAD], ends[AHEAD]; /* pieces that wait: wants the next word, is a load's last */
} loader;

static bool loader_needs(const loader *l) {
  return l->fetch && !(l->known && l->word == l->address);
}

static bool loader_wants(const loader *l) {
  return l->valid && loader_needs(l) && l->waiting < AHEAD && l->credit > 0;
}

/* Whether a load's last piece went to the buffer. */
static bool loader_step(loader *l, bool asked, bool answered) {
  bool need = loader_needs(l), pass = l->valid && l->waiting < AHEAD && (!need || asked);
  bool pop = l->waiting > 0 && (!l->newer[l->head] || l->fresh > 0);
  bool next = pop && l->newer[l->head], done = pop && l->ends[l->head];
  if (pass) {
    unsigned tail = (l->head + l->waiting) % AHEAD;
    l->newer[tail] = need;
    l->ends[tail] = l->last;
  }
  l->head = (l->head + pop) % AHEAD;
  l->waiting = l->waiting + pass - pop;
  l->word = asked ? l->address : l->word;
  l->known = l->known || asked;
  l->credit = l->credit - asked + next;
  l->fresh = l->fresh + answered - next;
  bool take = !l->valid || pass;
  if (l->state == WALK_RUN && (take || !bt_walk_has(&l->walk))) {
    bool piece = bt_walk_has(&l->walk);
    if (piece) {
      l->fetch = l->walk.fetch;
      l->last = l->walk.last;
      l->address = l->walk.word;
    }
    l->valid = take ? piece : l->valid;
    if (piece && l->walk.last) {
      l->state = WALK_IDLE;
    } else {
      bt_walk_take(&l->walk);
    }
  } else if (take) {
    l->valid = false;
  }
  l->state = l->state == WALK_BEGIN ? WALK_RUN : l->state;
  return done;
}

/* What the two halves of an operand's buffer hold, and the loads of it. */
typedef struct {
  bool valid[2], part[2];
  uint64_t tile[2], chunk[2];
  unsigned pending[2]; /* visits of each half that were not read to their end */
  unsigned used;
  bool sent;           /* this visit's load has begun */
  uint64_t loads, ended;
} halves;

typedef struct {
  uint64_t need[2], chunk;
  unsigned half[2];
  bool last;
} visit;

typedef struct {
  const bt_contract_plan *plan;
  unsigned rows_of_tile, cols_of_tile, lanes;
  bool across[2];          /* places of the loads are k */
  uint64_t rows, cols, k, chunks, row_tiles, col_tiles;
  loader load[2];
  /* contract_visits. */
  bool visiting;
  uint64_t row, col, chunk;
  unsigned group;
  halves half[2];
  visit visits[VISITS];
  unsigned first, count;
  /* contract_feed: k by k, and pass by pass. */
  uint64_t index, inner;
  unsigned feed_group;
  bool k_valid;
  bool passing;
  uint64_t pass_row, pass_col;
  unsigned pass_group;
  /* mac_array and the aligner. */
  enum { ARRAY_IDLE, ARRAY_FEED, ARRAY_FLUSH, ARRAY_DRAIN } array;
  uint64_t left;
  bool last_pass, row_valid;
  /* contract_results. */
  bool writing, second;
  uint64_t queued, out_row, out_col, address;
  unsigned place;
} machine;

static uint64_t part_of(uint64_t all, uint64_t tile, uint64_t size) {
  return all - tile * size < size ? all - tile * size : size;
}

static bool is_part(const machine *m) { return m->plan->two_pass && (m->group & 1) != 0; }

static uint64_t tile_of(const machine *m, int n) { return n == 0 ? m->row : m->col; }

/* The half that holds what the visit wants of the operand: 0, 1, or -1. */
static int stored(const machine *m, int n) {
  const halves *h = &m->half[n];
  for (int i = 1; i >= 0; i--) {
    if (h->valid[i] && h->tile[i] == tile_of(m, n) && h->chunk[i] == m->chunk &&
        h->part[i] == (n == 1 && is_part(m))) {
      return i;
    }
  }
  return -1;
}

static unsigned chosen(const machine *m, int n) {
  const halves *h = &m->half[n];
  int at = stored(m, n);
  return h->sent ? h->used : at >= 0 ? (unsigned)at : !h->used;
}

static bool needed(const machine *m, int n) {
  return m->visiting && stored(m, n) < 0 && !m->half[n].sent;
}

/* The load for the visit at hand, of rows (columns) and of k. */
static bt_walk_load load_of(const machine *m, int n) {
  uint64_t size = n == 0 ? m->rows_of_tile : m->cols_of_tile, tile = tile_of(m, n);
  uint64_t units = part_of(n == 0 ? m->rows : m->cols, tile, size);
  uint64_t k = part_of(m->k, m->chunk, BT_WALK_DEPTH);
  int64_t at = (int64_t)(tile * size), at_k = (int64_t)(m->chunk * BT_WALK_DEPTH);
  bool final = m->chunk + 1 == m->chunks;
  return m->across[n] ? (bt_walk_load){at_k, (int64_t)k, at, (int64_t)units, final}
                      : (bt_walk_load){at, (int64_t)units, at_k, (int64_t)k, final};
}

static void next_visit(machine *m) {
  if (++m->chunk < m->chunks) {
    return;
  }
  m->chunk = 0;
  if (++m->group < m->plan->groups) {
    return;
  }
  m->group = 0;
  if (++m->row < m->row_tiles) {
    return;
  }
  m->row = 0;
  m->visiting = ++m->col < m->col_tiles;
}

/* Begins the loads that can; a visit whose loads have begun waits for them in the queue. */
static void visits_step(machine *m, bool ended, const bool done[2], const bool ready[2]) {
  bool push = m->visiting && !needed(m, 0) && !needed(m, 1) && m->count < VISITS;
  const visit *now = &m->visits[m->first];
  const unsigned ending[2] = {now->half[0], now->half[1]};
  visit next = {.chunk = m->chunk, .last = m->chunk + 1 == m->chunks};
  for (int n = 0; n < 2; n++) {
    halves *h = &m->half[n];
    unsigned at = chosen(m, n);
    bool begin = needed(m, n) && h->pending[at] == 0 && ready[n];
    next.need[n] = h->loads;
    next.half[n] = at;
    if (begin) {
      bt_walk_start(&m->load[n].walk, &m->load[n].view, load_of(m, n));
      m->load[n].state = WALK_BEGIN;
      h->valid[at] = true;
      h->tile[at] = tile_of(m, n);
      h->chunk[at] = m->chunk;
      h->part[at] = n == 1 && is_part(m);
      h->loads++;
    }
    h->used = begin || push ? at : h->used;
    h->sent = !push && (h->sent || begin);
    h->ended += done[n];
    h->pending[at] += push;
    h->pending[ending[n]] -= ended;
  }
  if (push) {
    m->visits[(m->first + m->count) % VISITS] = next;
    next_visit(m);
  }
  m->first = (m->first + ended) % VISITS;
  m->count = m->count + push - ended;
}

static bool visit_there(const machine *m) {
  const visit *v = &m->visits[m->first];
  return m->count > 0 && m->half[0].ended >= v->need[0] && m->half[1].ended >= v->need[1];
}

/* Whether the k that is next lies in the visit. */
static bool k_there(const machine *m) {
  const bt_contract_plan *p = m->plan;
  return m->index < p->end[m->feed_group] &&
         (p->list[m->index] + m->inner) / BT_WALK_DEPTH == m->visits[m->first].chunk;
}

static void feed_step(machine *m, bool take, bool consume, bool ended) {
  m->k_valid = take || (m->k_valid && !consume);
  if (take) {
    m->inner = m->inner + 1 == m->plan->inner ? 0 : m->inner + 1;
    m->index += m->inner == 0;
  } else if (ended && m->visits[m->first].last) {
    m->feed_group = m->feed_group + 1 == m->plan->groups ? 0 : m->feed_group + 1;
    m->index = m->feed_group == 0 ? 0 : m->index;
  }
}

/* A pass begins in the first cycle without one, or in the last of the one before. */
static void begin_pass(machine *m) {
  const bt_contract_plan *p = m->plan;
  uint64_t outers = p->end[m->pass_group] - (m->pass_group > 0 ? p->end[m->pass_group - 1] : 0);
  m->array = ARRAY_FEED;
  m->left = outers * p->inner;
  m->last_pass = m->pass_group + 1 == p->groups;
  if (!m->last_pass) {
    m->pass_group++;
    return;
  }
  m->pass_group = 0;
  if (++m->pass_row == m->row_tiles) {
    m->pass_row = 0;
    m->passing = ++m->pass_col < m->col_tiles;
  }
}

static void array_step(machine *m, bool stall) {
  m->row_valid = m->array == ARRAY_DRAIN && !stall && m->last_pass;
  if (stall) {
    return;
  }
  bool ends = m->array != ARRAY_IDLE && --m->left == 0;
  if (m->array == ARRAY_IDLE || (m->array == ARRAY_DRAIN && ends)) {
    m->array = ARRAY_IDLE;
    if (m->passing) {
      begin_pass(m);
    }
  } else if (ends) {
    m->left = m->array == ARRAY_FEED ? m->rows_of_tile + m->cols_of_tile - 2 : m->rows_of_tile;
    m->array = m->array == ARRAY_FEED ? ARRAY_FLUSH : ARRAY_DRAIN;
  }
}

/* A row of the tile, the last first: two words where it crosses the end of one, none outside the
 * output. */
static bool row_there(const machine *m) {
  return m->writing && (m->plan->groups == 0 || m->queued > 0);
}

static bool row_outside(const machine *m) {
  return m->place >= part_of(m->rows, m->out_row, m->rows_of_tile);
}

static bool row_crosses(const machine *m) {
  uint64_t row = m->out_row * m->rows_of_tile + m->place;
  uint64_t at = (row * m->cols + m->out_col * m->cols_of_tile) % m->lanes;
  return at + part_of(m->cols, m->out_col, m->cols_of_tile) > m->lanes;
}

static void results_step(machine *m, bool written, bool row) {
  bool skip = row_there(m) && row_outside(m);
  bool crosses = !skip && row_there(m) && row_crosses(m);
  bool pop = skip || (written && (m->second || !crosses));
  m->second = m->second ? !written : written && crosses;
  m->queued = m->queued + row - (pop && m->plan->groups > 0);
  if (!pop || m->place-- > 0) {
    return;
  }
  m->place = m->rows_of_tile - 1;
  if (++m->out_row == m->row_tiles) {
    m->out_row = 0;
    m->writing = ++m->out_col < m->col_tiles;
  }
}

/* A cycle of RUNNING; whether the array worked. */
static bool step(machine *m, bt_port *port, uint64_t room) {
  int who = bt_port_answer(port);
  unsigned want = (loader_wants(&m->load[0]) ? 1u : 0u) | (loader_wants(&m->load[1]) ? 2u : 0u) |
                  (row_there(m) && !row_outside(m) ? 4u : 0u);
  int taken = bt_port_ask(port, want, 1u << CLIENT_RESULTS);
  bool there = visit_there(m), k = there && k_there(m), feeding = m->array == ARRAY_FEED;
  bool consume = feeding && m->k_valid, take = k && (!m->k_valid || consume), ended = there && !k;
  bool stall = m->array != ARRAY_IDLE && (feeding ? !m->k_valid : m->queued >= room);
  bool work = m->array != ARRAY_IDLE && !stall, row = m->row_valid, done[2], ready[2];
  for (int n = 0; n < 2; n++) {
    ready[n] = m->load[n].state == WALK_IDLE;
    done[n] = loader_step(&m->load[n], taken == n, who == n);
  }
  feed_step(m, take, consume, ended);
  visits_step(m, ended, done, ready);
  results_step(m, taken == CLIENT_RESULTS, row);
  array_step(m, stall);
  return work;
}

static machine opened(const bt_time_of *how, const bt_command *c, const bt_contract_plan *plan) {
  unsigned rows = (unsigned)how->machine->rows, cols = (unsigned)how->machine->cols;
  bt_extent e = bt_geometry_extent(&c->u.contract.geometry, c->u.contract.direction);
  bool any = plan->groups > 0;
  machine m = {.plan = plan, .rows_of_tile = rows, .cols_of_tile = cols, .lanes = how->lanes,
               .rows = e.rows, .cols = e.cols, .k = e.k, .visiting = any, .passing = any,
               .writing = true, .place = rows - 1};
  m.across[0] = c->u.contract.direction == BT_WEIGHT_GRADIENT;
  m.across[1] = c->u.contract.direction != BT_FORWARD;
  m.row_tiles = bt_ceil_div(e.rows, rows);
  m.col_tiles = bt_ceil_div(e.cols, cols);
  m.chunks = bt_ceil_div(e.k, BT_WALK_DEPTH);
  for (int n = 0; n < 2; n++) {
    m.load[n] = (loader){.credit = WORDS - 1};
  }
  m.load[0].view = bt_walk_view_a(c, rows, how->lanes);
  m.load[1].view = bt_walk_view_b(c, rows, cols, how->lanes);
  return m;
}

void bt_contract_run(const bt_time_of *how, const bt_command *c, const bt_contract_plan *plan,
                     bt_port *port, bt_unit_time *time) {
  machine m = opened(how, c, plan);
  uint64_t room = 2 * (uint64_t)bt_walk_banks(m.rows_of_tile) - 2; /* of contract_results */
  for (bool ends = false; !ends;) {
    ends = !m.writing && !m.visiting && m.count == 0 && !m.passing;
    bt_unit_time_cycle(time, step(&m, port, room));
  }
}
