# Residual blocks in Verilog: batch norm forward, backward and from statistics, strided and 1x1
# convolutions, residual sums, average pool. Every command in lockstep, and a run's digest.
. "$(dirname "$0")/common.sh"
"$small_tool" . 8 40 16 1 2 || wrong "small_tool"
cat >block.yaml <<'NET'
name: block
input: {height: 8, width: 8, channels: 1}
classes: 10
init: fan_out
layers:
  - {conv: conv1, out: 8, kernel: 3, pad: 1, bias: false}
  - {stage: s1, block: preact, blocks: 1, out: 8}
  - {stage: s2, block: preact, blocks: 1, out: 12, stride: 2}
  - {batch_norm: bn, relu: true}
  - {average_pool: pool, kernel: 4}
  - {fc: fc, out: 10}
NET
sed -e 's/^net:.*/net: block.yaml/' -e 's/^batch:.*/batch: 8/' recipe.yaml >block-recipe.yaml

number() {
  echo "$out" | sed -n "s/^  \"$1\": \([0-9]*\),\{0,1\}\$/\1/p"
}
promised=contract.stride,contract.groups,affine.vector,pool.sum,pool.spread,norm.forward,norm.back
ok cosim block-recipe.yaml --machine systolic-4x4 --engines ref,rtl --promise $promised --json
commands=$(number commands)
same "$(number commands_covered)" "$commands" "covered commands"
[ "$commands" -gt 150 ] || wrong "$commands commands"

for engine in ref rtl; do
  runs 0 train block-recipe.yaml --machine systolic-4x4 --engine $engine --out $engine
done
same "$(key rtl/run.json digest)" "$(key ref/run.json digest)" digest
metrics() {
  cut -d, -f1-9 $1/metrics.csv
}
same "$(metrics rtl)" "$(metrics ref)" "losses, errors and clips"
finish
