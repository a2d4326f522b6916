# bittrue convex: a small linear regression from outside; its CSV file, its refusals, and the fit of
# exponents that scripts/convex.sh makes.
. "$(dirname "$0")/common.sh"
fit=$(dirname "$0")/../../scripts/convex-fit.awk

cat >convex.yaml <<'YAML'
name: small
task: regression
data: {set: synthetic, samples: 256, features: 8}
batch: 8
steps: 600
average_start: 100
lr: 0.03125
formats:
  weights: {format: fixed6.4}
  gradients: {format: bfp8, block: tensor}
  errors: {format: bfp8, block: tensor}
rounding: {random_bits: 24}
YAML

digest() {
  echo "$out" | sed -n 's/^  digest *//p'
}

runs 0 convex convex.yaml --csv all.csv
says "small: squared distance to the minimum w* after 600 steps, 500 averaged"
says "SGD-LP"
says "SWA-FP"
says "Q(w*)"
first=$(digest)
same "$(head -1 all.csv)" "step,snapshots,sgd_lp,swalp,sgd_fp,swa_fp" "CSV header"
same "$(sed -n '2,$p' all.csv | cut -d, -f1 | tr '\n' ' ')" \
  "1 2 3 4 6 8 12 16 24 32 48 64 96 128 192 256 384 512 600 " "report points"
same "$(sed -n '2s/[^,]//gp' all.csv)" ",,,,," "columns"

# The double columns and the report points change no bit of the run; engines agree.
runs 0 convex convex.yaml --engine ref --no-double --last 1 --csv last.csv
same "$(digest)" "$first" "digest on ref"
same "$(wc -l <last.csv | tr -d ' ')" 2 "rows of --last 1"
same "$(tail -1 last.csv | cut -d, -f1-4)" "$(tail -1 all.csv | cut -d, -f1-4)" "the last row"
runs 0 convex convex.yaml --threads 2 --weights fixed6.4 --seed 1 --steps 600
same "$(digest)" "$first" "digest of two threads"
runs 0 convex convex.yaml --weights fixed8.6
[ "$(digest)" != "$first" ] || wrong "another format has the same digest"

refused "expected a recipe" convex
refused "nothing.yaml" convex nothing.yaml
refused "format 'int8'" convex convex.yaml --weights int8
refused "at most 15 bits" convex convex.yaml --weights bfp16
refused "no/where" convex convex.yaml --csv no/where.csv
sed 's/task: regression/task: ranking/' convex.yaml >wrong.yaml
refused "wrong.yaml:2: task" convex wrong.yaml

# 3 * 2^(-2x) + 5: slope -2 above 5; and x^-1 on logarithmic axes.
{ echo x,y; for i in 1 2 3 4; do echo "$i,$((3 * 4096 / (1 << (2 * i)) + 5))"; done; } >fit.csv
same "$(awk -v x=1 -v y=2 -v from=1 -v to=4 -v minus=5 -f "$fit" fit.csv)" "-2.00" "slope"
{ echo x,y; for i in 1 2 4 8; do echo "$i,$((64 / i))"; done; } >fit.csv
same "$(awk -v x=1 -v y=2 -v from=1 -v to=9 -v log_x=1 -f "$fit" fit.csv)" "-1.00" "exponent"
finish
