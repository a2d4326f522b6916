#!/bin/sh
# bittrue baseline from the outside: its files, repeatability and refusals.
# Usage: test_baseline_cli.sh BITTRUE RECIPE; alone: ctest -R test_baseline_cli
bittrue=$1
recipe=$2
dir=$(mktemp -d) || exit 1
trap 'rm -rf "$dir"' EXIT

fail() {
  echo "FAILED: $1" >&2
  cat "$dir/err" >&2
  exit 1
}

# refused TEXT ARGUMENT...: status 2, one line on stderr that has TEXT, nothing on stdout.
refused() {
  text=$1
  shift
  "$bittrue" baseline "$@" >"$dir/stdout" 2>"$dir/err"
  [ $? -eq 2 ] || fail "status is not 2: baseline $*"
  [ "$(wc -l <"$dir/err")" -eq 1 ] || fail "not one line: baseline $*"
  grep -q -e "$text" "$dir/err" || fail "the line lacks '$text': baseline $*"
  [ ! -s "$dir/stdout" ] || fail "output on stdout: baseline $*"
}

trained() {
  out=$1
  shift
  "$bittrue" baseline "$recipe" --steps 3 --out "$dir/$out" "$@" >"$dir/stdout" 2>"$dir/err" ||
    fail "baseline $*"
}

trained first --json
cmp -s "$dir/stdout" "$dir/first/baseline.json" || fail "--json is not what baseline.json holds"
grep -q '"test_error_last": [0-9]' "$dir/first/baseline.json" || fail "no test_error_last"
grep -q '"test_error_swa_fp": null' "$dir/first/baseline.json" || fail "SWA-FP of an unfinished run"
[ "$(wc -l <"$dir/first/metrics.csv")" -eq 2 ] || fail "metrics.csv: not a header and one epoch"

# All but the last column, a speed, repeats; another seed gives other figures.
trained again
trained other --seed 7
for run in first again other; do
  sed 's/,[^,]*$//' "$dir/$run/metrics.csv" >"$dir/$run.csv"
done
cmp -s "$dir/first.csv" "$dir/again.csv" || fail "the same run twice differs"
cmp -s "$dir/first.csv" "$dir/other.csv" && fail "another seed gives the same figures"

# Stopped after step 2 and gone on with on two threads: the same epoch.
"$bittrue" baseline "$recipe" --steps 2 --out "$dir/parts" >"$dir/stdout" 2>"$dir/err" ||
  fail "baseline --steps 2"
trained parts --resume --threads 2
sed 's/,[^,]*$//' "$dir/parts/metrics.csv" | cmp -s - "$dir/first.csv" || fail "--resume differs"

"$bittrue" baseline "$recipe" --steps 3 --trace "$dir/trace" >"$dir/stdout" 2>"$dir/err" ||
  fail "baseline --trace"
[ "$(wc -l <"$dir/trace/losses.csv")" -eq 4 ] || fail "losses.csv: not a header and three steps"
[ -s "$dir/trace/order.npy" ] && [ -s "$dir/trace/fc.weight.npy" ] || fail "--trace lacks files"

mkdir "$dir/run"
echo '{"test_error_sgd_lp": 9.28, "test_error_swalp": 9.2, "test_error_last": 0}' \
  >"$dir/run/run.json"
trained compared --compare "$dir/run"
grep -q '^last  *[0-9.]*  *0.00  *-[0-9.]*$' "$dir/stdout" || fail "no difference is printed"

refused 'expected a recipe'
refused 'expected --resume or another --out' "$recipe" --out "$dir/first"
refused 'expected --out DIR' "$recipe" --resume
refused 'none/baseline.bt' "$recipe" --resume --out "$dir/none"
refused 'another recipe or seed' "$recipe" --resume --out "$dir/first" --seed 9
refused 'got .x.' "$recipe" --epochs x
refused 'nowhere.yaml' "$dir/nowhere.yaml"
refused 'nowhere/run.json' "$recipe" --compare "$dir/nowhere"
echo '{"test_error_sgd_lp": ' >"$dir/run/run.json"
refused 'run.json:' "$recipe" --compare "$dir/run"
echo text >"$dir/file"
refused 'file/x' "$recipe" --steps 1 --out "$dir/file/x"
exit 0
