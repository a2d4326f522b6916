/* The program: finds the sub-command and hands over. */
#include <argp.h>
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>

#include "cli/cli.h"
#include "fast/fast.h"
#include "threads/threads.h"

typedef struct {
  const char *name;
  bt_subcommand *run;
  const char *text; /* one line for --help */
} command;

static const command commands[] = {
    {"train", bt_cli_train, "train a recipe with SWALP in the machine's integers"},
    {"baseline", bt_cli_baseline, "train a recipe in fp32, to measure the loss to 8 bits against"},
    {"convex", bt_cli_convex, "linear and logistic regression: SWALP where the minimum is known"},
    {"eval", bt_cli_eval, "test errors of a run's checkpoint"},
    {"export", bt_cli_export, "weights, momentum and averages of a run as .npy files"},
    {"cosim", bt_cli_cosim, "two engines in lockstep on a run's own operands: C against Verilog"},
    {"replay", bt_cli_replay, "run again the one command that a mismatch left in a file"},
    {"vectors", bt_cli_vectors, "golden vectors of a step's commands, for other test benches"},
    {"check", bt_cli_check, "compare what a design made of golden vectors"},
    {"cost", bt_cli_cost, "cycles, traffic and energy of an epoch of a recipe on a machine"},
    {"trace", bt_cli_trace, "the accesses to DRAM of a step, for memory simulators"},
    {"activity", bt_cli_activity, "bits that toggle in the array on a run's own operands"},
    {"bench", bt_cli_bench, "time an engine: gemm, conv, quantize, affine, whole training steps"},
    {"sweep", bt_cli_sweep, "train with a list of accumulators: does a narrow one still do?"},
    {"report", bt_cli_report, "runs side by side as one HTML page: errors, energy, exponents"},
    {"net", bt_cli_net, "layers, shapes, MACs and parameters of a net"},
    {"data", bt_cli_data, "list the known data sets, where they lie, and check them"},
    {"quantize", bt_cli_quantize, "quantize a .npy array to block floating point or fixed point"},
    {"gemm", bt_cli_gemm, "multiply int8 matrices in the accumulator's arithmetic"},
};
#define COMMANDS (sizeof commands / sizeof commands[0])

static void print_help(FILE *to) {
  fprintf(to, "Usage: bittrue COMMAND [ARGUMENT...]\n"
              "Bit-true block floating point for accelerator design.\n\nCommands:\n");
  for (size_t i = 0; i < COMMANDS; i++) {
    fprintf(to, "  %-10s %s\n", commands[i].name, commands[i].text);
  }
  fprintf(to, "\n'bittrue COMMAND --help' tells more; 'bittrue --version' prints the version.\n"
              BT_CLI_EXITS "\n");
}

static int refuse(const char *name) {
  fprintf(stderr, "bittrue: unknown command '%s', expected one of:", name);
  for (size_t i = 0; i < COMMANDS; i++) {
    fprintf(stderr, "%s %s", i == 0 ? "" : ",", commands[i].name);
  }
  fprintf(stderr, "\n");
  return 2;
}

/* The version, and what engine fast would use here. */
static int print_version(void) {
  const char *isa, *const *all = bt_fast_isas();
  bt_error error;
  if (bt_fast_isa(&isa, &error) != BT_OK) {
    fprintf(stderr, "bittrue: %s\n", error.text);
    return 2;
  }
  unsigned threads = bt_threads_available();
  printf("bittrue %s (isa %s of", bt_version(), isa);
  for (size_t i = 0; all[i] != NULL; i++) {
    if (bt_fast_supports(all[i])) {
      printf(" %s", all[i]);
    }
  }
  printf("; %u thread%s)\n", threads, threads == 1 ? "" : "s");
  return 0;
}

static int run(const command *c, int argc, char **argv) {
  char name[64];
  snprintf(name, sizeof name, "bittrue %s", c->name);
  argv[0] = name;
  return c->run(argc, argv);
}

static int dispatch(int argc, char **argv) {
  if (argc < 2) {
    print_help(stderr);
    return 2;
  }
  const char *name = argv[1];
  if (strcmp(name, "--help") == 0 || strcmp(name, "-h") == 0 || strcmp(name, "help") == 0) {
    print_help(stdout);
    return 0;
  }
  if (strcmp(name, "--version") == 0) {
    return print_version();
  }
  for (size_t i = 0; i < COMMANDS; i++) {
    if (strcmp(name, commands[i].name) == 0) {
      return run(&commands[i], argc - 1, argv + 1);
    }
  }
  return refuse(name);
}

int main(int argc, char **argv) {
  argp_err_exit_status = 2;
  signal(SIGXFSZ, SIG_IGN); /* a file over its limit is then an error of write(), and reported */
  int status = dispatch(argc, argv);
  if (fflush(stdout) != 0 || ferror(stdout)) {
    fprintf(stderr, "bittrue: standard output cannot be written: %s\n", strerror(errno));
    return 2;
  }
  return status;
}
