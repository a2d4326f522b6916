# Toggles on a run's and a recipe's own operands.
. "$(dirname "$0")/common.sh"
small_job 2
runs 0 train recipe.yaml --out run
before=$(snapshot)

# What is printed of a step depends on nothing but the step.
ok activity run --at first --threads 1
first=$out
says "activity of small, epoch 1 step 0, on systolic-16x16; random operands of seed 1"
says "conv1 forward"
says "weight_gradient"
ok activity run --at first --engine ref
same "$out" "$first" "the first step on ref"
ok activity recipe.yaml
same "$out" "$first" "the first step of the recipe"
ok activity run
says "epoch 2 step 6"
ok activity recipe.yaml --at 2:6
last=$out
ok activity run --at last
same "$out" "$last" "the last step, captured and trained up to"

# number KEY: of the JSON's total.
number() {
  echo "$out" | sed -n '/^  "total"/,/^  }/p' | sed -n "s/^    \"$1\": \([0-9]*\),\{0,1\}\$/\1/p"
}
ok activity run --tiles 0 --json
same "$(number tiles)" "$(number tiles_total)" "all tiles"
all=$(number toggles)
ok activity run --tiles 2 --json
[ "$(number tiles)" -lt "$(number tiles_total)" ] || wrong "--tiles 2 counted $(number tiles)"
[ "$(number toggles)" -lt "$all" ] || wrong "two tiles toggle as much as all"
# the operands of a run are smaller than random bytes
[ "$(number factor_ppm)" -gt 0 ] && [ "$(number factor_ppm)" -lt 1000000 ] ||
  wrong "factor $(number factor_ppm) ppm"
total=$(number factor_ppm)
same "$(snapshot)" "$before" "files after activity"

ok activity run --tiles 2 --out factors.yaml
grep -q "^source: \"run, epoch 2 step 6\"$" factors.yaml || wrong "no source in factors.yaml"
grep -q "^  total: {a: [0-9]*, b: [0-9]*, acc: [0-9]*, skew_a: [0-9]*, skew_b: [0-9]*, all: $total}$" \
  factors.yaml || wrong "no total in factors.yaml: $(cat factors.yaml)"
rm factors.yaml

refused "expected first, middle or last" activity run --at 1:0
refused "expected EPOCH:STEP" activity recipe.yaml --at first
refused "expected an epoch up to 2 and a step below 7" activity recipe.yaml --at 2:7
refused "engine 'slow': expected one of" activity run --engine slow
echo "name: chunked
accumulator: {chunk: 8}" >chunked.yaml
refused "machine chunked: none of the step's 5 contractions is covered" \
  activity recipe.yaml --machine chunked.yaml
finish
