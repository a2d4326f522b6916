/* small_tool DIRECTORY SIDE TRAIN TEST EPOCHS SWA_START [gz|cifar-10|cifar-100]: for scripts.
 * Writes a small set into DIRECTORY, in IDX files or a CIFAR layout (SIDE 32), and, beside it,
 * net.yaml (conv, pool, dropout, fc; in colour conv, fc; of ten classes) and recipe.yaml. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "support/small.h"

static size_t count(const char *text) { return (size_t)strtoull(text, NULL, 10); }

int main(int argc, char **argv) {
  if (argc < 7) {
    fprintf(stderr, "small_tool: expected DIRECTORY SIDE TRAIN TEST EPOCHS SWA_START "
                    "[gz|cifar-10|cifar-100]\n");
    return 2;
  }
  small_set set = {.side = count(argv[2]), .train = count(argv[3]), .test = count(argv[4]),
                   .seed = 1, .gzip = argc > 7 && strcmp(argv[7], "gz") == 0};
  small_recipe recipe = {.side = set.side, .batch = 32, .epochs = count(argv[5]),
                         .swa_start = count(argv[6]), .seed = 1, .layers = SMALL_CONV,
                         .rounding = "stochastic", .data = argv[1]};
  bool cifar = argc > 7 && strncmp(argv[7], "cifar-", 6) == 0;
  small_cifar colour = {.train = set.train, .test = set.test, .seed = 1};
  if (cifar) {
    colour.classes = count(argv[7] + 6);
    recipe.set = argv[7];
    recipe.layers = SMALL_COLOUR;
  }
  bool written = cifar ? small_cifar_write(argv[1], &colour) : small_set_write(argv[1], &set);
  if (!written || !small_recipe_write(argv[1], &recipe)) {
    fprintf(stderr, "small_tool: %s cannot be written\n", argv[1]);
    return 2;
  }
  return 0;
}
