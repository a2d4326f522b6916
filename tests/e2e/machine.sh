# A run trained on the machine in Verilog, with its evaluations and the average: the bits of ref.
. "$(dirname "$0")/common.sh"
small_job 1
runs 0 train recipe.yaml --machine systolic-4x4 --engine ref --out ref
runs 0 train recipe.yaml --machine systolic-4x4 --engine rtl --out rtl
same "$(key rtl/run.json digest)" "$(key ref/run.json digest)" digest
same "$(key rtl/run.json engine)" '"rtl"' engine
cmp -s ref/energy.csv rtl/energy.csv || wrong "other counts"
# A machine that no Verilog was built for is refused, with those that there are.
runs 2 train recipe.yaml --machine systolic-32x32 --engine rtl --out other
case $(cat "$root/log/err") in
  *"16x16 acc 32 saturate lanes 16"*) ;;
  *) wrong "no list of machines" ;;
esac
finish
