#!/bin/sh
# Manual pages: one a command, and in each every option that the command's --help prints.
#   man.sh BITTRUE PAGES; alone: ctest -R test_install_man
set -u
bittrue=$1
pages=$2
failed=0
options=0
fail() {
  echo "FAIL: $1" >&2
  failed=1
}
# plain PAGE: its text without the marks of roff.
plain() {
  sed 's/\\-/-/g; s/\\f[BIRP]//g' "$1"
}
# The long options that --help lists: "  -f, --format=FORMAT", "      --json".
listed() {
  "$@" --help | sed -n 's/^ \{2,6\}\(-., \)\{0,1\}--\([a-z0-9-]*\).*/\2/p'
}
commands=$("$bittrue" --help | awk '/^Commands:/ { on = 1; next } on && NF == 0 { exit } on { print $1 }')
main=$(plain "$pages/bittrue.1")
for command in $commands; do
  page=$pages/bittrue-$command.1
  [ -f "$page" ] || { fail "$page is missing"; continue; }
  echo "$main" | grep -q "^$command\$\|^$command " || fail "bittrue.1 does not name $command"
  echo "$main" | grep -q "^\.BR bittrue-$command (1)" || fail "bittrue.1: no SEE ALSO of $command"
  text=$(plain "$page")
  for option in $(listed "$bittrue" "$command"); do
    options=$((options + 1))
    case $text in
      *"--$option"[!a-z0-9-]*) ;;
      *) fail "$page: --$option is missing" ;;
    esac
  done
done
[ $options -ge 100 ] || fail "$options options seen, expected more than a hundred"
extra=$(ls "$pages" | wc -l)
[ "$extra" -eq $(($(echo "$commands" | wc -l) + 1)) ] || fail "$extra pages: expected one a command and bittrue.1"
[ $failed -eq 0 ] || exit 1
echo "$extra pages, $options options"
