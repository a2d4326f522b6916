#!/bin/sh
# Runs every command of the README's shell blocks, as a reader would, from a copy of the models.
#   readme.sh SOURCE BITTRUE NPY_TOOL [BLOCK]    BLOCK: only ```sh BLOCK and ```sh BLOCK-fails
set -u
if [ "${4:-}" = own ] && ! command -v iverilog >/dev/null; then
  echo "SKIPPED: no iverilog in PATH; scripts/setup.sh installs it"
  exit 77
fi
source=$1
bittrue=$2
npy_tool=$3
only=${4:-}
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cp -r "$source/models" "$source/traces" "$work"
mkdir "$work/rtl"
cp -r "$source/include" "$work"
cp -r "$source/rtl/examples" "$work/rtl"
cd "$work" || exit 1

# Inputs for the filters.
"$npy_tool" make float32 40,24 x.npy 0.5 -1.25 3 >/dev/null || exit 1
"$npy_tool" make int8 8,32 a.npy 1 -2 3 >/dev/null || exit 1
"$npy_tool" make int8 32,8 b.npy 4 5 -6 >/dev/null || exit 1

# "BLOCK LINE" for each line of a ```sh block; BLOCK is what follows sh, or "sh".
awk '/^```sh/ { block = $2 == "" ? "sh" : $2; next } /^```/ { block = "" } block != "" { print block, $0 }' \
  "$source/README.md" >lines
count=0
failed=0
while read -r block line; do
  command=${line%%#*}
  case $only:$block in
    :own | :own-fails) continue ;; # a test of their own
    :* | "$only:$only" | "$only:$only-fails") ;;
    *) continue ;;
  esac
  case $command in
    scripts/*) # these install, build and test; here only that they are there and are sh
      sh -n "$source/${command%% *}" || failed=1
      continue ;;
    "cc "*)
      sh -c "$command" || failed=1
      continue ;;
    "sh rtl/examples/"*) ;;
    "bittrue "*) ;;
    *) continue ;;
  esac
  count=$((count + 1))
  expected=0
  case $block in fails | *-fails) expected=1 ;; esac
  # shellcheck disable=SC2086 # the line's own words
  set -- $command
  [ "$1" = sh ] || { shift; set -- "$bittrue" "$@"; }
  "$@" >out 2>err </dev/null
  status=$?
  if [ $status -ne $expected ]; then
    echo "README: '$command' ended with $status, expected $expected"
    cat out err
    failed=1
  fi
done <lines
echo "$count commands of the README"
least=15
[ -z "$only" ] || least=5
[ $count -ge $least ] || { echo "too few: the README's blocks were not found"; failed=1; }
[ $failed -eq 0 ] || echo "alone: ctest -R test_readme${only:+_$only}"
exit $failed
