// DRAM's rows, in cycles worked by hand: words of 16 bytes, 2 banks, rows of 64 bytes (4 beats),
// tRP 3, tRCD 5, CL 7, a beat 2 cycles. Run alone: test_tlm_dram
#include <cinttypes>
#include <cstdio>

#include "dram_rows.h"
#include "systemc_headers.h"

using namespace bt_tlm;

static int failures;

static void same(const char *what, uint64_t got, uint64_t want) {
  if (got == want) return;
  std::fprintf(stderr, "FAIL: %s: %" PRIu64 ", expected %" PRIu64 "\n", what, got, want);
  failures++;
}

static DramParameters small() {
  DramParameters p;
  p.banks = 2;
  p.row_bytes = 64;
  p.trp = 3;
  p.trcd = 5;
  p.cl = 7;
  p.beat = 2;
  return p;
}

static void hits_and_misses() {
  DramRows d(small(), 16);
  // Row 0 of bank 0, closed: 5 to open, a beat of 2, 7 to the data.
  same("first read", d.access(100, 0, 16, true), 100 + 5 + 2 + 7);
  // The same row, behind it (free from 107 on): a beat and CL.
  same("hit", d.access(107, 16, 16, true), 107 + 2 + 7);
  // A write of 48 bytes in it, as 109 is free: three beats, no CL.
  same("write", d.access(109, 16, 48, false), 109 + 6);
  // Row 1 is bank 1's first; arrives early and waits until 115.
  same("other bank", d.access(110, 64, 16, true), 115 + 5 + 2 + 7);
  // Row 2 is bank 0's second: its row 0 is closed first.
  same("conflict", d.access(200, 128, 16, true), 200 + 3 + 5 + 2 + 7);
  // Row 0 again: closed and opened, though it was open before.
  same("back", d.access(300, 0, 16, false), 300 + 3 + 5 + 2);
  // Bank 1's row 1 stood open meanwhile.
  same("still open", d.access(400, 112, 16, false), 400 + 2);
  // Beats: 1 missed; 1 hit; 3 hit; 1, 1, 1 missed; 1 hit.
  same("hits", d.hits(), 5);
  same("misses", d.misses(), 4);
}

static void bursts() {
  DramRows d(small(), 16);
  // 32..287: half of row 0, rows 1, 2, 3, half of row 4. Rows 0 and 1 open closed banks (5 each),
  // rows 2, 3 and 4 close one first (8 each): 34; 16 beats of 2: 32; CL 7.
  same("burst", d.access(0, 32, 256, true), 34 + 32 + 7);
  same("its misses", d.misses(), 5);
  same("its hits", d.hits(), 11);
  // Bytes 15 and 16 are of two words.
  DramRows e(small(), 16);
  same("two words", e.access(0, 15, 2, false), 5 + 4);
}

static void options() {
  DramParameters p;
  same("defaults", p.banks * 100000 + p.row_bytes, 16 * 100000 + 2048);
  if (!parse_dram("rows:banks=4,row=128,trp=1,trcd=2,cl=3,beat=9", 64, &p).empty()) failures++;
  same("parsed", p.banks + p.row_bytes + p.trp + p.trcd + p.cl + p.beat, 4 + 128 + 1 + 2 + 3 + 9);
  for (const char *bad : {"row", "rows:", "rows:banks=3", "rows:row=32", "rows:trp", "rows:trp=x",
                          "rows:beat=0", "rows:size=4", "rowsx", "rows:trp=70000", ""})
    same(bad, parse_dram(bad, 64, &p).empty() && std::string(bad) != "rows:", 0);
}

int sc_main(int, char **) {
  hits_and_misses();
  bursts();
  options();
  if (failures == 0) std::printf("test_tlm_dram: ok\n");
  return failures != 0;
}
