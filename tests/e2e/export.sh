# A run's tensors as .npy files, and what a checkpoint that is no good leads to.
. "$(dirname "$0")/common.sh"

# header FILE: an array's type and shape.
header() {
  head -c 118 "$1" | tr -d '\0\n' |
    LC_ALL=C sed -n "s/.*'descr': '\([^']*\)'.*'shape': \(([^)]*)\).*/\1 \2/p"
}

small_job 3
runs 0 train recipe.yaml --out run --epochs 1
runs 0 export run --npy before
says "tensors in before"
[ -e before/conv1.weight.npy ] && [ -e before/conv1.weight.exponents.npy ] || wrong "no weights"
[ -e before/conv1.weight.average.npy ] && wrong "an average before swa_start"
runs 0 train recipe.yaml --out run --resume
runs 0 export run --npy after --float
same "$(header after/conv1.weight.average.npy)" "<i2 (6, 3, 3, 1)" "conv1's average"
same "$(header after/conv1.weight.npy)" "|i1 (6, 3, 3, 1)" "conv1's weights"
same "$(header after/conv1.weight.float.npy)" "<f4 (6, 3, 3, 1)" "conv1's values"
same "$(header after/conv1.weight.exponents.npy)" "<i2 (6,)" "conv1's exponents"
same "$(key after/manifest.json digest)" "$(key run/run.json digest)" digest
refused "expected --npy DIR" export run
refused "nothing" export nothing --npy x
echo >file
refused "file" export run --npy file/x

# Resuming: a damaged or missing checkpoint gives way to the one before, and says so.
digest=$(key run/run.json digest)
for how in cut bit foreign missing; do
  rm -rf again
  runs 0 train recipe.yaml --out again --steps 9 --checkpoint-every 1
  case $how in
    cut) head -c 5000 again/checkpoint.bt >part && mv part again/checkpoint.bt ;;
    bit) { head -c 5000 again/checkpoint.bt; printf 'x'; tail -c +5002 again/checkpoint.bt; } >part
         mv part again/checkpoint.bt ;;
    foreign) cp recipe.yaml other.yaml && sed -i "s/lr: 0.05/lr: 0.06/" other.yaml
             rm -rf other && runs 0 train other.yaml --out other --steps 3
             cp other/checkpoint.bt again/checkpoint.bt ;;
    missing) rm again/checkpoint.bt ;;
  esac
  runs 0 train recipe.yaml --out again --resume
  grep -q "going on from checkpoint-previous.bt (step 8)" "$root/log/err" ||
    wrong "$how: no word of the previous checkpoint: $(cat "$root/log/err")"
  same "$(key again/run.json digest)" "$digest" "digest after a $how checkpoint"
done
finish
