# bittrue report in headless Chromium: report/check.js says what it looks at. Two 8-bit runs beside
# fp32, a baseline alone, and a run of 225 epochs of a net of 164 layers, whose page is below 5 MB.
# Pictures stay in the folder of the fourth argument.
kept=${4:?expected a folder for the pictures}
. "$(dirname "$0")/common.sh"
source=$(dirname "$0")/../..
browser=${CHROMIUM:-$(command -v chromium || command -v chromium-browser || command -v google-chrome)}
for program in "${browser:-chromium}" node; do
  command -v "$program" >/dev/null && continue
  echo "SKIPPED: $program is not there: scripts/setup.sh installs it"
  exit 77
done
export CHROMIUM="$browser"
mkdir -p "$kept"

# looks [--light] PAGE FOLDER [RUN.json...]
looks() {
  node "$source/tests/e2e/report/check.js" "$@" >"$root/log/browser" 2>&1 ||
    wrong "$* in Chromium: $(grep -m 20 -E 'FAIL|rror' "$root/log/browser")"
  grep -v FAIL "$root/log/browser"
}

small_job 3
runs 0 train recipe.yaml --out first
runs 0 train recipe.yaml --out second --seed 2
runs 0 baseline recipe.yaml --out fp32
"$bittrue" cosim first --engines ref,fast --coverage --json >first/cosim.json 2>/dev/null
runs 0 report first second fp32 --out "$kept/two.html"
looks "$kept/two.html" "$kept" first/run.json second/run.json
runs 0 report fp32 --out "$kept/fp32.html"
looks --light "$kept/fp32.html" "$kept"

# A run as 225 epochs leave it: errors that fall, averages from epoch 162 on.
mkdir long
sed -e "s|$PWD/recipe.yaml|$(cd "$source" && pwd)/models/recipes/preresnet164-cifar10.yaml|" \
  -e 's/"epochs": .*/"epochs": 225,/' first/run.json >long/run.json
awk 'BEGIN {
  print "epoch,lr,train_loss,train_error,test_loss,test_error,swalp_loss,swalp_error,clipped,seconds"
  for (e = 1; e <= 225; e++) {
    error = 5 + 60 / e + (e * 7919 % 101) / 100
    printf "%d,0.050000000,%.4f,%.2f,%.4f,%.2f,", e, error / 20, error - 2, error / 18, error
    if (e < 162) printf ",,"
    else printf "%.4f,%.2f,", error / 25, error - 0.9
    printf "%d,%d.250\n", 1000000 + e * 31 % 977, 800 + e % 13
  }
}' >long/metrics.csv
runs 0 report long --out "$kept/long.html"
size=$(wc -c <"$kept/long.html")
[ "$size" -lt 5000000 ] || wrong "the page of 225 epochs has $size bytes, expected below 5000000"
looks --light "$kept/long.html" "$kept" long/run.json
finish
