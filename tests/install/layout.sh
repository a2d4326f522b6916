#!/bin/sh
# The public structs are laid out as docs/abi.md says, on a machine of its kind.
#   layout.sh SOURCE LAYOUT; alone: ctest -R test_install_layout
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
case $(uname -m) in
  x86_64 | aarch64) ;;
  *) echo "skipped: docs/abi.md has no layout of $(uname -m)"; exit 77 ;;
esac
# A struct a line: "NAME BYTES: MEMBER PLACE, MEMBER PLACE".
"$2" | awk '/^ / { printf "%s%s %s", join, $1, $2; join = ", "; next }
  { if (NR > 1) print ""; printf "%s %s: ", $1, $2; join = "" } END { print "" }' >"$work/here"
[ -s "$work/here" ] || exit 1
awk '/^```layout/ { on = 1; next } /^```/ { on = 0 } on' "$1/docs/abi.md" >"$work/listed"
# The structs of the headers but the engine's, which has a number of its own.
for header in bittrue bittrue_wide bittrue_run; do
  awk '/^typedef struct {/ { on = 1 } /^typedef enum {/ { on = 0 } on && /^} bt_/ { print $2 }' \
    "$1/include/$header.h"
done | tr -d ';' >"$work/structs"
while read -r struct; do
  grep -q "^$struct " "$work/here" || {
    echo "FAIL: $struct: add it to tests/install/layout.c" >&2
    exit 1
  }
done <"$work/structs"
diff "$work/listed" "$work/here" || {
  echo "FAIL: docs/abi.md (<) and the headers (>) differ: raise BT_API_VERSION where a released
struct changed, and put the lines behind > into docs/abi.md" >&2
  exit 1
}
