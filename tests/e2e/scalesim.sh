# bittrue cost --model scalesim: the shipped example, its reports, and what is refused.
. "$(dirname "$0")/common.sh"

cat >scale.cfg <<'END'
[general]
run_name = scale_example_run_32x32_ws

[architecture_presets]
ArrayHeight:    32
ArrayWidth:     32
IfmapSramSzkB:   64
FilterSramSzkB:  64
OfmapSramSzkB:   64
IfmapOffset:    0
FilterOffset:   10000000
OfmapOffset:    20000000
Bandwidth : 10
Dataflow : ws
MemoryBanks:   1

[run_presets]
InterfaceBandwidth: CALC
END
head='Layer name, IFMAP Height, IFMAP Width, Filter Height, Filter Width, Channels, '
head="${head}Num Filter, Strides,"
printf '%s\nConv1,  224, 224,    11, 11,    3,      96,     4,\n' "$head" >alexnet.csv

ok cost alexnet.csv --model scalesim --machine scale.cfg --out reports
says "model: scalesim"
says "scale_example_run_32x32_ws (32x32, ws, SRAM 64/64/64 kB, scale.cfg)"
row=$(echo "$out" | sed -n 's/^Conv1  *//p' | tr -s ' ')
same "$row" "3025 96 363 36 112283 0 116210 91.683 94.531 90.780 1805023 34848 3484831" \
  "Conv1's row"
says "layers 1, macs 105415200, cycles 112283, with prefetch 116210"

# line NUMBER FILE
line() {
  sed -n "$1p" "reports/$2"
}
same "$(line 1 COMPUTE_REPORT.csv)" "LayerID, Total Cycles (incl. prefetch), Total Cycles, Stall \
Cycles, Overall Util %, Mapping Efficiency %, Compute Util %," "head of COMPUTE_REPORT"
same "$(line 2 COMPUTE_REPORT.csv)" \
  "0, 116210, 112283, 0, 91.68309650614964, 94.53125, 90.78000992063492," "COMPUTE_REPORT"
same "$(line 1 BANDWIDTH_REPORT.csv)" "LayerID, Avg IFMAP SRAM BW, Avg FILTER SRAM BW, Avg OFMAP \
SRAM BW, Avg IFMAP DRAM BW, Avg FILTER DRAM BW, Avg OFMAP DRAM BW," "head of BANDWIDTH_REPORT"
same "$(line 2 BANDWIDTH_REPORT.csv)" "0, 29.338590881967885, 0.31035864734643714, \
31.035864734643713, 15.686576632947475, 0.3280954308794592, 31.160747178854372," "BANDWIDTH_REPORT"
same "$(line 1 DETAILED_ACCESS_REPORT.csv)" "LayerID, SRAM IFMAP Start Cycle, SRAM IFMAP Stop \
Cycle, SRAM IFMAP Reads, SRAM Filter Start Cycle, SRAM Filter Stop Cycle, SRAM Filter Reads, SRAM \
OFMAP Start Cycle, SRAM OFMAP Stop Cycle, SRAM OFMAP Writes, DRAM IFMAP Start Cycle, DRAM IFMAP \
Stop Cycle, DRAM IFMAP Reads, DRAM Filter Start Cycle, DRAM Filter Stop Cycle, DRAM Filter Reads, \
DRAM OFMAP Start Cycle, DRAM OFMAP Stop Cycle, DRAM OFMAP Writes," "head of DETAILED_ACCESS_REPORT"
same "$(line 2 DETAILED_ACCESS_REPORT.csv)" "0, 33, 112176, 3294225, 1, 109197, 34848, 63, 112283, \
3484800, -3243, 111824, 1805023, -3275, 102937, 34848, 1102, 112935, 3484831," \
  "DETAILED_ACCESS_REPORT"
same "$(line 1 MODEL.txt)" "model: scalesim" "MODEL.txt"

# matrix products: one fold of 16 + 8 + 8 - 2 cycles, twice; as the header says and as --gemm does
sed 's/32$/8/; s/:  *32$/: 8/' scale.cfg >small.cfg
printf 'Layer,M,N,K,\nL0,8,8,8,\nL1,8,8,8,\n' >gemm.csv
printf 'a,b,c,d,\nL0,8,8,8,\nL1,8,8,8,\n' >plain.csv
ok cost gemm.csv --model=scalesim --machine small.cfg
says "layers 2, macs 1024, cycles 58, with prefetch 204"
ok cost plain.csv --model scalesim --machine small.cfg --gemm
says "layers 2, macs 1024, cycles 58, with prefetch 204"

# a recipe's training step: its products, which are a topology of their own
small_job 1
ok cost recipe.yaml --model scalesim --machine small.cfg --batch 3 --out step
says "topology: recipe.yaml, a training step of 3 images as products of matrices"
sums=$(echo "$out" | tail -1)
ok cost step/TOPOLOGY.csv --model scalesim --machine small.cfg --out again
says "$sums"
cmp -s again/COMPUTE_REPORT.csv step/COMPUTE_REPORT.csv || wrong "the step, read back, differs"
# of the last fully connected layer: 3 rows forward; one product of 3 in its weight gradient
grep -q "^fc[0-9]* forward, 3, " step/TOPOLOGY.csv ||
  wrong "no fc forward: $(cat step/TOPOLOGY.csv)"

# a row without its comma is read, with a warning
printf 'Layer,M,N,K,\nL0,8,8,8' >short.csv
runs 0 cost short.csv --model scalesim --machine small.cfg
says "layers 1, macs 512, cycles 29, with prefetch 102"
same "$(cat "$root/log/err")" \
  "short.csv:2: no comma at the end of the row, read as if there were one" "the warning"

printf '%s\nC, 8,8, 9,3, 2, 5, 1,\n' "$head" >large.csv
refused "large.csv:2: filter of 9x3" cost large.csv --model scalesim --machine scale.cfg --out none
refused "gemm.csv: a topology of SCALE-Sim: expected --model scalesim" cost gemm.csv
refused "expected --machine FILE.cfg" cost gemm.csv --model scalesim
refused "no.cfg" cost gemm.csv --model scalesim --machine no.cfg
refused "no.csv" cost no.csv --model scalesim --machine scale.cfg
refused "none.yaml" cost none.yaml --model scalesim --machine scale.cfg
refused "--batch: expected a recipe, got gemm.csv" \
  cost gemm.csv --model scalesim --machine scale.cfg --batch 2
refused "--model: expected machine or scalesim, got 'roofline'" cost gemm.csv --model roofline
refused "scale.cfg/none" cost gemm.csv --model scalesim --machine scale.cfg --out scale.cfg/none
sed 's/CALC/USER/' scale.cfg >user.cfg
refused "user.cfg:18: InterfaceBandwidth 'USER': expected CALC" \
  cost gemm.csv --model scalesim --machine user.cfg
finish
