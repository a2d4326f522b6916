# Recipes, data and runs that are wrong: status 2, one line, nothing made or changed.
. "$(dirname "$0")/common.sh"
small_job 2

# wrong_recipe FROM TO WANT
wrong_recipe() {
  changed "$1" "$2" bad.yaml
  refused "$3" train bad.yaml --out run
}
wrong_recipe "^batch: 32" "batchsize: 32" "bad.yaml:"
wrong_recipe "^batch: 32" "batch: many" "bad.yaml:4: "
wrong_recipe "^seed: 1" "seeds: 1" "seeds"
wrong_recipe "format: bfp8, block: dim0" "format: bfp9, block: dim0" "bfp2 to bfp8"
wrong_recipe "net.yaml" "none.yaml" "none.yaml"
wrong_recipe "directory: \\." "directory: nowhere" "nowhere"
wrong_recipe "set: mnist" "set: cifar" "cifar"
refused "no-recipe.yaml" train no-recipe.yaml --out run
refused "no-machine" train recipe.yaml --machine no-machine --out run
refused "no-table" train recipe.yaml --energy no-table --out run
refused "engine 'slow'" train recipe.yaml --engine slow --out run
for n in 0 257 two; do
  refused "--threads: expected a whole number in 1..256, got '$n'" train recipe.yaml --threads $n
done
refused "recipe.yaml" train recipe.yaml --out recipe.yaml/run

# shapes that do not fit, in the net and between net and data
sed "s/kernel: 3, pad: 1/kernel: 9/" net.yaml >big.yaml
changed "net.yaml" "big.yaml" bad.yaml
refused "big.yaml:5: layer conv1: expected a kernel inside" train bad.yaml --out run
refused "big.yaml:5: layer conv1" net big.yaml
sed "s/height: 8/height: 9/" net.yaml >tall.yaml
changed "net.yaml" "tall.yaml" bad.yaml
refused "takes 9x8x1 images" train bad.yaml --out run

# data: a file cut short, a wrong magic, none
cp train-images-idx3-ubyte whole
head -c 1000 whole >train-images-idx3-ubyte
refused "train-images-idx3-ubyte: offset 1000: file cut short" train recipe.yaml --out run
{ printf 'x'; tail -c +2 whole; } >train-images-idx3-ubyte
refused "train-images-idx3-ubyte: offset 0: magic" train recipe.yaml --out run
rm train-images-idx3-ubyte
refused "train-images-idx3-ubyte" train recipe.yaml --out run
mv whole train-images-idx3-ubyte

# runs: one that is there, none, damaged and foreign checkpoints
refused "nothing" eval nothing
refused "nothing" cosim nothing --engines ref,fast
runs 0 train recipe.yaml --out run --epochs 1
refused "a run is there already: expected --resume" train recipe.yaml --out run
refused "a checkpoint of another recipe" train recipe.yaml --out run --resume --seed 2
changed "lr: 0.05" "lr: 0.06" other.yaml
refused "a checkpoint of another recipe" train other.yaml --out run --resume
cp run/checkpoint.bt good
head -c 5000 good >run/checkpoint.bt
refused "run/checkpoint.bt" train recipe.yaml --out run --resume
refused "run/checkpoint.bt" eval run
{ head -c 5000 good; printf 'x'; tail -c +5002 good; } >run/checkpoint.bt
refused "run/checkpoint.bt" train recipe.yaml --out run --resume
mv good run/checkpoint.bt
echo '{"recipe": "recipe.yaml"}' >run/run.json
refused "run/run.json: key machine" eval run
refused "run/checkpoint.bt" replay run/checkpoint.bt --engines ref,fast
refused "--at 9:0" cosim recipe.yaml --engines ref,fast --at 9:0
refused "--threads: expected a whole number in 1..256" eval run --threads 0
refused "--threads: expected a whole number in 1..256" cosim recipe.yaml --threads 0
refused "--steps: expected a recipe or run with it, not a replay file alone" \
  cosim --replay mismatch.replay --steps 3
refused "mismatch.replay: cannot be read" cosim --replay mismatch.replay
refused "--threads: expected a whole number in 1..256" replay mismatch.replay --threads 0
refused "--engines 'ref'" cosim recipe.yaml --engines ref
finish
