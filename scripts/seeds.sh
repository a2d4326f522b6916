#!/bin/sh
# Trains a recipe from several seeds in 8-bit integers and in fp32, and prints a table of test errors.
#   scripts/seeds.sh [--fp32 SEEDS] RECIPE DIRECTORY SEED...
# SEEDS, in quotes, are those to train in fp32 too; all unless given. A run that is complete is not
# made again; one that was interrupted goes on.
set -eu
usage="expected [--fp32 SEEDS] RECIPE DIRECTORY SEED..."
fp32=all
if [ "${1:-}" = --fp32 ]; then
  [ $# -ge 2 ] || { echo "scripts/seeds.sh: --fp32: $usage" >&2; exit 2; }
  fp32=$2
  shift 2
fi
[ $# -ge 3 ] || { echo "scripts/seeds.sh: $usage" >&2; exit 2; }
threads=$(nproc)
bittrue=$(dirname "$0")/../build/release/bittrue
recipe=$1
directory=$2
shift 2

value() { # FILE KEY
  sed -n "s/^ *\"$2\": \"\{0,1\}\([^\",]*\)\"\{0,1\},\{0,1\}\$/\1/p" "$1"
}
table=$directory/seeds.txt
mkdir -p "$directory"
: >"$table"
for seed in "$@"; do
  low=$directory/swalp-$seed
  full=$directory/fp32-$seed
  if [ ! -e "$low/run.json" ] || [ "$(value "$low/run.json" complete)" != true ]; then
    resume=
    [ ! -e "$low/checkpoint.bt" ] || resume=--resume
    "$bittrue" train "$recipe" --seed "$seed" --out "$low" $resume >/dev/null
  fi
  case " $fp32 " in
    " all " | *" $seed "*)
      resume=
      [ ! -e "$full/checkpoint.bt" ] || resume=--resume
      [ -e "$full/baseline.json" ] ||
        "$bittrue" baseline "$recipe" --seed "$seed" --threads "$threads" --out "$full" $resume >/dev/null
      for key in sgd_fp swa_fp; do value "$full/baseline.json" test_error_$key; done ;;
    *) echo -; echo - ;;
  esac >"$table.row"
  for key in sgd_lp swalp last; do value "$low/run.json" test_error_$key; done >>"$table.row"
  echo "$seed $(tr '\n' ' ' <"$table.row") $(value "$low/run.json" digest)" >>"$table"
done
rm -f "$table.row"
awk 'BEGIN { print "| seed | SGD-FP | SWA-FP | SGD-LP | SWALP | last | digest |"
             print "|---|---|---|---|---|---|---|" }
     { printf "| %s |", $1
       for (i = 2; i <= 6; i++)
         if ($i == "-") printf " - |"; else { printf " %.2f |", $i; sum[i] += $i; count[i]++ }
       printf " `%.16s...` |\n", $7 }
     END { printf "| mean |"; for (i = 2; i <= 6; i++) printf " %.2f |", sum[i] / count[i]
           print " |" }' "$table"
