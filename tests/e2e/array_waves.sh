# The array's registers of a small recipe and a run: SAIF against bittrue activity, its grammar and
# times by awk; the waves of tiles against an Icarus Verilog simulation of mac_tile on the same
# operands, signal by signal. After the usual three: wave_tool; where RTL is built iverilog, vvp and
# the folders of the Verilog and of the bench.
. "$(dirname "$0")/common.sh"
wave_tool=$4
small_job 2
runs 0 train recipe.yaml --out run
runs 0 cost recipe.yaml --footprint commands.csv

# SAIF: every group closed, times that add up, toggles by class: "a b acc skew_a skew_b".
saif_sums() {
  tr '()' '<>' <"$1" | awk '
    function wrong(why) { print "line " NR " \"" $0 "\": " why; bad = 1; exit 1 }
    { depth += gsub(/</, "<") - gsub(/>/, ">"); if (depth < 0) wrong("too many are closed") }
    /<DURATION/ { sub(/>/, "", $2); duration = $2 }
    /<INSTANCE/ { side = $2 ~ /^gen_a/ ? "skew_a" : $2 ~ /^gen_b/ ? "skew_b" : side }
    /<T0/ {
      if ($0 !~ /^ *<[a-z_]+(\\\[[0-9]+\\\])* <T0 [0-9]+> <T1 [0-9]+> <TX 0> <TC [0-9]+> <IG 0>>$/)
        wrong("grammar")
      gsub(/[<>]/, "")
      if ($3 + $5 != duration) wrong("its times are not the duration")
      name = $1; sub(/\\.*/, "", name)
      sum[name == "stage_q" ? side : name] += $9
    }
    END {
      if (bad) exit
      if (depth != 0) { print "not closed"; exit }
      print sum["a_q"], sum["b_q"], sum["acc_q"], sum["skew_a"] + 0, sum["skew_b"] + 0
    }'
}

# What bittrue activity counted, of all contractions, without weights.
activity_sums() {
  echo "$out" | awk '/^  "total"/ { exit }
    /^ *"(a|b|acc|skew_a|skew_b)": \{/ { gsub(/[":]/, "", $1); name = $1 }
    /^ *"toggles": / && name != "" { sub(/,/, "", $2); sum[name] += $2; name = "" }
    END { print sum["a"], sum["b"], sum["acc"], sum["skew_a"], sum["skew_b"] }'
}

for tiles in 8 0 3; do
  ok trace recipe.yaml --format saif --tiles $tiles --out step.saif
  says "5 contractions, 0 left out"
  ok activity recipe.yaml --tiles $tiles --json
  same "$(saif_sums step.saif)" "$(activity_sums)" "toggles of saif with --tiles $tiles"
done
ok trace recipe.yaml --format saif --out eight.saif
ok trace run --at first --format saif --tiles 8 --out first.saif
cmp -s eight.saif first.saif || wrong "the first step of the run is not that of the recipe"
ok trace run --format saif --out late.saif
cmp -s eight.saif late.saif && wrong "the last step is the first"
ok trace recipe.yaml --format saif --out -
echo "$out" | cmp -s - eight.saif || wrong "another SAIF on standard output"
ok trace recipe.yaml --format saif --out small.zst
zstd -dc small.zst 2>&1 | cmp -s - eight.saif || wrong "another SAIF in small.zst"
ok trace recipe.yaml --format saif --engine ref --threads 1 --out ref.saif
cmp -s eight.saif ref.saif || wrong "engine ref gives another SAIF"

# number LABEL: of a command of the step.
number() {
  awk -F, -v label="\"$1\"" '$3 == label { print $1; exit }' commands.csv
}
forward=$(number "conv1 forward")
gradient=$(number "conv1 weight gradient")
[ -n "$forward" ] && [ -n "$gradient" ] || wrong "no conv1 in $(cat commands.csv)"
ok trace recipe.yaml --format saif --commands "0-$forward" --out part.saif
says "1 contractions, 0 left out"
ok trace recipe.yaml --format vcd --commands "$forward" --out - # the bytes of a file
echo "$out" >console.vcd
ok trace recipe.yaml --format vcd --commands "$forward" --tile 0 --out tile.vcd.zst
says "bytes of text"
zstd -dc tile.vcd.zst 2>&1 | cmp -s - console.vcd || wrong "another VCD in tile.vcd.zst"

# waves MACHINE COMMAND TILE: ours, and Icarus Verilog's on our ports.
waves() {
  ok trace run --at last --format vcd --commands "$2" --tile "$3" --out ours.vcd
  "$wave_tool" stimulus ours.vcd >stimulus.txt || wrong "wave_tool stimulus"
  [ "$(wc -l <stimulus.txt)" -gt 5 ] || wrong "$(wc -l <stimulus.txt) cycles"
  [ -n "$iverilog" ] || return
  "$vvp" -n "$1.vvp" +stimulus=stimulus.txt "+half=$("$wave_tool" half ours.vcd)" \
    +waves=theirs.vcd >vvp.txt 2>&1 || wrong "vvp: $(cat vvp.txt)"
  compared=$("$wave_tool" compare ours.vcd theirs.vcd) || wrong "$1, command $2, tile $3: $compared"
}
iverilog=${5:-}
vvp=${6:-}
hdl=${7:-}
bench=${8:-}
for machine in "systolic-4x4 4 32 1" "systolic-4x4-acc16 4 16 1" "slow 3 18 0"; do
  # shellcheck disable=SC2086 # its words
  set -- $machine
  source=$1
  if [ "$1" = slow ]; then # half a period of 250 MHz is 2 ns
    source=slow.yaml
    printf 'name: slow\narray: {rows: 3, cols: 3}\naccumulator: {acc_bits: 18, overflow: wrap}\n%s\n' \
      "clock_hz: 250000000" >slow.yaml
  fi
  if [ -n "$iverilog" ]; then
    # shellcheck disable=SC2046 # a list of files, the package first
    "$iverilog" -g2012 -s tile_waves_tb -P tile_waves_tb.Rows="$2" -P tile_waves_tb.Cols="$2" \
      -P tile_waves_tb.AccBits="$3" -P tile_waves_tb.Saturate="$4" -o "$1.vvp" \
      "$hdl/bittrue_pkg.sv" $(ls "$hdl"/*.sv | grep -v bittrue_pkg) "$bench" ||
      wrong "iverilog of $1"
  fi
  rm -rf run
  runs 0 train recipe.yaml --machine "$source" --out run
  waves "$1" "$forward" 5
  waves "$1" "$gradient" 0
done
grep -q '^\$timescale 1 ns \$end$' ours.vcd || wrong "time scale of 250 MHz"
same "$("$wave_tool" half ours.vcd)" 2000 "half a period of 250 MHz in ps"

refused "--tile 1000000: expected one of 0-" trace recipe.yaml --format vcd --commands "$forward" \
  --tile 1000000 --out x
refused "--commands 0: input normalise is no contraction" trace recipe.yaml --format vcd \
  --commands 0 --out x
refused "--commands: vcd shows one contraction" trace recipe.yaml --format vcd --out x
refused "--commands: vcd shows one contraction" trace recipe.yaml --format vcd \
  --commands "$forward,$gradient" --out x
refused "--commands: none of them is a contraction" trace recipe.yaml --format saif \
  --commands 0 --out x
refused "expected numbers and ranges" trace recipe.yaml --format saif --commands 5-x --out x
for option in "--map map" "--burst 64" --whole "--detail steps"; do
  for format in saif vcd; do
    # shellcheck disable=SC2086 # an option and its value
    refused "${option%% *}: has no meaning for format $format" trace recipe.yaml --format $format \
      $option --out x
  done
done
refused "--tile: has no meaning for format saif" trace recipe.yaml --format saif --tile 0 --out x
refused "--tiles: has no meaning for format vcd" trace recipe.yaml --format vcd --tiles 0 --out x
refused "--tiles: has no meaning for format stl" trace recipe.yaml --format stl --tiles 0 --out x
refused "--tile: has no meaning for format perfetto" trace recipe.yaml --format perfetto --tile 0 \
  --out x
echo "name: chunked
accumulator: {chunk: 8}" >chunked.yaml
refused "machine chunked: none of the 5 contractions is covered: expected dataflow os" \
  trace recipe.yaml --machine chunked.yaml --format saif --out x
refused "conv1 forward: not covered: expected dataflow os" \
  trace recipe.yaml --machine chunked.yaml --format vcd --commands "$forward" --out x
refused "nowhere/x: cannot be written" trace recipe.yaml --format saif --out nowhere/x
"$bittrue" trace recipe.yaml --format saif --out - >/dev/full 2>"$root/log/err"
same $? 2 "status with standard output full"
same "$(wc -l <"$root/log/err" | tr -d ' ')" 1 "lines on stderr: $(cat "$root/log/err")"
finish
