# CIFAR sets from outside: listed, trained on with crops and flips, and refused where wrong.
. "$(dirname "$0")/common.sh"
small_tool=$npy
mkdir ten hundred
"$small_tool" ten 32 100 40 2 1 cifar-10 || wrong "small_tool"
"$small_tool" hundred 32 30 10 2 1 cifar-100 || wrong "small_tool"

runs 0 data cifar-10 --directory ten
says "cifar-10: 100 training and 40 test images of 32 x 32 x 3, 10 classes, 430220 bytes, in ten"
says "  channel 2 of training: mean 0."
runs 0 data cifar-10 --directory ten --json
same "$(echo "$out" | grep -c '^      "0\.[0-9]\{5\}",\{0,1\}$')" 6 "means and deviations in JSON"
runs 0 data cifar-100 --directory hundred
says "30 training and 10 test images of 32 x 32 x 3, 100 classes"
BITTRUE_DATA=$(pwd)/none XDG_CACHE_HOME=$(pwd)/cache
export BITTRUE_DATA XDG_CACHE_HOME
refused "no directory at $BITTRUE_DATA/cifar-10, $XDG_CACHE_HOME/bittrue/cifar-10; expected: scripts/get-data.sh" \
  data cifar-10
runs 0 data
says "cifar-10: not found in $BITTRUE_DATA/cifar-10, $XDG_CACHE_HOME/bittrue/cifar-10; expected: scripts"
mkdir -p cache/bittrue
cp -r ten cache/bittrue/cifar-10
runs 0 data cifar-10
says "in $XDG_CACHE_HOME/bittrue/cifar-10"

# recipe FROM TO FILE: a copy of ten/recipe.yaml with FROM replaced, beside it.
recipe() {
  sed "s|$1|$2|" ten/recipe.yaml >"ten/$3"
  cmp -s ten/recipe.yaml "ten/$3" && wrong "'$1' is not in ten/recipe.yaml"
}
digest() { # DIRECTORY
  key "$1/run.json" digest
}
lists="mean: [0.49, 0.48, 0.45], std: [0.2, 0.2, 0.2], crop_pad: 4, flip: true}"
recipe "mean: .*}" "$lists" augmented.yaml
runs 0 train ten/recipe.yaml --out plain
runs 0 train ten/augmented.yaml --out a --threads 1
[ "$(digest a)" != "$(digest plain)" ] || wrong "augmentation changes nothing"
runs 0 train ten/augmented.yaml --out b --threads 2
same "$(digest b)" "$(digest a)" "digest with two threads"
runs 0 train ten/augmented.yaml --out c --engine ref
same "$(digest c)" "$(digest a)" "digest of engine ref"
runs 0 train ten/augmented.yaml --out d --steps 5
runs 0 train ten/augmented.yaml --out d --resume
same "$(digest d)" "$(digest a)" "digest of an interrupted run"
runs 0 cosim a --engines ref,fast
runs 0 cosim ten/augmented.yaml --engines fast,ref --at 2:1

# another augmentation or normalisation is another run
for change in "crop_pad: 4|crop_pad: 3" "flip: true|flip: false" "0.45]|0.46]" "0.2]|0.3]"; do
  sed "s|${change%|*}|${change#*|}|" ten/augmented.yaml >ten/other.yaml
  cmp -s ten/augmented.yaml ten/other.yaml && wrong "'$change' changes nothing"
  refused "a checkpoint of another recipe" train ten/other.yaml --out a --resume
done

recipe "mean: 0.5" "mean: [0.5, 0.5]" bad.yaml
refused "bad.yaml:3: mean: a list of 2 numbers, expected one number or the 3" train ten/bad.yaml --out x
recipe "set: cifar-10, directory: ten" "set: cifar-100, directory: hundred" bad.yaml
refused "takes 32x32x3 images of 10 classes, data set cifar-100 has 32x32x3 of 100" train ten/bad.yaml --out x
head -c 3000 ten/test_batch.bin >torn
cp ten/test_batch.bin whole
cp torn ten/test_batch.bin
refused "ten/test_batch.bin: offset 3000: file ends 3000 bytes into record 0" train ten/recipe.yaml --out x
{ printf '\012'; tail -c +2 whole; } >ten/test_batch.bin
refused "ten/test_batch.bin: offset 0: label 10, expected 0..9" baseline ten/recipe.yaml
rm ten/test_batch.bin
refused "ten/test_batch.bin: cannot be read: No such file" train ten/recipe.yaml --out x
refused "set 'cifar-1': unknown, expected one of: fashion-mnist, mnist, cifar-10, cifar-100" data cifar-1
finish
