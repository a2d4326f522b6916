# The Verilog in lockstep on a run's own operands: it agrees, and a broken bit is found and
# replayed.
. "$(dirname "$0")/common.sh"
small_job 2
runs 0 train recipe.yaml --out run

number() {
  echo "$out" | sed -n "s/^  \"$1\": \([0-9]*\),\{0,1\}\$/\1/p"
}
ok cosim run --json
same "$(number commands_covered)" "$(number commands)" "covered commands"
for counter in vector_cycles scalar_cycles machine_cycles; do
  [ "$(number $counter)" -gt 0 ] || wrong "no $counter"
done
ok cosim run --units --json
same "$(echo "$out" | sed -n 's/^  "agreed": \(.*\),/\1/p')" true agreed
for kind in contractions quantizations; do
  [ "$(number $kind)" -gt 0 ] || wrong "no $kind"
  same "$(number ${kind}_covered)" "$(number $kind)" "covered $kind"
done
same "$(number tiles)" "$(number tiles_total)" "covered tiles"
for counter in elements tiles array_cycles quantizer_cycles; do
  [ "$(number $counter)" -gt 0 ] || wrong "no $counter"
done
# the first tiles and the last partial ones only
ok cosim run --tiles 4 --json
[ "$(number tiles)" -lt "$(number tiles_total)" ] || wrong "--tiles ran $(number tiles)"
same "$(number contractions_covered)" "$(number contractions)" "contractions with --tiles"

# the array's registers toggle as the model says
ok activity run --tiles 3 --engine rtl
says "model and Verilated array: equal toggles in 5 contractions"

# Bit 4 of the PE in row 3, column 5: the first wrong element lies there in a tile of 16 x 16.
runs 1 cosim run --fault 4 --replay broken.replay
says "MISMATCH between ref and rtl"
says "rtl: DIFFER"
row=$(echo "$out" | sed -n 's/.*, row \([0-9]*\), column.*/\1/p')
column=$(echo "$out" | sed -n 's/.*, column \([0-9]*\) of the product.*/\1/p')
same $((row % 16)) 3 "row $row modulo 16"
same $((column % 16)) 5 "column $column modulo 16"
first=$(echo "$out" | sed -n 's/^  first  *mantissa \(-\{0,1\}[0-9]*\) .*/\1/p')
second=$(echo "$out" | sed -n 's/^  second  *mantissa \(-\{0,1\}[0-9]*\) .*/\1/p')
difference=$((first - second))
same ${difference#-} 16 "difference of bit 4 ($first and $second)"
says "bittrue replay broken.replay --engines ref,rtl --fault 4"
report=$(echo "$out" | grep '^  differs')

runs 1 replay broken.replay --fault 4
same "$(echo "$out" | grep '^  differs')" "$report" "what the replay reports"
for units in "" --units; do
  ok replay broken.replay $units
  says "agree in 1 steps"
done
finish
