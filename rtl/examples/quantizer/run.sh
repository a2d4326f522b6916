#!/bin/sh
# The foreign quantizer on every quantization of golden vectors, under iverilog:
#   run.sh VECTORS RESULTS [BUG]    BUG 1 or 2 plants a fault (bfp8_quantizer.sv)
set -eu
[ $# -ge 2 ] || { echo "usage: run.sh VECTORS RESULTS [BUG]" >&2; exit 2; }
here=$(dirname "$0")
mkdir -p "$2"
iverilog -g2012 -s bench -P "bench.BUG=${3:-0}" -o "$2/bench.vvp" \
  "$here/bench.sv" "$here/bfp8_quantizer.sv"
count=0
for folder in "$1"/*-quantize; do
  name=$(basename "$folder")
  mkdir -p "$2/$name"
  # shellcheck disable=SC2046 # an argument a line
  vvp -n "$2/bench.vvp" "+vectors=$folder" "+results=$2/$name" $(cat "$folder/plusargs")
  count=$((count + 1))
done
echo "$count quantizations in $2"
