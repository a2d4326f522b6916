# rtl/examples/quantizer from outside: the foreign design passes on a run's own quantizations, and
# each planted fault is found and named. quantizer.sh BITTRUE SMALL_TOOL NAME SOURCE
if ! command -v iverilog >/dev/null; then
  echo "SKIPPED: no iverilog in PATH; scripts/setup.sh installs it"
  exit 77
fi
. "$4/tests/e2e/common.sh"
example=$4/rtl/examples/quantizer
small_job 3
runs 0 train recipe.yaml --steps 10 --out run
ok vectors run --commands quantize --out vectors

sh "$example/run.sh" vectors good >&2 || wrong "run.sh"
ok check vectors good
says "19 of 19 equal"

# The draw one bit too high: about half of all elements are one too large.
sh "$example/run.sh" vectors high 1 >&2 || wrong "run.sh with fault 1"
runs 1 check vectors high --errors 1
says "element 1 of out0, tensor input at [0][0][1][0]"
says "hint      all are off by one: "
says "hint      every element is as its draw makes it, added one bit too high"
says "0 of 19 equal"

# The last lane forgotten: blocks whose largest element alone lies there have a smaller exponent,
# and the report names that element: its number in the block is 7 modulo the 8 lanes.
sh "$example/run.sh" vectors forgets 2 >&2 || wrong "run.sh with fault 2"
runs 1 check vectors forgets --errors 99
says "of out0.exp, tensor"
says "hint      every mantissa is right for the exponents that came: only those are wrong"
numbers=$(echo "$out" | sed -n '/as large are 0 more/s/.* number \([0-9]*\) of the block.*/\1/p')
[ -n "$numbers" ] || wrong "no element that decides an exponent is named"
for number in $numbers; do
  same $((number % 8)) 7 "lane of the element that decides, number $number of its block"
done
case $out in
  *"added one bit too high"*) wrong "fault 2 is taken for fault 1" ;;
esac
finish
