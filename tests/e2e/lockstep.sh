# LeNet-5's first 50 steps on the real data: every command equal, and equal digests at the end.
. "$(dirname "$0")/common.sh"
recipe=$(dirname "$0")/../../models/recipes/lenet5-fashion.yaml

runs 0 cosim "$recipe" --engines ref,fast --steps 50 --json
same "$(echo "$out" | sed -n "s/^  \"agreed\": \([a-z]*\),/\1/p")" true "agreed in 50 steps"
same "$(echo "$out" | sed -n "s/^  \"commands_covered\": \([0-9]*\),/\1/p")" 4800 "commands compared"
runs 0 train "$recipe" --steps 50 --engine ref --out ref
digest=$(key ref/run.json digest)
for threads in 1 2 3; do
  runs 0 train "$recipe" --steps 50 --threads $threads --out "fast$threads"
  same "$(key "fast$threads/run.json" digest)" "$digest" "digest with $threads threads"
done
BITTRUE_ISA=portable
export BITTRUE_ISA
runs 0 train "$recipe" --steps 50 --out portable
same "$(key portable/run.json digest)" "$digest" "digest with portable kernels"
finish
