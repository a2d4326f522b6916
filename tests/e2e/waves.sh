# Waves of the whole machine around the first wrong element of a replayed command; a build without
# waves refuses. The fourth argument is the C compiler, the fifth whether waves are built in.
. "$(dirname "$0")/common.sh"
source=$(cd "$(dirname "$0")/../.." && pwd)
"$4" -std=c11 -O2 -shared -fPIC -fvisibility=hidden -I "$source/include" -o quantizer.so \
  "$source/rtl/examples/user_c/quantizer.c" || wrong "the example does not build"
small_job 2
engines=fast,quantize=./quantizer.so:dead_lane=2,rtl
runs 1 cosim recipe.yaml --machine systolic-4x4 --engines $engines --replay wrong.replay
if [ "$5" != ON ]; then
  runs 2 replay wrong.replay --engines $engines --waves wrong.vcd
  same "$(grep -c 'wrong.vcd: no waves in this build' "$root/log/err")" 1 "the line about waves"
  finish
  exit
fi

# numbers: first, last, all cycles, and the one in which the element was written.
numbers() {
  echo "$out" | sed -n 's/^  waves  *cycles \([0-9]*\) to \([0-9]*\) of \([0-9]*\) behind the doorbell, the element written in \([0-9]*\): .*/\1 \2 \3 \4/p'
}
runs 1 replay wrong.replay --engines $engines --waves wrong.vcd --window 20
# shellcheck disable=SC2046 # four numbers
set -- $(numbers)
same $# 4 "numbers in '$(echo "$out" | grep waves)'"
same "$(($4 - $1)) $(($2 - $4))" "20 20" "cycles around the writing"
grep -q ' req_addr_o ' wrong.vcd || wrong "no address of memory among the waves"
# Behind the reset two dumps a cycle, 41 cycles without a gap.
times=$(sed -n 's/^#\([0-9]*\)$/\1/p' wrong.vcd | tail -n 82)
same "$(($(echo "$times" | tail -n 1) - $(echo "$times" | head -n 1)))" 81 "length of the waves"
runs 1 replay wrong.replay --engines $engines --waves all.vcd --window 0
all=$(echo "$out" | sed -n 's/^  waves  *all \([0-9]*\) cycles .*/\1/p')
same "$all" "$3" "cycles of the whole command"
[ "$(grep -c '^#' all.vcd)" -gt $((2 * all)) ] || wrong "all.vcd does not show all"
runs 1 cosim --replay wrong.replay --engines $engines --wave again.vcd
says "of $all behind the doorbell"
grep -q ' req_addr_o ' again.vcd || wrong "no address of memory among the waves of cosim --replay"
# Without a difference all of the command is shown.
ok replay wrong.replay --engines ref,rtl --waves sound.vcd
says "all $all cycles behind the doorbell"
finish
