#!/bin/sh
# The convex experiments of docs/results.md: runs the recipes convex-*.yaml, fits exponents, draws
# both figures. About a quarter of an hour on one core, nearly all of it for the 13 formats.
#   scripts/convex.sh DIRECTORY
# Needs MNIST (scripts/get-data.sh mnist) and gnuplot. Runs whose files are there are not made again.
set -eu
[ $# -eq 1 ] || { echo "scripts/convex.sh: expected DIRECTORY" >&2; exit 2; }
here=$(dirname "$0")
bittrue=${BITTRUE:-$here/../build/release/bittrue}
recipes=$here/../models/recipes
out=$1
command -v gnuplot >/dev/null || { echo "scripts/convex.sh: gnuplot is not installed" >&2; exit 2; }
mkdir -p "$out"

run() { # NAME RECIPE [OPTION...]: NAME.csv and NAME.txt
  name=$1 recipe=$2
  shift 2
  if [ ! -e "$out/$name.csv" ] || [ ! -s "$out/$name.txt" ]; then
    "$bittrue" convex "$recipes/$recipe.yaml" "$@" --csv "$out/$name.csv" >"$out/$name.part"
    mv "$out/$name.part" "$out/$name.txt"
  fi
  cat "$out/$name.txt"
}
fit() { # FILE NAME=VALUE...: a slope
  file=$1
  shift
  for v in "$@"; do set -- "$@" -v "$v"; shift; done
  awk "$@" -f "$here/convex-fit.awk" "$out/$file.csv"
}

run linear-fixed8.6 convex-linear-fixed8
run linear-bfp8 convex-linear-fixed8 --weights bfp8
run logistic-fixed4.2 convex-logistic-mnist
run logistic-bfp4 convex-logistic-mnist --weights bfp4

# A row a format: SGD-LP is the mean over the last 20 report points, SWALP the end.
# The run of 14 bits has the double columns too.
run noise-fixed15.14 convex-noise-mnist --weights fixed15.14 --last 20
echo "fractional_bits,sgd_lp,swalp,swalp_wrong" >"$out/noise.part"
for bits in 2 3 4 5 6 7 8 9 10 11 12 13 14; do
  run "noise-fixed$((bits + 1)).$bits" convex-noise-mnist --weights "fixed$((bits + 1)).$bits" \
    --last 20 --no-double
  awk -F, -v bits=$bits 'NR > 1 { n++; s += $3; swalp = $4; wrong = $8 }
    END { printf "%d,%.6g,%.6g,%d\n", bits, s / n, swalp, wrong }' \
    "$out/noise-fixed$((bits + 1)).$bits.csv" >>"$out/noise.part"
done
mv "$out/noise.part" "$out/noise.csv"
sgd=$(awk -F, 'NR > 1 { n++; s += $5 } END { printf "%.6g", s / n }' "$out/noise-fixed15.14.csv")
swa=$(awk -F, 'END { printf "%.6g", $6 }' "$out/noise-fixed15.14.csv")

echo "Squared gradient norm in double: SGD $sgd, SWA $swa. Exponents:"
for f in linear-fixed8.6 linear-bfp8; do
  echo "  $f: |w - w*|^2 of SWALP against snapshots $(fit $f x=2 y=4 log_x=1 from=1000 to=1e9)," \
    "of SWA-FP $(fit $f x=2 y=6 log_x=1 from=1000 to=1e9)"
done
for range in "4 10" "4 7" "7 10"; do
  from=${range% *} to=${range#* }
  echo "  squared gradient norm, $from to $to bits: SGD-LP $(fit noise x=1 y=2 "from=$from" "to=$to")" \
    "(above SGD-FP $(fit noise x=1 y=2 "from=$from" "to=$to" "minus=$sgd"))," \
    "SWALP $(fit noise x=1 y=3 "from=$from" "to=$to")" \
    "(above SWA-FP $(fit noise x=1 y=3 "from=$from" "to=$to" "minus=$swa"))"
done
nearest=$(awk '$1 == "Q(w*)" { print $2 }' "$out/linear-fixed8.6.txt")
gnuplot -e "dir='$out'; nearest=$nearest; sgd=$sgd; swa=$swa" "$here/convex.gp"
echo "figures: $out/convex-time.svg $out/convex-bits.svg"
