# bittrue cost from outside: no data where the set is known, the footprint, machines side by side,
# sweeps, a run's exponents; its refusals.
. "$(dirname "$0")/common.sh"
case $0 in
  /*) source=$(dirname "$0")/../.. ;;
  *) wrong "call it by its whole path" ;;
esac
lenet=$source/models/recipes/lenet5-fashion.yaml

# No folder has data.
mkdir empty
HOME=$PWD/empty
BITTRUE_DATA=$PWD/empty
export HOME BITTRUE_DATA
unset XDG_CACHE_HOME

# count NAME: the last column, the total, of a row of $out.
count() {
  echo "$out" | awk -v name="$1" '$1 == name { print $NF }'
}

# LeNet-5 has 1362360 products a training image (bittrue net: 235200 + 950400 + 144000 + 30240 +
# 2520) and 416520 an evaluated one: 60000 * 1362360 + 10000 * 416520.
ok cost "$lenet"
same "$(count macs)" 85906800000 "MACs of an epoch of a known set"
says "(60000 images)"
says "(10000 images)"
plain=$out
ok cost "$lenet" --images 130 --test-images 1
same "$(count macs)" $((130 * 1362360 + 416520)) "MACs of 130 and 1 images"
ok cost "$source/models/recipes/vgg16-cifar10.yaml"
says "(50000 images)"

# Of a net with batch norm every training image goes through the statistics' pass, too: all but the
# fc, of 64 * 10 products, behind the last batch norm.
ok cost "$source/models/recipes/preresnet20-cifar10.yaml"
same "$(echo "$out" | awk '/^ +forward/ { for (i = 1; i <= NF; i++) at[$i] = i + 1 }
  $1 == "macs" { print $at["statistics"] / 50000 == $at["evaluation"] / 10000 - 640 }')" 1 \
  "MACs of the pass for statistics"
same "$(echo "$out" | awk '$1 == "commands" { print NF }')" 9 "phases, and their total"

# A directory of the recipe's own has as many images as its files.
small_job 1
ok cost recipe.yaml
says "(210 images)"
says "(100 images)"
changed "directory: \." "directory: gone" gone.yaml
refused "give --images and --test-images" cost gone.yaml
refused "gone" cost gone.yaml --images 5
ok cost gone.yaml --images 210 --test-images 100
gone=$out
ok cost recipe.yaml
same "$gone" "$out" "counts given and counts read"

# The footprint: the table's peak is the one that is printed.
ok cost "$lenet" --footprint steps.csv
same "$(head -1 steps.csv)" "command,phase,label,other,input,weight,activation,error,gradient,\
momentum,average,mask,index,wide,exponent,total,fp32,model" "head of steps.csv"
peak=$(sed 1d steps.csv | awk -F, '$16 > most { most = $16; at = $3 } END { print most, at }')
says "footprint of a training step: ${peak%% *} bytes at its peak, $(echo "${peak#* }" | tr -d '"') ("
ok cost "$lenet" --json
echo "$out" | grep -q "\"peak_bytes\": ${peak%% *}," || wrong "JSON has no peak of ${peak%% *}"
refused "no training step" cost "$lenet" --images 0 --footprint none.csv
refused "no/where" cost "$lenet" --footprint no/where.csv

# Machines side by side. A machine is as costly as itself.
echo 'name: twin' >twin.yaml
printf 'name: small\narray: {rows: 8, cols: 8}\n' >small.yaml
ok cost "$lenet" --compare twin.yaml small.yaml systolic-16x16
says "energy table horowitz-45nm"
same "$(echo "$out" | awk '$1 == "cycles" { print ($2 == $5) ($4 > 1) ($6 == 1) }')" 111 \
  "cycles of a machine, a smaller one and its like"
same "$(echo "$out" | awk '$1 == "cycles" { print $2 }')" "$(echo "$plain" |
  awk '$1 == "cycles" { print $NF }')" "cycles of --compare and of the machine alone"
ok cost "$lenet" --compare twin.yaml small.yaml --json
echo "$out" | grep -q '"machine": "small"' || wrong "JSON does not name machine small"
refused "two machines or more" cost "$lenet" --compare twin.yaml
refused "two machines or more" cost --compare twin.yaml "$lenet"
refused "none.yaml" cost "$lenet" --compare twin.yaml none.yaml
refused "expected no --machine" cost "$lenet" --compare twin.yaml small.yaml --machine twin.yaml

# Sweeps: a row a value, each with machine and table; the value that the machine has gives its
# own numbers.
ok cost "$lenet" --sweep array=8,16,32
same "$(echo "$out" | sed 1d | cut -d, -f2-5 | tr '\n' ' ')" \
  "\"systolic-16x16\",\"horowitz-45nm\",array,8 \"systolic-16x16\",\"horowitz-45nm\",array,16 \
\"systolic-16x16\",\"horowitz-45nm\",array,32 " "rows of a sweep"
same "$(echo "$out" | sed -n 3p | cut -d, -f6)" 85906800000 "MACs of a sweep's row"
same "$(echo "$out" | sed -n 3p | cut -d, -f7)" "$(echo "$plain" |
  awk '$1 == "cycles" { print $NF }')" "cycles of array=16"
small=$("$bittrue" cost "$lenet" --machine small.yaml | awk '$1 == "cycles" { print $NF }')
same "$(echo "$out" | sed -n 2p | cut -d, -f7)" "$small" "cycles of array=8 and of an 8x8 machine"
for p in acc_bits=16,32 wl=4,8 block=tensor,dim0,sample batch=64,128 lanes=8 sram_bytes=1024 \
  sram_input_bytes=4096 sram_weight_bytes=4096 sram_output_bytes=4096 dram_bytes_per_cycle=1 \
  clock_hz=500000000 rows=4 cols=4 chunk=64 psum_bits=24 \
  dataflow=os,ws,is exponent=spill,recompute sram_word_bytes=4,16 dram_row_bytes=1024; do
  ok cost "$lenet" --sweep $p
done
# Blocks change the footprint by their exponents: 241 of weights and of momentum, not 10 each.
ok cost "$lenet" --sweep block=tensor,dim0
same "$(echo "$out" | sed 1d | cut -d, -f15 | tr '\n' ' ' | awk '{ print ($2 > $1) }')" 1 \
  "footprint of small blocks above that of big blocks"
refused "unknown, expected one of: array, rows" cost "$lenet" --sweep threads=2
refused "a whole number in 1..1024, got '0'" cost "$lenet" --sweep array=8,0
refused "a whole number in 8..32, got '16x'" cost "$lenet" --sweep acc_bits=16x
refused "a whole number in 2..8, got '9'" cost "$lenet" --sweep wl=9
refused "a power of two in 1..64, got '3'" cost "$lenet" --sweep lanes=3
refused "got ''" cost "$lenet" --sweep array=8,
refused "expected PARAMETER=V1,V2" cost "$lenet" --sweep array
refused "layer pool1: a pool takes" cost "$lenet" --sweep block=tensor,k32
refused "expected os, ws or is, got 'rs'" cost "$lenet" --sweep dataflow=os,rs
refused "expected tensor, dim0" cost "$lenet" --sweep block=row
refused "expected no --json" cost "$lenet" --sweep array=8 --json
sed 's/weights: {format: bfp8, block: dim0}/weights: {format: fixed8.6}/' recipe.yaml >fixed.yaml
refused "fixed-point formats" cost fixed.yaml --sweep wl=6

# The model is named in every output; --words fp32 has no exponents, no quantizer and no spills.
echo "$plain" | grep -q "model: machine" || wrong "the text does not name the model"
ok cost "$lenet" --words fp32
says "lenet5-fashion in fp32"
same "$(count macs)" 85906800000 "MACs in fp32"
same "$(count multiply_8x8)$(count quantizer_cycles)$(count spill_read)$(count exponent)" "" \
  "products of 8 bits, quantizer, spills and exponents in fp32"
fp32=$(count cycles)
echo "$plain" | grep -q "the same in fp32: $fp32 cycles" || wrong "the counterpart is not fp32's"
echo "$plain" | grep -q "^spread " || wrong "no spread over tables"

# Kinds of traffic add up to DRAM's and the spills' bytes.
same "$(echo "$plain" | awk '/^DRAM bytes/ { on = 1; next } /^utilisation/ { on = 0 }
  on { r += $(NF - 1); w += $NF } $1 ~ /^(dram|spill)_read$/ { r -= $NF }
  $1 ~ /^(dram|spill)_write$/ { w -= $NF } END { print r, w }')" "0 0" "traffic by kind"

# A row a command of a step; the chains' cycles are the training phases' of one step.
ok cost "$lenet" --images 128 --test-images 0 --commands commands.csv --ledger ledger.csv \
  --action-counts counts.yaml --csv phases.csv
steps=$(echo "$out" | awk '$1 == "cycles" { print $NF - $(NF - 1) }')
same "$(sed 1d commands.csv | awk -F, '{ c += $11; m += $7 } END { print c, m }')" \
  "$steps $((128 * 1362360))" "cycles and MACs of all commands"
same "$(sed 1d commands.csv | wc -l)" "$(echo "$out" | awk '$1 == "commands" { print $NF - $(NF - 1) }')" \
  "rows of commands.csv"
# The rows of the ledger are the whole: 10^12 attojoules a microjoule.
low=$(sed 1d ledger.csv | awk -F, '{ low += $7 } END { printf "%.0f", low / 1e12 }')
same "$(echo "$out" | awk '/^energy low/ { printf "%.0f", $NF }')" "$low" "energy of the ledger"
grep -q "action_counts:" counts.yaml || wrong "no action counts in counts.yaml"
for file in phases.csv commands.csv ledger.csv; do
  sed 1d $file | grep -vq ",machine$" && wrong "a row of $file does not name the model"
done
grep -q "model: machine" counts.yaml || wrong "counts.yaml does not name the model"
refused "no training step" cost "$lenet" --images 0 --commands none.csv

# Tables: the first prices, the others stand beside it; DRAM from another one; activity.
ok cost "$lenet" --energy aladdin-40nm --energy horowitz-45nm --dram dram-ddr4
says "energy table: aladdin-40nm"
says "dram table: dram-ddr4"
same "$(echo "$out" | grep -c "^jouppi-7nm")" 0 "tables that were not asked for"
printf 'name: t\nsource: s\nmachine: m\ntiles: 1\nseed: 1\nfactors_ppm:\n  total: {all: 500000}\n' >half.yaml
ok cost "$lenet" --activity half.yaml
says "activity: array at 0.500000 of the table's"
same "$(echo "$out" | awk '$1 == "array" { print $2 * 2 }')" \
  "$(echo "$plain" | awk '$1 == "array" { print $2 * 1 }')" "energy of the array at half activity"
sed 's/500000/0/' half.yaml >zero.yaml
refused "zero.yaml: total: expected a factor" cost "$lenet" --activity zero.yaml
ok cost "$lenet" --activity array=0.5,registers=2
says "activity: array at 0.500000 of the table's"
says "activity: registers at 2.000000 of the table's"
refused "expected recipe or fp32, got 'fp16'" cost "$lenet" --words fp16

# A run's weights: the output channels of fc1 differ in their exponents, so its data gradient takes
# several groups of k and more cycles; the rest is as without.
runs 0 train recipe.yaml --out run --steps 3
ok cost recipe.yaml
equal=$(count array_cycles) macs=$(count macs)
ok cost recipe.yaml --run run
[ "$(count array_cycles)" -gt "$equal" ] ||
  wrong "array cycles with a run's exponents: $(count array_cycles), expected above $equal"
same "$(count macs)" "$macs" "MACs with a run's exponents"
refused "another net" cost "$lenet" --run run
sed 's/weights: {format: bfp8/weights: {format: bfp7/' recipe.yaml >seven.yaml
refused "in another format" cost seven.yaml --run run
refused "none/checkpoint.bt" cost recipe.yaml --run none
refused "expected no --run" cost recipe.yaml --run run --sweep wl=8,4
ok cost recipe.yaml --run run --sweep batch=8,32
finish
