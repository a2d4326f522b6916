#!/bin/sh
# The public structs are laid out as docs/abi.md says, on a machine of its kind.
#   layout.sh SOURCE LAYOUT; alone: ctest -R test_install_layout
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
case $(uname -m) in
  x86_64 | aarch64) ;;
  *) echo "skipped: docs/abi.md has no layout of $(uname -m)"; exit 77 ;;
esac
"$2" >"$work/here" || exit 1
awk '/^```layout/ { on = 1; next } /^```/ { on = 0 } on' "$1/docs/abi.md" >"$work/listed"
diff "$work/listed" "$work/here" || {
  echo "FAIL: docs/abi.md (<) and the headers (>) differ: raise BT_API_VERSION where a released
struct changed, and put the lines behind > into docs/abi.md" >&2
  exit 1
}
