# The timeline of a small recipe's step, read by jq: cycles, work, bytes and footprint are those
# that bittrue cost prints; the same file compressed and on standard output; what is refused.
. "$(dirname "$0")/common.sh"
small_job 2

# What cost counts of a step of 32 images, all but the average.
ok cost recipe.yaml --images 32 --test-images 0 --footprint footprint.csv
row() { echo "$out" | awk -v name="$1" '$1 == name { print $2 + $3 + $4 + $5; exit }'; }
cycles=$(row cycles)
for unit in array scalar vector quantizer; do
  echo "$unit $(row ${unit}_cycles)"
done >work.txt
echo "$out" | awk '/^DRAM bytes/ { on = 1; next } /^utilisation/ { on = 0 }
  on { n = $2 + $3 + $4 + $5; if (n > 0) print $1, n }' | sort >bytes.txt
peak=$(awk -F, 'NR > 1 && $(NF - 2) > most { most = $(NF - 2) } END { print most }' footprint.csv)
[ "$cycles" -gt 1000 ] && [ "$(wc -l <bytes.txt)" -ge 7 ] || wrong "cost: $out"

ok trace recipe.yaml --format perfetto --out step.json
says "$cycles cycles"
says "; $(wc -c <step.json) bytes of text"
ok trace recipe.yaml --format perfetto --detail steps --out steps.json

# About the file: a track's slices are those of its thread.
tracks='(.traceEvents | map(select(.ph == "M" and .name == "thread_name")
  | {key: (.tid | tostring), value: .args.name}) | from_entries) as $track
  | .traceEvents | map(select(.ph == "X") | .track = $track[.tid | tostring])'
read_back() {
  same "$(jq -r '.traceEvents[0].args.name' "$1")" "systolic-16x16, 1000 MHz" "the process in $1"
  jq -e '[.traceEvents[] | .ts, .dur | select(. != null) | type] | unique == ["number"]' "$1" \
    >/dev/null || wrong "times in $1 that are no numbers"
  same "$(jq "$tracks"' | map((.ts + .dur) * 1000 | round) | max' "$1")" "$cycles" "the end of $1"
  same "$(jq "$tracks"' | map(select(.track == "chains") | .args.cycles) | add' "$1")" "$cycles" \
    "cycles of the chains in $1"
  # A slice's place is its cycles' at 1 GHz; one starts when the one before it on the track ended.
  same "$(jq "$tracks"' | map(select((.ts * 1000 | round) != .args.cycle
    or (.dur * 1000 | round) != .args.cycles)) | length' "$1")" 0 "slices at other times in $1"
  same "$(jq "$tracks"' | map(select(.args.step == null)) | group_by(.tid)
    | map([.[:-1], .[1:]] | transpose | map(select(.[0].args.cycle + .[0].args.cycles
      > .[1].args.cycle)) | length) | add' "$1")" 0 "slices that overlap in $1"
  jq -r "$tracks"' | map(select(.args.work_cycles != null)) | group_by(.track)
    | map("\(.[0].track) \(map(.args.work_cycles) | add)") | .[]' "$1" | grep -v DMA | sort >got.txt
  sort work.txt | grep -v ' 0$' >expected.txt
  same "$(cat got.txt)" "$(cat expected.txt)" "work of the units in $1"
  jq -r "$tracks"' | [.[].args.tensors // empty | .[]] | group_by(.kind)
    | map("\(.[0].kind) \(map(.bytes) | add)") | .[]' "$1" | sort >got.txt
  same "$(cat got.txt)" "$(cat bytes.txt)" "bytes by kind in $1"
  # Bytes a cycle, times the cycles for which they hold, are all bytes.
  same "$(jq '[.traceEvents | map(select(.ph == "C" and (.name | startswith("DRAM"))))
    | group_by(.name)[] | [.[:-1], .[1:]] | transpose
    | map(.[0].args["bytes per cycle"] * (.[1].ts - .[0].ts) * 1000) | add] | add | round' "$1")" \
    "$(awk '{ n += $2 } END { print n }' bytes.txt)" "bytes of the rates in $1"
  same "$(jq '[.traceEvents[] | select(.name == "footprint") | .args.bytes] | max' "$1")" "$peak" \
    "the footprint's peak in $1"
}
read_back step.json
read_back steps.json
same "$(jq "$tracks"' | map(select(.args.step != null and .track == "array") | .args.cycles)
  | add' steps.json)" "$(sed -n 's/^array //p' work.txt)" "cycles of the array's steps"

# The same on standard output and compressed; some chains are parts of the whole.
ok trace recipe.yaml --format perfetto --out -
echo "$out" | cmp -s - step.json || wrong "another timeline on standard output"
ok trace recipe.yaml --format perfetto --out step.json.zst
zstd -dc step.json.zst 2>&1 | cmp -s - step.json || wrong "another timeline in step.json.zst"
ok trace recipe.yaml --format perfetto --commands 0-5 --out part.json
jq -c '.traceEvents[] | select(.ph == "X")' part.json | sort >part.txt
jq -c '.traceEvents[] | select(.ph == "X")' step.json | sort >whole.txt
[ -s part.txt ] && [ "$(wc -l <part.txt)" -lt "$(wc -l <whole.txt)" ] || wrong "--commands 0-5"
same "$(comm -23 part.txt whole.txt)" "" "slices of commands 0-5 that the whole has not"

# Of a run with its own exponents, as of the recipe trained up to there.
runs 0 train recipe.yaml --out run
ok trace run --at last --format perfetto --out run.json
ok trace recipe.yaml --at 2:6 --format perfetto --out recipe.json
cmp -s run.json recipe.json || wrong "the last step, trained up to and captured"

for option in "--map x" "--burst 32" --whole; do
  # shellcheck disable=SC2086 # an option and its value
  refused "${option%% *}: has no meaning for format perfetto" \
    trace recipe.yaml --format perfetto --out x $option
done
refused "--detail: has no meaning for format stl" \
  trace recipe.yaml --format stl --out x --detail steps
refused "--detail step: expected chains or steps" \
  trace recipe.yaml --format perfetto --out x --detail step
refused "scalesim, perfetto" trace recipe.yaml --format chrome --out x
refused "nowhere/x: cannot be written" trace recipe.yaml --format perfetto --out nowhere/x
(
  ulimit -f 2 || exit 1 # two blocks of 512 bytes
  "$bittrue" trace recipe.yaml --format perfetto --out full.json >"$root/log/out" 2>"$root/log/err"
  echo $? >"$root/log/status"
)
same "$(cat "$root/log/status")" 2 "status on a full disk"
grep -q "full.json: cannot be written: File too large" "$root/log/err" ||
  wrong "$(cat "$root/log/err")"
[ ! -e full.json ] || wrong "full.json was left behind"
"$bittrue" trace recipe.yaml --format perfetto --out - >/dev/full 2>"$root/log/err"
same $? 2 "status with standard output full"
finish
