#!/bin/sh
# Coverage of rtl/hdl by the RTL's benches: builds the preset rtl-coverage, runs them, and prints
# for each file how many of its lines (and branches) were reached and how many bits toggled both
# ways.
# What is left out of the count, and why, is in tests/rtl/coverage-exclusions.txt. Status 1 if all
# files together have less than 95 % of the lines or 90 % of the toggles, if nothing was counted in
# one of them, or if a rule leaves out nothing that was not reached.
#   scripts/rtl-coverage.sh              build, run and print
#   scripts/rtl-coverage.sh --print DIR  print what the .dat files of DIR hold
#   --missed                             also what was not reached
set -eu
cd "$(dirname "$0")/.."
folder= missed=0
while [ $# -gt 0 ]; do
  case $1 in
    --print) folder=${2:?--print: a folder expected}; shift ;;
    --missed) missed=1 ;;
    *) echo "scripts/rtl-coverage.sh: '$1': expected --print DIR or --missed" >&2; exit 2 ;;
  esac
  shift
done
if [ -z "$folder" ]; then
  log=build-rtl-coverage.log
  if ! { cmake --preset rtl-coverage && cmake --build --preset rtl-coverage; } >$log 2>&1; then
    tail -n 40 $log >&2
    echo "scripts/rtl-coverage.sh: the build failed; see $log" >&2
    exit 1
  fi
  rm -f $log
  folder=build/rtl-coverage/counts
  rm -rf $folder
  mkdir $folder
  BITTRUE_RTL_COVERAGE_DIR=$PWD/$folder ctest --preset rtl-coverage -L '^bench$' \
    -j "$(nproc)" >&2
fi
set -- "$folder"/*.dat
[ -e "$1" ] || { echo "scripts/rtl-coverage.sh: $folder: no .dat files in it" >&2; exit 2; }
awk -v missed=$missed -v exclusions=tests/rtl/coverage-exclusions.txt \
  -v modules="$(cd rtl/hdl && echo *.sv)" -f scripts/rtl-coverage.awk "$@"
