# bittrue report from outside: what the page says, where it looks, what it refuses. What it looks
# like in a browser: report_pages.sh.
. "$(dirname "$0")/common.sh"
case $0 in
  /*) source=$(dirname "$0")/../.. ;;
  *) wrong "call it by its whole path" ;;
esac

# page FILE: its text between the head and the data, one element a line.
page() {
  sed '/<script/,$d' "$1" | sed 's/<[^>]*>/\n/g' | sed '/^$/d'
}
# holds FILE TEXT; lacks FILE TEXT
holds() { grep -qF -- "$2" "$1" || wrong "$1 does not say '$2'"; }
lacks() { grep -qF -- "$2" "$1" && wrong "$1 says '$2'"; }

small_job 3
runs 0 train recipe.yaml --out run
runs 0 baseline recipe.yaml --out fp32

# A run alone: its own numbers, its files' text, what it has not.
runs 0 report run
same "$out" "run/report.html" "the path on stdout"
page run/report.html >text
for key in test_error_swalp test_error_sgd_lp test_error_last; do
  grep -qx "$(printf %.2f "$(key run/run.json $key)")" text || wrong "$key of run.json is not there"
done
grep -qx "$(key run/run.json digest | tr -d '"')" text || wrong "the digest is not there"
holds run/report.html "fp32 baseline: not recorded beside these runs"
holds run/report.html "Co-simulation: not recorded in this run"
holds run/report.html "rounding: {mode: stochastic" # the recipe
holds run/report.html "conv: conv1"                  # the net
holds run/report.html "SHA-256 $(sha256sum recipe.yaml | cut -d' ' -f1)"
holds run/report.html "bittrue train $PWD/recipe.yaml --machine systolic-16x16 --seed 1 --out run"
holds run/report.html "tensors of the first captured step, number 0"
holds run/report.html "tensors of the last captured step, number 20"
# One file: no address of anything outside but names of formats and licences.
same "$(grep -oE '(src|href|url)[=(]["'\''"]?(https?:)?//[^"'\'' >)]*' run/report.html | head -1)" "" \
  "addresses that the page loads"

# The energy of an epoch is bittrue cost's, on the checkpoint's weights.
cost=$("$bittrue" cost recipe.yaml --run run --ledger ledger.csv >/dev/null && sed 1d ledger.csv |
  awk -F, '{ n += $7 } END { printf "%.4g", n / 1e18 }')
row=$(awk '/^horowitz-45nm$/ { at = NR } at && NR == at + 2 { print; exit }' \
  text | awk '{ printf "%.4g", $1 }')
same "$row" "$cost" "joules of an epoch by horowitz-45nm"

# Beside it: the baseline in run/baseline and in run-baseline, the coverage in cosim.json.
mv fp32 run/baseline
"$bittrue" cosim run --engines ref,fast --coverage --json >run/cosim.json 2>/dev/null
runs 0 report run --out one.html
same "$out" one.html "the path of --out"
holds one.html "ref,fast agree"
holds one.html "contract.forward"
holds one.html '<li class="met"><span>contract.forward'
holds one.html '<li class="empty"><span>quantize.k32'
page one.html | grep -qx "$(printf %.2f "$(key run/baseline/baseline.json test_error_swa_fp)")" ||
  wrong "SWA-FP of run/baseline is not there"
lacks one.html "fp32 baseline: not recorded"
mv run/baseline run-baseline
mv run/cosim.json cover.json
runs 0 report run --coverage cover.json --out two.html
holds two.html "ref,fast agree"
lacks two.html "fp32 baseline: not recorded"

# The same runs make the same page; two of one name are told apart; a baseline alone is fine.
runs 0 report run --coverage cover.json --out three.html
same "$(sed 's/three.html/two.html/' three.html | cksum)" "$(cksum <two.html)" "the page made again"
mkdir other
cp -r run other/run
rm other/run/capture-*
runs 0 report run other/run --out four.html
holds four.html '<th scope="col">other/run'
holds four.html "exponents not recorded in this run"
runs 0 report run-baseline --out five.html
lacks five.html 'id="energy"'

# What a name or a file holds is text, never markup.
cp -r other/run '<i>&'
sed 's/^name: .*/name: "<\/script><b>"/' recipe.yaml >odd.yaml
sed -i "s|$PWD/recipe.yaml|$PWD/odd.yaml|" '<i>&/run.json'
runs 0 report '<i>&' --out six.html
holds six.html '<h1>&lt;i&gt;&amp;'
holds six.html 'name: &quot;&lt;/script&gt;&lt;b&gt;&quot;'
same "$(grep -c '</script><b>' six.html)" 0 "markup from a recipe"

# Refusals: a line, status 2, nothing left behind.
refused "no run given" report
refused "none/run.json: line 0" report none
refused "no/where" report run --out no/where.html
refused "run/metrics.csv: expected what bittrue cosim --json prints" \
  report run --coverage run/metrics.csv
refused "given 2 times, expected at most one" report run --coverage cover.json --coverage cover.json
refused "no energy table horowitz" report run --energy horowitz
spoil() { # FILE SED
  rm -rf bad
  cp -r other/run bad
  sed -i "$2" "bad/$1"
}
spoil run.json 's/"digest": "/"digested": "/'
refused "bad/run.json: key digest: expected a text" report bad
spoil run.json 's/\("test_error_last": \).*/\1"x",/'
refused "bad/run.json: key test_error_last: expected a number of percent, or null" report bad
spoil run.json '3s/^/}/'
refused "bad/run.json: line" report bad
spoil run.json 's/recipe.yaml/gone.yaml/'
refused "gone.yaml" report bad
spoil run.json 's/systolic-16x16/none-such/'
refused "no machine none-such" report bad
spoil metrics.csv '3s/,/,,/'
refused "bad/metrics.csv:3: 11 fields, expected 10" report bad
spoil metrics.csv '2s/^1,/one,/'
refused "bad/metrics.csv:2: epoch: expected a number, got 'one'" report bad
spoil metrics.csv '1s/test_error/tested/'
refused "bad/metrics.csv:1: expected a column test_error" report bad
rm bad/metrics.csv
refused "bad/metrics.csv" report bad
finish
