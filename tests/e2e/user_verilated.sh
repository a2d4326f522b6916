# Another house's quantizer in Verilog in the loop: LeNet-5 trains with it to the reference's digest;
# with the clip behind its rounding left out, lockstep names the first value that should have been
# clipped. The fourth argument is the folder of the shared objects.
. "$(dirname "$0")/common.sh"
recipe=$(cd "$(dirname "$0")/../.." && pwd)/models/recipes/lenet5-fashion.yaml
cp "$4/flexquant.so" "$4/flexquant_broken.so" . || wrong "no shared objects in $4"

runs 0 train "$recipe" --steps 3 --engine ref --out ref
runs 0 train "$recipe" --steps 3 --engine fast,quantize=./flexquant.so --out user
# 41 quantizations a step
grep -q "flexquant in Verilog): ran 123 commands, left 0 to fast" "$root/log/err" ||
  wrong "not all quantizations in Verilog: $(cat "$root/log/err")"
same "$(key user/run.json digest)" "$(key ref/run.json digest)" "digest after three steps"
runs 0 cosim "$recipe" --engines ref,fast,quantize=./flexquant.so --commands quantize

broken=ref,fast,quantize=./flexquant_broken.so
runs 1 cosim "$recipe" --engines $broken --replay broken.replay
says "MISMATCH between ref and fast,quantize=./flexquant_broken.so"
# The clip is at 127: the reference has it there, the block lets the rounding go on to 128, which is
# -128 in 8 bits.
says " quantize (quantize), step 0"
first=$(echo "$out" | sed -n 's/^  first  *mantissa \(-\{0,1\}[0-9]*\) .*/\1/p')
same "${first#-}" 127 "the reference's mantissa, but for its sign"
says "  second    mantissa -128 at step"
says "bittrue replay broken.replay --engines $broken"
report=$(echo "$out" | grep '^  differs')
runs 1 replay broken.replay --engines $broken
same "$(echo "$out" | grep '^  differs')" "$report" "what the replay reports"
runs 0 replay broken.replay --engines ref,fast,quantize=./flexquant.so
# Where the values are used they must lie in their format.
runs 2 train "$recipe" --steps 1 --engine fast,quantize=./flexquant_broken.so --out no
same "$(wc -l <"$root/log/err")" 1 "lines on stderr"
grep -q "flexquant_broken.so: loss quantize: output 0 (loss error): element " "$root/log/err" ||
  wrong "a value outside its format: $(cat "$root/log/err")"
finish
