#!/bin/sh
# Prints, as a Markdown table, what an epoch of recipes costs on machines under energy tables, beside
# the counterpart in fp32: docs/results.md, "Energy of an epoch". No data and no training are needed.
# Usage: scripts/energy-table.sh [RECIPE...]   (LeNet-5, PreResNet-20 and VGG-16 without any)
# BITTRUE names the program (build/bittrue).
set -eu
cd "$(dirname "$0")/.."
bittrue=${BITTRUE:-build/bittrue}
[ $# -gt 0 ] || set -- lenet5-fashion preresnet20-cifar10 vgg16-cifar10

# Aladdin's table has no DRAM: it is given that of LPDDR4.
options() {
  case $1 in
    aladdin-40nm) echo "--energy $1 --dram dram-lpddr4" ;;
    *) echo "--energy $1" ;;
  esac
}

echo "| recipe | machine | table | s | DRAM GB | J | fp32: s | DRAM GB | J |"
echo "|---|---|---|---|---|---|---|---|---|"
for recipe; do
  for machine in systolic-16x16 systolic-32x32; do
    for table in horowitz-45nm jouppi-7nm aladdin-40nm; do
      # shellcheck disable=SC2046
      "$bittrue" cost "models/recipes/$recipe.yaml" --machine $machine $(options $table) |
        awk -v name="$recipe | $machine | $(options $table | sed 's/--energy //; s/ --dram / + /')" '
          $1 ~ /^(dram|spill)_(read|write)$/ { bytes += $NF }
          /^energy low/ { low = $NF / 1e6 }
          /^energy high/ { high = $NF / 1e6 }
          /^time:/ { seconds = $2; hz = $7 }
          /^the same in fp32/ {
            cycles = $5; fp_bytes = $9
            for (i = 1; i <= NF; i++) if ($i == "energy") { fp_low = $(i + 1) / 1e6; fp_high = $(i + 3) / 1e6 }
          }
          function three(x) { return sprintf(x < 100 ? "%.3g" : "%.0f", x) }
          function range(a, b) { return a == b ? three(a) : three(a) " to " three(b) }
          END { printf "| %s | %s | %s | %s | %s | %s | %s |\n", name, three(seconds),
                three(bytes / 1e9), range(low, high), three(cycles / hz), three(fp_bytes / 1e9),
                range(fp_low, fp_high) }'
    done
  done
done
