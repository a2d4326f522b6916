# Training on the SystemC platform, from outside: the digests of ref; what is said when the process
# is not there, refuses, or is killed. tlm.sh BITTRUE SMALL_TOOL NAME SOURCE RTL
. "$(dirname "$0")/common.sh"
small_job 1
for engine in ref tlm; do
  runs 0 train recipe.yaml --engine $engine --out $engine
done
same "$(key tlm/run.json digest)" "$(key ref/run.json digest)" digest
same "$(key tlm/run.json engine)" '"tlm"' engine
cmp -s ref/energy.csv tlm/energy.csv || wrong "other counts"

# A step of LeNet-5 and of the MLP in lockstep, with times; rows are counted where there are some.
export BITTRUE_TLM_OPTIONS="--dram rows"
for recipe in mlp lenet5; do
  runs 0 cosim "$4/models/recipes/$recipe-fashion.yaml" --engines ref,tlm --batch 4 --verbose
  says "ref,tlm: agree in 1 steps"
  says "simulated cycles"
  says " missed"
done

# The Verilated machine in the loosely-timed one's place: the same results, in the same cycles.
if [ "$5" = ON ]; then
  for recipe in mlp lenet5; do
    for target in tlm rtl; do
      BITTRUE_TLM_OPTIONS="--target $target" runs 0 cosim "$4/models/recipes/$recipe-fashion.yaml" \
        --engines ref,tlm --batch 4 --verbose
      printf "%s\n" "$out" >"$recipe-$target"
    done
    cmp -s $recipe-tlm $recipe-rtl || wrong "$recipe: other cycles on --target rtl: $(
      diff $recipe-tlm $recipe-rtl | head -4)"
  done
fi

# error WANT: a part of the last run's one line on stderr.
error() {
  grep -q -e "$1" "$root/log/err" || wrong "stderr does not say '$1': $(cat "$root/log/err")"
}
export BITTRUE_TLM_OPTIONS="--quantum x"
runs 2 train recipe.yaml --engine tlm --out other
error "ended with status 2 at its start"
BITTRUE_TLM_OPTIONS="--memory 1" runs 2 cosim "$4/models/recipes/lenet5-fashion.yaml" \
  --engines ref,tlm
error "1048576 bytes"
export BITTRUE_TLM_OPTIONS=
BITTRUE_TLM=/nowhere/at-all runs 2 train recipe.yaml --engine tlm --out other
error "/nowhere/at-all: No such file"

# A platform that kills itself in the middle of a run: one line, no hang.
cat >mortal <<'END'
#!/bin/sh
(sleep 1; kill -9 $$) >/dev/null 2>&1 &
exec "$BITTRUE_TLM_REAL"
END
chmod +x mortal
export BITTRUE_TLM_REAL="$(dirname "$bittrue")/bittrue-tlm"
sed "s/^epochs: .*/epochs: 100000/" recipe.yaml >long.yaml
BITTRUE_TLM="$PWD/mortal" runs 2 train long.yaml --engine tlm --out killed
error "was killed by signal 9 (Killed) during the command"
finish
