// Runs a bench that makes its own time under Verilator (--timing). BENCH is the verilated class.
#include <memory>

#include "bench_model.h"

int main(int argc, char **argv) {
  VerilatedContext verilator;
  verilator.commandArgs(argc, argv);
  std::unique_ptr<BENCH> bench(new BENCH(&verilator));
  while (!verilator.gotFinish()) {
    bench->eval();
    if (!bench->eventsPending()) break;
    verilator.time(bench->nextTimeSlot());
  }
  bench->final();
  return 0;
}
