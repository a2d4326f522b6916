# A user's quantizer in plain C in the loop: built as its file says, it trains to the same digest,
# and with a bug in it lockstep names the first wrong element; what cannot work is refused.
# The fourth argument is the C compiler.
. "$(dirname "$0")/common.sh"
source=$(cd "$(dirname "$0")/../.." && pwd)
"$4" -std=c11 -O2 -shared -fPIC -fvisibility=hidden -I "$source/include" -o quantizer.so \
  "$source/rtl/examples/user_c/quantizer.c" || wrong "the example does not build"
small_job 2
runs 0 train recipe.yaml --out plain
digest=$(key plain/run.json digest)

# trained WANT ENGINE: on stderr, what each block did; the digest is the plain run's.
trained() {
  text=$1
  rm -rf user
  runs 0 train recipe.yaml --engine "$2" --out user
  grep -qF "$text" "$root/log/err" || wrong "--engine $2: '$(cat "$root/log/err")': no '$text'"
  same "$(key user/run.json digest)" "$digest" "digest of --engine $2"
  same "$(key user/run.json engine)" "\"$2\"" "engine in run.json"
}
trained "quantize=./quantizer.so (plain C quantizer): ran " fast,quantize=./quantizer.so
trained ", left 0 to ref" ref,quantize=quantizer.so
# It covers no contraction: those stay with the engine.
trained "conv=quantizer.so (plain C quantizer): ran 0 commands, left " fast,conv=quantizer.so
runs 0 eval plain --engine fast,quantize=quantizer.so

compared() {
  runs "$1" cosim plain --engines "$2" --json
  same "$(echo "$out" | sed -n 's/^  "agreed": \(.*\),/\1/p')" "$3" "agreed of $2"
}
compared 0 ref,fast,quantize=quantizer.so true
compared 0 fast,quantize=quantizer.so,ref true
# A block that ran nothing was not compared.
compared 1 ref,fast,quantize=quantizer.so,conv=quantizer.so true
[ "$(grep -c "quantizer.so (plain C" "$root/log/err")" = 2 ] || wrong "no line for each block"

# The random bits of lane 5 are stuck at zero: the first wrong element is in lane 5, and the sound
# block agrees on the command that differed.
broken=ref,fast,quantize=./quantizer.so:dead_lane=5
runs 1 cosim plain --engines $broken --replay broken.replay
says "MISMATCH between ref and fast,quantize=./quantizer.so:dead_lane=5"
says "command   input quantize (quantize), step 0, layer 0, phase forward"
says "draw      lane 5, "
report=$(echo "$out" | grep '^  differs')
place=$(echo "$report" | sed 's/.*mantissa \([0-9]*\) of.*/\1/')
same $((place % 16)) 5 "element $place modulo 16"
says "bittrue replay broken.replay --engines $broken"
runs 1 replay broken.replay --engines $broken
same "$(echo "$out" | grep '^  differs')" "$report" "what the replay reports"
runs 0 replay broken.replay --engines ref,fast,quantize=./quantizer.so
# cosim without a recipe or run is the same.
runs 1 cosim --replay broken.replay --engines $broken
same "$(echo "$out" | grep '^  differs')" "$report" "what cosim --replay reports"
runs 0 cosim --replay broken.replay --engines ref,fast,quantize=./quantizer.so

printf 'int unrelated;\n' >unrelated.c
"$4" -shared -fPIC -o unrelated.so unrelated.c
refused "engine part 'quantise=quantizer.so': expected OP=FILE with OP one of contract" \
  train recipe.yaml --engine fast,quantise=quantizer.so --out no
refused "engine part 'quantize=': expected a shared object" \
  train recipe.yaml --engine fast,quantize= --out no
refused "engine part 'quantizer.so': expected OP=FILE" train recipe.yaml \
  --engine fast,quantizer.so --out no
refused "engine part 'quantize=quantizer.so': quantize is substituted twice" train recipe.yaml \
  --engine fast,quantize=quantizer.so,quantize=quantizer.so --out no
refused "engine 'slow': expected one of ref, fast" train recipe.yaml \
  --engine slow,quantize=quantizer.so --out no
refused "quantize=none.so: expected a shared object: ./none.so: cannot open shared object file" \
  train recipe.yaml --engine fast,quantize=none.so --out no
refused "quantize=recipe.yaml: expected a shared object: " \
  train recipe.yaml --engine fast,quantize=recipe.yaml --out no
refused "quantize=unrelated.so: exports no bittrue_engine()" \
  train recipe.yaml --engine fast,quantize=unrelated.so --out no
refused "plain C quantizer refuses: option 'x': expected dead_lane=N, N 0 to 15" \
  train recipe.yaml --engine fast,quantize=quantizer.so:x --out no
for engines in ref ref,fast,ref ref, ,ref quantize=quantizer.so; do
  refused "--engines '$engines': expected two of ref, fast" cosim plain --engines $engines
done
finish
