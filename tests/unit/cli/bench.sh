# bittrue bench: every subject on tiny shapes, its JSON, refusals. What is fast is not asked here.
. "$(dirname "$0")/common.sh"
json=$4

# A data set of 96 and 16 images of 4x4 pixels, and a net for it.
idx() { # TYPE COUNT: IDX files of images and labels
  printf "\\000\\000\\010\\003\\000\\000\\000\\$(printf %o "$2")" >"data/$1-images-idx3-ubyte"
  printf '\000\000\000\004\000\000\000\004' >>"data/$1-images-idx3-ubyte"
  printf "\\000\\000\\010\\001\\000\\000\\000\\$(printf %o "$2")" >"data/$1-labels-idx1-ubyte"
  i=0
  while [ $i -lt "$2" ]; do
    printf 'bittrue %08d' $((i * i * 12345 % 99999999)) >>"data/$1-images-idx3-ubyte"
    printf "\\$(printf %o $((i % 10)))" >>"data/$1-labels-idx1-ubyte"
    i=$((i + 1))
  done
}
mkdir data
idx train 96
idx t10k 16
cat >net.yaml <<END
name: tiny
input: {height: 4, width: 4, channels: 1}
classes: 10
layers:
  - {conv: conv1, out: 3, kernel: 3, pad: 1, relu: true}
  - {fc: fc1, out: 10}
END
recipe() { # EPOCHS
  cat <<END
name: tiny
net: net.yaml
data: {set: fashion-mnist, directory: $PWD/data, mean: 0.5, std: 0.25}
batch: 8
epochs: $1
swa_start: 1
lr: 0.05
swa_lr: 0.01
momentum: 0.9
weight_decay: 5e-4
seed: 1
formats:
  weights: {format: bfp8, block: dim0}
  gradients: {format: bfp8, block: dim0}
  momentum: {format: bfp8, block: dim0}
  activations: {format: bfp8, block: tensor}
  errors: {format: bfp8, block: tensor}
rounding: {mode: stochastic, random_bits: 16}
swa_bits: 15
END
}
recipe 1000 >tiny.yaml
recipe 1 >short.yaml
quick="--repeat 3 --milliseconds 0 --threads 2"

# gives WANT PATH...: what the JSON of the last command has there, on one line.
gives() {
  want=$1
  shift
  printf '%s\n' "$out" >"$root/log/json"
  got=$("$json" "$root/log/json" "$@" 2>&1) || wrong "JSON: $got"
  same "$(echo "$got" | tr '\n' ' ')" "$want " "$*"
}

# What the test leans on: it must see broken JSON, and a path that leads nowhere.
printf '{"a": 1' >"$root/log/json"
"$json" "$root/log/json" a >/dev/null 2>&1 && wrong "json_tool takes broken JSON"
printf '{"a": 1}' >"$root/log/json"
"$json" "$root/log/json" b >/dev/null 2>&1 && wrong "json_tool finds what is not there"

# shellcheck disable=SC2086 # a list of words
{
  ok bench gemm --shapes 5x3x7,6x4x9:tn,6x4x9:nt $quick --json
  gives '"gemm" "fast" 2 3 3 positive' subject engine threads repeat 'rows.#' \
    'peak_gmac_per_second.?'
  gives '"5x3x7" "forward" "weight_gradient" "data_gradient"' rows.0.shape rows.0.what \
    rows.1.what rows.2.what
  gives 'positive positive positive positive positive' 'rows.0.milliseconds.?' 'rows.0.min.?' \
    'rows.0.max.?' 'rows.0.gmac_per_second.?' 'rows.0.percent_of_peak.?'
  gives '105 216 216' rows.0.macs rows.1.macs rows.2.macs
  ok bench gemm --shapes 5x3x7 $quick --engine ref --json
  gives '"ref" 1 "wall"' engine threads clock
  ok bench gemm --shapes 5x3x7 $quick --clock processor --json
  gives '"processor" positive' clock 'rows.0.milliseconds.?'
  ok bench gemm --shapes 5x3x7 $quick --acc-bits 12 --machine systolic-16x16
  echo "$out" | grep -q 'GMAC/s' || wrong "no rate in '$out'"

  ok bench conv --shapes '2x5x5x3-4k3p1s2*2,1x2x2x2-2k1p0s1' $quick --json
  gives '6 3 "forward" "weight_gradient" positive positive' 'rows.#' 'means.#' means.0.what \
    means.2.what 'means.2.gmac_per_second.?' 'means.2.percent_of_peak.?'
  gives '1944 5400 1944 16' rows.0.macs rows.1.macs rows.2.macs rows.3.macs
  ok bench quantize --shapes 4x5x6,7 $quick --json
  gives '10 positive positive' 'rows.#' 'rows.0.gelem_per_second.?' 'rows.9.gigabytes_per_second.?'
  ok bench affine --shapes 4x3x3x5,9 $quick --json
  gives '10 "whole update" positive positive' 'rows.#' rows.4.what 'rows.4.gelem_per_second.?' \
    'rows.9.gigabytes_per_second.?'
  ok bench train tiny.yaml $quick --json
  gives '8 positive positive positive positive' batch 'images_per_second.median.?' \
    'images_per_second.min.?' 'step_milliseconds.?' 'other_milliseconds.?'
  ok bench train tiny.yaml $quick
  echo "$out" | grep -q ' images/s ' || wrong "no images/s in '$out'"
  ok bench train tiny.yaml --commands $quick --engine ref --json
  gives '"conv1 forward" "contract" positive' rows.2.shape rows.2.what 'rows.2.gmac_per_second.?'

  ok bench train tiny.yaml --commands $quick --json
  gives 'positive' 'step_milliseconds.?'
  ok bench train tiny.yaml --commands --single $quick --json
  gives '"affine" positive positive' rows.0.what 'contract_milliseconds.?' 'other_milliseconds.?'

  refused "short.yaml: the run ended before a sample of 100000 ms" \
    bench train short.yaml --milliseconds 100000
}

refused "expected gemm, conv, quantize, affine, norm, train or machine" bench
refused "'tiny.yaml': expected gemm, conv, quantize, affine, norm, train or machine" bench tiny.yaml
refused "tiny.yaml: only bench train and machine take a recipe" bench gemm tiny.yaml
refused "--commands: only bench train has them" bench conv --commands
refused "--single: only with --commands" bench train tiny.yaml --single
refused "--shapes: bench train has none" bench train tiny.yaml --shapes 1x1x1
refused "--shapes: bench machine has none" bench machine tiny.yaml --shapes 1x1x1
refused "--threads: bench machine has one" bench machine tiny.yaml --threads 2
refused "--batch: only bench machine has it" bench train tiny.yaml --batch 2
# With the Verilog the rates; a build without it says so.
if "$bittrue" bench machine tiny.yaml --repeat 1 --machine systolic-4x4 >/dev/null 2>&1; then
  ok bench machine tiny.yaml --batch 2 --repeat 2 --machine systolic-4x4 --json
  gives '"rtl" 2 positive positive positive positive' engine batch 'cycles.?' 'macs.?' \
    'cycles_per_second.median.?' 'array_cycles_per_second.min.?'
  refused "--batch 97: expected at most the 96 training images" bench machine tiny.yaml --batch 97
else
  refused "this build has no engine rtl" bench machine tiny.yaml
fi
refused "'b': expected a subject and at most a recipe" bench train tiny.yaml b
refused "missing.yaml: cannot be read: No such file" bench train missing.yaml
for shape in 1x2 1x2x0 1x2x3: 1x2x3:tt 1x2x-3 1x2x1234567890 'x1x2x3' '' 1x2x3,; do
  refused "expected MxNxK, MxNxK:tn or MxNxK:nt, as 512x512x4608" bench gemm --shapes "$shape"
done
for shape in 1x2x3x4 1x4x4x2-2k1p0 1x4x4x2-2k1p0s0 1x4x4x2-2k1p0s1* 1x4x4x2-2k1p0s1x; do
  refused "expected NxHxWxC-OkKpPsS, as 128x32x32x64-64k3p1s1" bench conv --shapes "$shape"
done
refused "expected a filter no larger than the padded image" bench conv --shapes 1x4x4x2-2k5p0s1
refused "expected tensors of at most 2^31 elements" bench gemm --shapes 99999999x99999x1
refused "shape '1x1x1x1x1': expected one to four dimensions" bench quantize --shapes 1x1x1x1x1
refused "shape '3x': expected one to four dimensions" bench affine --shapes 3x
refused "--threads: expected a whole number in 1..256, got '0'" bench gemm --threads 0
refused "--repeat: expected a whole number in 1..1000, got '1001'" bench gemm --repeat 1001
refused "--acc-bits: expected a whole number in 8..32, got '7'" bench gemm --acc-bits 7
refused "--clock: expected wall or processor, got 'sun'" bench gemm --clock sun
refused "engine 'slow': expected one of" bench gemm --engine slow
finish
