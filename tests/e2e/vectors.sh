# Golden vectors: what is written, and what check makes of results.
. "$(dirname "$0")/common.sh"
here=$(cd "$(dirname "$0")" && pwd)
small_job 3
runs 0 train recipe.yaml --steps 10 --out run

# A run's next step, one before its checkpoint and one behind, against training from the start.
ok vectors run --out v
says "45 commands of epoch 2, step 3 in v"
for at in 2:3 1:2 2:5; do
  ok vectors recipe.yaml --at $at --out from_start
  ok vectors run --at $at --out from_run
  diff -r from_start from_run >&2 || wrong "the vectors of $at depend on where training began"
  [ $at != 2:3 ] || diff -r from_start v >&2 || wrong "the next step is not 2:3"
  rm -r from_start from_run
done
refused "capture-00000020.bt" vectors run --at last --out w
refused "of a run expected first, middle or last, or EPOCH:STEP" vectors run --at soon --out w
refused "expected an epoch up to 3 and a step below 7" vectors run --at 2:7 --out w

# Checksums, as another program makes them.
awk -F'"' '$2 == "folder" { folder = $4 } $2 == "file" { file = $4 }
           $2 == "sha256" { print $4 "  v/" folder "/" file }' v/manifest.json >sums
sha256sum --quiet -c sums >&2 || wrong "checksums of the manifest"
same "$(find v -name '*.hex' -o -name '*.npy' | wc -l)" "$(wc -l <sums)" "files with a checksum"

# Each quantization, recomputed from its hex files by the contract's formula; the NPY files hold
# the same integers.
for folder in v/*-quantize; do
  cat $folder/out0.hex $folder/out0.exp.hex >expected
  awk -v folder=$folder -f "$here/requantize.awk" >got
  cmp -s expected got || wrong "$folder: not as numerics 7 says"
  header=$(od -An -tu2 -j8 -N2 $folder/out0.npy)
  od -An -v -td1 -w1 -j$((10 + header)) $folder/out0.npy | awk '{ print $1 }' >npy
  awk '{ v = 16 * (index("0123456789abcdef", substr($0, 1, 1)) - 1) + \
             index("0123456789abcdef", substr($0, 2)) - 1; print (v > 127 ? v - 256 : v) }' \
    $folder/out0.hex >hex
  cmp -s npy hex || wrong "$folder: NPY and hex differ"
done
same "$(ls -d v/*-quantize | wc -l)" 19 "quantizations"

# A mask, packed and not: element i is bit i mod 32 of word i / 32.
for mask in v/*/out0.bits.hex v/*/out1.bits.hex; do
  awk '{ for (d = 8; d >= 1; d--) { v = index("0123456789abcdef", substr($0, d, 1)) - 1
         for (b = 0; b < 4; b++) { print v % 2; v = int(v / 2) } } }' "$mask" >bits
  whole=${mask%.bits.hex}.hex
  head -n "$(wc -l <"$whole")" bits | cmp -s - "$whole" || wrong "$mask: another mask than $whole"
done

# results: RESULTS as a design would leave them, from the vectors' own.
results() {
  rm -rf results
  for folder in v/c*; do
    mkdir -p results/"${folder#v/}"
    cp $folder/out* $folder/loss.after* $folder/lanes.after* results/"${folder#v/}" 2>/dev/null
  done
  find results -name '*.npy' -exec rm {} +
}
results
ok check v results
says "45 of 45 equal"
elements=$(echo "$out" | sed -n 's/^  elements  \([0-9]*\) compared, 0 differ/\1/p')
find results -name 'lanes.*' -exec rm {} + # a design without a generator
find results -name '*.hex' ! -name '*.bits.hex' -path '*dropout*' -exec rm {} +
cp v/c000*/*.npy results/c000*/ && rm results/c000*/*.hex
ok check v results
same "$(echo "$out" | sed -n 's/^  elements  \([0-9]*\) compared, 0 differ/\1/p')" \
  $((elements - 16 * 19)) "elements without the generators' 16 lanes of 19 quantizations"

# One element, and the place where it is: the fifth row's third of a [32][10] tensor is number 42.
fc1=$(basename v/c*fc1_quantize-quantize)
results
sed -i '43s/.*/7f/' results/$fc1/out0.hex
digits=$(sed -n 43p v/$fc1/out0.hex)
[ "$digits" != 7f ] || wrong "the element is 7f already"
runs 1 check v results
says "$fc1: DIFFERS"
says "element 42 of out0, tensor fc1 at [4][2]; 1 of 320 elements differ"
says "expected  0x$digits = "
says "got       0x7f = 127, 127 * 2^"
says "draw      0x$(sed -n 43p v/$fc1/draws.hex | sed 's/^0*//') of 16 bits: lane 10"
says "44 of 45 equal"
runs 1 check v results --json
says '"agreed": false'
says '"element": 42'
says '"expected_hex": "0x'$digits'"'
runs 1 check v results --errors 0
case $out in *"element 42"*) wrong "--errors 0 describes an element" ;; esac

# x and z, elements that are missing, elements too many; comments and addresses.
results
{
  printf '// head\nxx\nzz\n'
  sed -n 3,320p v/$fc1/out0.hex
  echo '@150 00 00'
} >results/$fc1/out0.hex
runs 1 check v results
says "got       x"
says "hint      x or z: 2"
says "out0 holds 2 values more than the 320 expected"
head -300 v/$fc1/out0.hex >results/$fc1/out0.hex
runs 1 check v results
says "element 300 of out0"
says "got       nothing"
says "20 of 320 elements differ"
rm results/$fc1/out0.exp.hex results/$fc1/out0.hex
runs 1 check v results
says "missing   $fc1/out0.exp.hex"
says "missing   $fc1/out0.hex"
says "44 of 45 equal, 1 incomplete"

# A softmax's sums, and a generator that stands elsewhere.
results
softmax=$(basename v/c*-softmax)
sed -i '2s/.*/000000000000ffff/' results/$softmax/loss.after.hex
sed -i '16s/.*/00000001/' results/$fc1/lanes.after.hex
runs 1 check v results
says "element 1 of loss.after"
says "got       0x000000000000ffff = 65535"
says "element 15 of lanes.after"

# Nothing compared is a failure; what cannot be compared is refused.
runs 1 check v results --label nothing
says "NOTHING COMPARED"
runs 1 check v results --commands average
refused "v: the vectors themselves" check v v
refused "expected DIR, the vectors, and RESULTS" check v
refused "none: no directory" check v none
refused "run/manifest.json" check run results
results
echo 0g >results/$fc1/out0.hex
runs 2 check v results
grep -q "out0.hex:1: '0g': expected hexadecimal" "$root/log/err" ||
  wrong "0g: $(cat "$root/log/err")"
results
cp -r v changed
sed -i '2s/./0/' changed/$fc1/in0.hex
runs 2 check changed results
grep -q "in0.hex: changed since it was written" "$root/log/err" || wrong "a changed operand"

# Which commands: kinds, labels, a number of them, no large ones.
ok vectors run --commands conv,pool --out some
says "6 commands"
ok vectors run --label conv1 --out labelled
same "$(ls labelled | grep -vc conv1)" 1 "manifest.json alone without conv1"
ok vectors run --count 5 --out five
same "$(ls -d five/c* | wc -l)" 5 "commands of --count 5"
same "$(ls five | head -1)" "$(ls v | head -1)" "the first of --count"
ok vectors run --count 99 --out all
same "$(ls -d all/c* | wc -l)" 45 "commands of --count 99"
ok vectors run --max-elements 320 --out little --json
says '"left_out": 24'
refused "expected --max-elements of at least 6" vectors run --max-elements 5 --out w
refused "none of the step's 45 commands is chosen" vectors run --label conv9 --out w
refused "'polo' is no kind of command" vectors run --commands polo --out w
refused "expected --out DIR" vectors run

# A full disk: no manifest, so no vectors.
(ulimit -f 8; "$bittrue" vectors run --out cut 2>"$root/log/err")
same $? 2 "status with files of at most 4 KB"
same "$(wc -l <"$root/log/err" | tr -d ' ')" 1 "lines on stderr with files of at most 4 KB"
grep -q '^bittrue vectors: cut/c000.*/in0.hex: ' "$root/log/err" || wrong "$(cat "$root/log/err")"
[ ! -e cut/manifest.json ] || wrong "a manifest of vectors that are not whole"
runs 2 check cut results

# Batch norm and an average pool: sums of 64 bits, vectors of constants; weights in fixed point have
# no file of exponents. Results that are the vectors' own are equal, a sum's last bit is seen.
cat >block.yaml <<'NET'
name: block
input: {height: 8, width: 8, channels: 1}
classes: 10
init: fan_out
layers:
  - {conv: conv1, out: 4, kernel: 3, pad: 1, bias: false}
  - {batch_norm: bn, relu: true}
  - {average_pool: pool, kernel: 4}
  - {fc: fc, out: 10}
NET
sed -e 's/^net:.*/net: block.yaml/' -e 's/^batch:.*/batch: 8/' \
  -e 's/weights: {format: bfp8, block: dim0}/weights: {format: fixed8.6}/' recipe.yaml \
  >block-recipe.yaml
rm -rf v
ok vectors block-recipe.yaml --machine systolic-4x4 --seed 5 --out v
results
ok check v results
moments=$(basename v/*bn_moments-reduce)
same "$(awk 'length != 16' v/$moments/out0.hex | wc -l)" 0 "sums of other than 16 digits"
ls v/*norm_back >/dev/null || wrong "no norm_back"
[ ! -e "$(echo v/*conv1.weight_quantize-quantize)/out0.exp.hex" ] ||
  wrong "exponents of fixed point"
last=$(sed -n 1p results/$moments/out0.hex)
case $last in *0) last=${last%?}1 ;; *) last=${last%?}0 ;; esac
sed -i "1s/.*/$last/" results/$moments/out0.hex
runs 1 check v results
says "$moments: DIFFERS"
says "got       0x$last = "
finish
