# A sweep over accumulators: what it prints and writes, and what it refuses.
. "$(dirname "$0")/common.sh"
small_job 2

runs 0 sweep recipe.yaml --every 7 --accumulators 32,16,12/3:wrap,10/fit:stochastic --out s
says "accumulator 32/0 saturate"
says "accumulator 12/3 wrap floor"
same "$(ls s | tr '\n' ' ')" "sweep.csv sweep.json " "files of a sweep"
same "$(awk -F, '{print NF}' s/sweep.csv | sort -u)" 17 "columns of sweep.csv"

# of VARIANT COLUMN: the column's distinct values in the rows of an accumulator
of() {
  awk -F, -v v="$1" -v c="$2" 'NR > 1 && $1 == v {print $c}' s/sweep.csv | sort -u | tr '\n' ' '
}
# the wide accumulator is the machine's own: the run that train makes
runs 0 train recipe.yaml --out a
same "\"$(of "32/0 saturate" 10 | tr -d ' ')\"" "$(key a/run.json digest)" "digest of accumulator 32"
same "$(of "32/0 saturate" 15)" "0 " "saturations of accumulator 32"
[ "$(of "12/3 wrap floor" 15)" != "0 " ] || wrong "no addition wrapped in 12 bits"
same "$(of "16/0 saturate" 6)" "14 " "steps"

# the fitted shift is what the widest sums of runs without a shift and overflow ask for
[ "$(of "16/0 saturate" 15)" != "0 " ] || wrong "no addition saturated in 16 bits"
widest=$(awk -F, '$1 == "32/0 saturate" {print $17}' s/sweep.csv | sort -n | tail -1)
fitted=$(awk -F, 'NR > 1 && $2 == 10 {print $4}' s/sweep.csv | sort -u)
same "$fitted" "$((widest - 10))" "shift of 10/fit, with sums of $widest bits"

# engines agree, and a sweep repeats
runs 0 sweep recipe.yaml --every 7 --accumulators 32,12/3:wrap --out r --engine ref --steps 5
runs 0 sweep recipe.yaml --every 7 --accumulators 32,12/3:wrap --out f --threads 3 --steps 5
cmp -s r/sweep.csv f/sweep.csv || wrong "sweep.csv of engines ref and fast differ"
runs 0 sweep recipe.yaml --accumulators 32 --steps 1 --out j --json
says '"accumulator": "32/0 saturate"'

refused "accumulator '7': expected BITS" sweep recipe.yaml --accumulators 7
refused "accumulator '16/15': expected BITS" sweep recipe.yaml --accumulators 32,16/15
refused "accumulator '16:up': expected BITS" sweep recipe.yaml --accumulators 16:up
refused "accumulator '16:chunk0@8': expected BITS" sweep recipe.yaml --accumulators 16:chunk0@8
refused "accumulator '': expected BITS" sweep recipe.yaml --accumulators 16,
refused "'8/fit' fits the sums" sweep recipe.yaml --accumulators 8/fit,32
refused "--every: expected a whole number" sweep recipe.yaml --every 0
refused "absent.yaml" sweep absent.yaml
finish
