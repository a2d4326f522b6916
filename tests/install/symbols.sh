#!/bin/sh
# What the libraries export: the shared one exactly the functions of the public headers, which
# docs/abi.md lists with their signatures; the static one no name without the prefix bt_.
#   symbols.sh SOURCE CC SHARED STATIC; alone: ctest -R test_install_symbols
set -u
source=$1
cc=$2
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
failed=0
fail() {
  echo "FAIL: $1" >&2
  failed=1
}

# A declaration a line, as the compiler reads the headers.
for header in "$source"/include/*.h; do
  "$cc" -E -P -DBT_API=BT_API "$header"
done | tr -s ' \n\t' ' ' | sed 's/[;{}]/&\n/g' | sed -n 's/^ *BT_API //p' | LC_ALL=C sort -u >"$work/header"
awk '/^```c/ { on = 1; next } /^```/ { on = 0 } on' "$source/docs/abi.md" >"$work/listed"
diff "$work/listed" "$work/header" >"$work/difference" || {
  fail "docs/abi.md is not what include/*.h declare: add what follows > to it (and raise
BT_API_VERSION if a line < was there in a release), or do not mark it with BT_API:"
  cat "$work/difference" >&2
}

nm -D --defined-only "$3" | awk '{ print $3 }' | LC_ALL=C sort >"$work/exported"
sed 's/(.*//; s/.*[ *]//' "$work/header" | LC_ALL=C sort >"$work/names"
diff "$work/names" "$work/exported" >"$work/difference" || {
  fail "$3: exports what follows >, expected what follows <: mark a function with BT_API in a
header and add it to docs/abi.md, or hide it:"
  cat "$work/difference" >&2
}

nm -g --defined-only "$4" 2>/dev/null | awk 'NF == 3 && $3 !~ /^bt_/ { print $3 }' >"$work/clashing"
[ ! -s "$work/clashing" ] || fail "$4: global names without bt_: $(tr '\n' ' ' <"$work/clashing")"
global=$(nm -g --defined-only "$4" 2>/dev/null | grep -c ' bt_')
[ "$global" -gt 100 ] || fail "$4: $global global names seen, expected hundreds"
[ $failed -eq 0 ] || exit 1
echo "$(wc -l <"$work/header") functions exported; $global names of the static library with bt_"
