# Memory traces of a small recipe and a run, read back by awk: grammar, cycles that never fall,
# addresses in the map, bytes by kind as bittrue cost counts them, DRAM rows that are open.
. "$(dirname "$0")/common.sh"
small_job 2
runs 0 train recipe.yaml --out run

# number TEXT: a hexadecimal number with 0x, or a decimal one.
functions='
function number(text, n, i) {
  if (text !~ /^0x/) return text + 0
  n = 0
  for (i = 3; i <= length(text); i++) n = n * 16 + index("0123456789abcdef", substr(text, i, 1)) - 1
  return n
}
function read_map(file, line, f) {
  sections = 0
  getline line <file
  while ((getline line <file) > 0) {
    split(line, f, ",")
    first[sections] = number(f[1]); end[sections] = first[sections] + f[2]
    role[sections] = f[10]
    kind[sections++] = f[3]
  }
}
function section(address, low, high, middle) {
  low = 0; high = sections
  while (low < high) {
    middle = int((low + high) / 2)
    if (end[middle] <= address) low = middle + 1; else high = middle
  }
  if (low == sections || address < first[low]) wrong("an address in no section")
  return low
}
function wrong(why) { print "line " NR " \"" $0 "\": " why; bad = 1; exit 1 }
# A part of a burst of 64 bytes, from its address to the end of the burst or section.
function add(address, cycle, s, bytes) {
  if (cycle < last) wrong("its cycle falls")
  last = cycle
  s = section(address)
  bytes = 64 - address % 64
  if (bytes > end[s] - address) bytes = end[s] - address
  sum[kind[s]] += bytes
  return bytes
}
BEGIN { read_map(map) }
'
report='END { if (!bad) for (k in sum) print k, sum[k] }'

# What cost counts of a step of 32 images, all but the average: kind and bytes.
ok cost recipe.yaml --images 32 --test-images 0
echo "$out" | awk '/^DRAM bytes/ { on = 1; next } /^utilisation/ { on = 0 }
  on { n = $2 + $3 + $4 + $5; if (n > 0) print $1, n }' | sort >cost.txt
[ "$(wc -l <cost.txt)" -ge 7 ] || wrong "kinds of cost: $(cat cost.txt)"

# read_back FILE RULES: awk's sums are the cost's.
read_back() {
  awk -v map=map.csv "$functions $2 $report" "$1" >sums.txt
  same "$(sort sums.txt)" "$(cat cost.txt)" "bytes by kind in $1"
}
for format in dramsim3 ramulator1 ramulator2; do
  ok trace recipe.yaml --format $format --out $format.txt --map map.csv
  says "bytes of text"
done
read_back dramsim3.txt '!/^0x[0-9a-f]+ (READ|WRITE) [0-9]+$/ { wrong("grammar") }
  { add(number($1), $3 + 0) }'
read_back ramulator1.txt '!/^0x[0-9a-f]+ [RW]$/ { wrong("grammar") } { add(number($1), 0) }'
read_back ramulator2.txt '!/^(LD|ST) 0x[0-9a-f]+$/ { wrong("grammar") } { add(number($2), 0) }'

# With data: the step is run, and its exponents decide what the array does, so that cycles differ.
ok trace recipe.yaml --format stl --out step.stl --map map.csv
read_back step.stl '!/^[0-9]+: \([0-9]+\) (read 0x[0-9a-f]+|write 0x[0-9a-f]+ 0x[0-9a-f]+)$/ {
    wrong("grammar") }
  { n = add(number($4), $1 + 0)
    if ($2 != "(" n ")") wrong("length, expected " n)
    if ($3 == "write" && length($5) != 2 + 2 * n) wrong("data of another length") }'
ok trace recipe.yaml --format stl --out again.stl --engine ref --threads 1
cmp -s step.stl again.stl || wrong "engine ref gives another trace"

# DRAMPower: rows are open, banks closed before they open, memory holds what was written, END last,
# and as many bursts.
ok trace recipe.yaml --format drampower --out step.csv
awk -F, -v map=map.csv "$functions"'
  function fault(why) { print "line " NR " \"" substr($0, 1, 40) "\": " why; failed = 1; exit 1 }
  NF != ($2 == "RD" || $2 == "WR" ? 8 : 7) || ended { fault("fields, or behind END") }
  $1 + 0 < last + 0 { fault("its timestamp falls") }
  { last = $1 }
  $2 == "ACT" { if ($5 in row) fault("open already"); row[$5] = $6; at[$5] = $1; next }
  $2 == "PRE" { if (!($5 in row)) fault("closed already"); delete row[$5]; next }
  $2 == "PREA" { for (b in row) delete row[b]; next }
  $2 == "REFA" { for (b in row) fault("bank " b " is open"); next }
  $2 == "RD" || $2 == "WR" {
    if (!($5 in row) || row[$5] != $6) fault("its row is not open")
    if ($1 < at[$5] + 14) fault("before tRCD")
    if (length($8) != 128 || $8 ~ /[^0-9a-f]/) fault("data")
    # What is read is what was written there last; but for the momentum, which the schedule stores
    # before the chain that makes the weights reads it, and which reads what its command saw.
    place = ($6 * 16 + $5) * 2048 + $7 * 8
    if ($2 == "RD" && (place in memory) && memory[place] != $8 && role[section(place)] != "momentum")
      fault("not what was written")
    if ($2 == "RD" && (place in memory)) again++
    memory[place] = $8
    bursts++; next }
  $2 == "END" { ended = 1; next }
  { fault("an unknown command") }
  END { if (!failed) print (ended && again > 1000 ? bursts : "no END, or nothing read again") }' step.csv >bursts.txt
same "$(cat bursts.txt)" "$(wc -l <step.stl | tr -d ' ')" "bursts of drampower"

# SCALE-Sim: an address a byte, reads in two files, writes in one.
ok trace recipe.yaml --format scalesim --out scalesim --map map.csv
for file in IFMAP FILTER OFMAP; do
  awk -F, -v map=map.csv "$functions"'
    $1 < last { wrong("its cycle falls") }
    { last = $1; for (i = 2; i <= NF; i++) if ($i != -1) sum[kind[section($i)]]++ } '"$report" \
    scalesim/${file}_DRAM_TRACE.csv
done | awk '{ sum[$1] += $2 } END { for (k in sum) print k, sum[k] }' | sort >sums.txt
same "$(cat sums.txt)" "$(cat cost.txt)" "bytes by kind in scalesim"

# The same text on standard output, and compressed; whole bursts at multiples of a burst.
ok trace recipe.yaml --format dramsim3 --out - --map map2.csv
echo "$out" | cmp -s - dramsim3.txt || wrong "another trace on standard output"
cmp -s map.csv map2.csv || wrong "another map"
ok trace recipe.yaml --format dramsim3 --out small.zst
zstd -dc small.zst 2>&1 | cmp -s - dramsim3.txt || wrong "another trace in small.zst"
[ "$(wc -c <small.zst)" -lt "$(wc -c <dramsim3.txt)" ] || wrong "small.zst is not small"
ok trace recipe.yaml --format ramulator2 --whole --out whole.txt
same "$(wc -l <whole.txt)" "$(wc -l <ramulator2.txt)" "accesses with --whole"
same "$(grep -vc '[048c]0$\|0x0$' whole.txt)" 0 "addresses with --whole that are no multiples of 64"

# Some commands: their lines, with the stamps they have in the whole; all chains are in some part.
last=$(($(echo "$out" | sed 's/ commands.*//') - 1))
ok trace recipe.yaml --format dramsim3 --commands 0-5 --out part1.txt
ok trace recipe.yaml --format dramsim3 --commands "6-$last" --out part2.txt
[ -s part1.txt ] && [ -s part2.txt ] || wrong "an empty part"
[ "$(wc -l <part1.txt)" -lt "$(wc -l <dramsim3.txt)" ] || wrong "commands 0-5 are all"
sort -u part1.txt part2.txt >parts.txt
sort -u dramsim3.txt | cmp -s - parts.txt || wrong "two parts are not the whole"

# A run's captured step is the recipe's; a later one is another.
ok trace run --at first --format stl --out first.stl
cmp -s step.stl first.stl || wrong "the first step of the run is not that of the recipe"
ok trace recipe.yaml --at 2:6 --format stl --out late.stl
ok trace run --at last --format stl --out last.stl
cmp -s late.stl last.stl || wrong "the last step, trained up to and captured"
cmp -s last.stl first.stl && wrong "the last step is the first"
ok trace recipe.yaml --batch 3 --format stl --out batch.stl
[ "$(wc -l <batch.stl)" -lt "$(wc -l <step.stl)" ] || wrong "--batch 3 is no smaller"

refused "format 'ramulator': expected one of dramsim3, ramulator2, ramulator1, stl, drampower" \
  trace recipe.yaml --format ramulator --out x
refused "--format is missing" trace recipe.yaml --out x
refused "--out is missing" trace recipe.yaml --format stl
refused "nowhere/x: cannot be written" trace recipe.yaml --format stl --out nowhere/x
refused "recipe.yaml/x: cannot be written" trace recipe.yaml --format dramsim3 --out y \
  --map recipe.yaml/x
refused "named for two outputs" trace recipe.yaml --format dramsim3 --out same --map same
refused "expected a directory" trace recipe.yaml --format scalesim --out -
refused "recipe.yaml: directory cannot be made" trace recipe.yaml --format scalesim --out recipe.yaml
refused "burst of 48 bytes: expected a power of two" trace recipe.yaml --format stl --out x --burst 48
for list in "" 3- 5-3 1,,2 x "$((last + 1))" "0-$((last + 1))"; do
  refused "expected numbers and ranges of the step's commands, 0-$last" \
    trace recipe.yaml --format stl --out x --commands "$list"
done
refused "expected an epoch up to 2 and a step below 7" trace recipe.yaml --at 2:7 --format stl --out x
refused "expected first, middle or last" trace run --at 1 --format stl --out x
refused "run is a run with captures of its own batches" trace run --batch 2 --format stl --out x
refused "--batch 211: expected at most the 210 training images" \
  trace recipe.yaml --batch 211 --format stl --out x
mkdir empty
refused "empty/" trace empty --format stl --out x
cp -r run bare
rm bare/capture-*
refused "bare: no captured steps" trace bare --format stl --out x

# A full disk: status 2, one line, what was there stays, nothing is left behind.
for file in full.txt full.zst; do
  echo old >$file
  before=$(snapshot)
  (
    ulimit -f 2 || exit 1 # two blocks of 512 bytes
    "$bittrue" trace recipe.yaml --format dramsim3 --out $file >"$root/log/out" 2>"$root/log/err"
    echo $? >"$root/log/status"
  )
  same "$(cat "$root/log/status")" 2 "status on a full disk"
  same "$(wc -l <"$root/log/err" | tr -d ' ')" 1 "lines on stderr: $(cat "$root/log/err")"
  grep -q "$file: cannot be written: File too large" "$root/log/err" ||
    wrong "'$(cat "$root/log/err")' does not say 'File too large'"
  same "$(snapshot)" "$before" "files after a full disk"
done
"$bittrue" trace recipe.yaml --format dramsim3 --out - >/dev/full 2>"$root/log/err"
same $? 2 "status with standard output full"
same "$(wc -l <"$root/log/err" | tr -d ' ')" 1 "lines on stderr: $(cat "$root/log/err")"
grep -q "standard output cannot be written" "$root/log/err" || wrong "$(cat "$root/log/err")"
finish
