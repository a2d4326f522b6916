#!/bin/sh
# Includes between the folders of emu/ go one way, as the table says; who breaks it is named with
# file and line. arrows.sh SOURCE_DIRECTORY; alone: ctest --preset release -R '^test_arrows$'
cd "$1/emu" || exit 2

# A folder, and what it may include: numerics at the bottom, the command line on top.
table='
num:
threads:
machine: num io
cmd: num
engine: num cmd machine io
ref: num cmd machine engine
fast: num threads cmd machine engine ref
io: num
data: num io
net: num cmd io
train: num cmd machine engine io data net
float: num threads io data net train
cost: num cmd machine engine io
report: num io cost
api: num threads cmd machine engine ref fast io data net train
cli: num threads cmd machine engine ref fast io data net train float cost report
'
failures=0
edges=0

# Every #include "FOLDER/FILE" of a folder's sources, as FILE:LINE:TEXT.
for folder in */; do
  folder=${folder%/}
  allowed=$(echo "$table" | sed -n "s/^$folder: *//p")
  if ! echo "$table" | grep -q "^$folder:"; then
    echo "FAIL: emu/$folder: not in the table of $0" >&2
    failures=$((failures + 1))
    continue
  fi
  includes=$(find "$folder" -name '*.[ch]' -exec grep -Hn '^#include "[a-z]*/' {} +)
  for line in $(echo "$includes" | tr -d ' '); do
    to=$(echo "$line" | sed 's/.*#include"\([a-z]*\)\/.*/\1/')
    edges=$((edges + 1))
    case " $folder $allowed " in
      *" $to "*) ;;
      *)
        echo "FAIL: emu/$line: $folder may include: ${allowed:-nothing}" >&2
        failures=$((failures + 1))
        ;;
    esac
  done
done

[ $edges -ge 100 ] || { echo "FAIL: $edges includes seen, expected hundreds" >&2; exit 1; }
[ $failures -eq 0 ] || exit 1
echo "$edges includes between folders, all one way"
