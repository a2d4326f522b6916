#!/bin/sh
# Installs what is missing, builds, and runs the tests: release, and the unit tests under address
# and undefined-behaviour sanitizers.
#   --all  adds what takes long: tests labelled long, thread sanitizer, traced RTL, debug, coverage of
#          C and of the RTL
set -eu
cd "$(dirname "$0")/.."
all=no
case "${1:-}" in
  "") ;;
  --all) all=yes ;;
  *) echo "scripts/test.sh: '$1': expected nothing or --all" >&2; exit 2 ;;
esac
scripts/setup.sh
jobs=$(($(nproc) + 1)) # a test often waits, for a disk or a process

failed() {
  tail -n 40 "build-$1.log"
  echo "scripts/test.sh: the build '$1' failed; see build-$1.log" >&2
  exit 1
}
configure() {
  cmake --preset "$1" >"build-$1.log" 2>&1
}
build() {
  cmake --build --preset "$1" >>"build-$1.log" 2>&1 || failed "$1"
  rm -f "build-$1.log"
}
check() { # PRESET [ctest options]
  preset=$1
  shift
  echo "== $preset"
  ctest --preset "$preset" -j "$jobs" "$@"
}

# Verilator takes a minute of one processor to configure release; asan is built meanwhile.
configure release &
release=$!
configure asan || failed asan
build asan
wait $release || failed release
build release
if [ $all = yes ]; then
  for preset in tsan trace debug coverage; do
    configure $preset || failed $preset
    build $preset
  done
  check tsan -LE 'long|rtl'
  check debug -LE 'long|rtl'
  # These limit the size of files, which stops gcov's own too.
  check coverage -LE 'long|rtl' -E 'full_disk|e2e_vectors|e2e_trace'
  gcovr -r . --object-directory build/coverage -e tests -e build --print-summary \
    -o build/coverage/coverage.txt
  check trace -L rtl -LE long # those run whole steps, on release's models
  echo "== rtl-coverage"
  scripts/rtl-coverage.sh
  check asan
  check release
else
  check asan -LE long
  check release -LE long
fi
