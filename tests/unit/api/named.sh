#!/bin/sh
# Every function of the public headers has a comment right before it and is called in a test here.
#   named.sh INCLUDE TESTS; alone: ctest -R test_api_named
failures=0
functions=0
for header in "$1"/*.h; do
  # "NAME commented" or "NAME bare" for each declaration.
  list=$(awk '/^BT_API/ {
      match($0, /bt_[a-z0-9_]+\(/); name = substr($0, RSTART, RLENGTH - 1)
      print name, (before ~ /\*\/$/ ? "commented" : "bare")
    } { before = $0 }' "$header")
  for line in $(echo "$list" | tr ' ' ':'); do
    name=${line%:*}
    functions=$((functions + 1))
    [ "${line#*:}" = commented ] || {
      echo "FAIL: $header: $name: expected a comment on the line before it" >&2
      failures=$((failures + 1))
    }
    grep -q "[^a-z_]$name(" "$2"/test_*.c || {
      echo "FAIL: $header: $name: expected a call in $2/test_*.c" >&2
      failures=$((failures + 1))
    }
  done
done
[ $functions -ge 30 ] || { echo "FAIL: $functions functions seen, expected more" >&2; exit 1; }
[ $failures -eq 0 ] || exit 1
echo "$functions functions, each with a comment and a test"
