#!/bin/sh
# The main job, end to end: installs what is missing, builds, trains LeNet-5 on Fashion-MNIST in
# 8-bit integers, lets the Verilog repeat commands of that very run, and prints what a run costs.
#   scripts/demo.sh [RECIPE] [DIRECTORY]
set -eu
cd "$(dirname "$0")/.."
recipe=${1:-models/recipes/lenet5-fashion.yaml}
run=${2:-runs/demo}
scripts/setup.sh
echo "== build" >&2
cmake --preset release >/dev/null
cmake --build --preset release --target bittrue >/dev/null
bittrue=build/release/bittrue

echo "== training ($recipe)" >&2
rm -rf "$run"
$bittrue train "$recipe" --out "$run"
echo "== the Verilog against the run's own commands" >&2
$bittrue cosim "$run" --engines fast,rtl --units | tee "$run/cosim.txt"
$bittrue cosim "$run" --engines ref,fast --coverage --json >"$run/cosim.json"
echo "== cost" >&2
$bittrue cost "$recipe" >"$run/cost.txt"

echo "== results"
sed -n 's/^ *"\(test_error_[a-z_]*\)": \(.*\),$/\1 \2 %/p' "$run/run.json"
grep -E '^ *(commands|tiles) ' "$run/cosim.txt"
grep -E '^energy (per|table)' "$run/cost.txt"
echo "files: $run/run.json metrics.csv energy.csv checkpoint.bt cosim.txt cost.txt capture-*.bt"
echo "report: $($bittrue report "$run")"
