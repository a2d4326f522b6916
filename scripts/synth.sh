#!/bin/sh
# Synthesis of the units of rtl/hdl by yosys: generic cells, flip-flops, bits of memories, and an
# estimate of area in gates (one NAND2 each), in all and for each lane or processing element.
#   scripts/synth.sh [--csv] [UNIT...]    the units of the list below, or those named
#
# The cells are yosys's generic ones, not a library's: compare units with each other. Their weights
# are ratios usual in standard-cell libraries: NAND, NOR 1; NOT 0.67; AND, OR, ANDNOT, ORNOT 1.33;
# XOR, XNOR 2; MUX 2.33; AOI3, OAI3 1.33; AOI4, OAI4 1.67; a flip-flop 5.67, with reset 1 more, with
# enable 2.33 more. Memories stay memories: their bits are counted apart, and weigh nothing.
set -eu
cd "$(dirname "$0")/.."

# Unit, lanes (or processing elements) that it has at these parameters, parameters.
units='
rounder 1
over_add 1
lfsr 1
draw_walker 1
draw_loader 1
mac_accumulator 1
mac_pe 1
mac_pe:shift_stochastic 1 AccBits=16 AccShift=6 AccRounding=0
mac_pe:chunks 1 AccBits=16 AccShift=4 AccRounding=1 Chunk=16 PsumBits=20
mac_pe_ws 1
mac_array 16 Rows=4 Cols=4
mac_array_ws 16 Rows=4 Cols=4
aligner 4 Rows=4 Cols=4
mac_tile 16 Rows=4 Cols=4
mac_tile_ws 16 Rows=4 Cols=4 Depth=512
bfp_quantizer 4 Lanes=4
affine_unit 4 Lanes=4
affine_plan 1
scalar_unit 1
norm_channel 1
reduce_sequencer 4 Lanes=4
average_sequencer 4 Lanes=4
pool_sequencer 4 Lanes=4
dropout_sequencer 4 Lanes=4
norm_sequencer 4 Lanes=4
softmax_sequencer 4 Lanes=4
contract_sequencer 16 Lanes=4 Rows=4 Cols=4
stream_reader 4 Lanes=4
stream_writer 4 Lanes=4
exponent_store 4 Lanes=4 Ports=4
exponent_writer 4 Lanes=4
lane_walker 4 Lanes=4
mem_arbiter 1 Clients=2 WordBytes=16
'

csv=0
[ "${1-}" != --csv ] || { csv=1; shift; }
for name; do
  case $units in
    *"
$name "*) ;;
    *) echo "scripts/synth.sh: '$name': not a unit of its list" >&2; exit 2 ;;
  esac
done
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
# The counts of one unit: cells, flip-flops, bits of memories, gates.
counts() {
  awk '
    BEGIN {
      split("NAND 1 NOR 1 NOT 0.67 AND 1.33 OR 1.33 ANDNOT 1.33 ORNOT 1.33 XOR 2 XNOR 2 MUX 2.33" \
            " NMUX 2.33 AOI3 1.33 OAI3 1.33 AOI4 1.67 OAI4 1.67 BUF 0", pair, " ")
      for (i = 1; i in pair; i += 2) weight[pair[i]] = pair[i + 1]
    }
    /Number of memory bits:/ && !final { bits = $NF }
    /^FINAL/ { final = 1 }
    final && $1 ~ /^\$_/ {
      type = $1
      gsub(/^\$_|_$/, "", type)
      cells += $2
      if (type ~ /^S?DFF/) {
        flops += $2
        reset = type ~ /_[PN][PN]*[01]/
        area += $2 * (5.67 + (reset ? 1 : 0) + (type ~ /DFFC?E_/ ? 2.33 : 0))
      } else if (type in weight) {
        area += $2 * weight[type]
      } else {
        print "scripts/synth.sh: cell " $1 ": no weight for it" >"/dev/stderr"
        bad = 1
      }
    }
    END { if (!cells || bad) exit 1; printf "%d %d %d %.0f\n", cells, flops, bits, area }' "$1"
}

if [ $csv = 1 ]; then
  echo 'unit,lanes,cells,flip_flops,memory_bits,gates,gates_per_lane,parameters'
else
  echo '| unit | lanes | cells | flip-flops | memory bits | gates | gates a lane | parameters |'
  echo '|---|---|---|---|---|---|---|---|'
fi
echo "$units" | while read -r unit lanes parameters; do
  [ -n "$unit" ] || continue
  [ $# = 0 ] || case " $* " in *" $unit "*) ;; *) continue ;; esac
  top=${unit%%:*} set=
  for p in $parameters; do set="$set -chparam ${p%%=*} ${p#*=}"; done
  yosys -q -p "read_verilog -sv rtl/hdl/bittrue_pkg.sv rtl/hdl/$top.sv
    hierarchy -check -libdir rtl/hdl -top $top$set
    proc; flatten; opt_clean
    tee -o $folder/before stat
    synth -run coarse:fine -top $top; opt -fast -full; techmap; opt -fast; abc -fast; opt -fast
    tee -o $folder/after stat" >"$folder/log" 2>&1 ||
    { cat "$folder/log" >&2; exit 1; }
  { cat "$folder/before"; echo FINAL; cat "$folder/after"; } >"$folder/both"
  result=$(counts "$folder/both") || exit 1
  echo "$unit $lanes $result $parameters" | awk -v csv=$csv '{
    parameters = $7
    for (i = 8; i <= NF; i++) parameters = parameters " " $i
    if (csv) printf "%s,%s,%s,%s,%s,%s,%.0f,%s\n", $1, $2, $3, $4, $5, $6, $6 / $2, parameters
    else
      printf "| %s | %s | %s | %s | %s | %s | %.0f | %s |\n", $1, $2, $3, $4, $5, $6, $6 / $2,
        parameters
  }'
done
