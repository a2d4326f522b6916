#!/bin/sh
# Manual pages from what --help prints: bittrue.1, and bittrue-COMMAND.1 for each command.
#   pages.sh BITTRUE VERSION SOURCE DIRECTORY
set -eu
bittrue=$1
version=$2
source=$3
out=$4
rm -rf "$out"
mkdir -p "$out"
trap 'rm -f "$out"/*.h2m' EXIT

# page PROGRAM NAME WHAT-IT-DOES INCLUDE
page() {
  help2man --no-info --section=1 --manual=bittrue --source="bittrue $version" \
    --version-string="$2 $version" --name="$3" --include="$4" --output="$out/$2.1" "$1"
}

# "COMMAND what it does", a line each.
commands=$("$bittrue" --help | awk '/^Commands:/ { on = 1; next } on && NF == 0 { exit } on { $1 = $1; print }')
echo "$commands" | while read -r name what; do
  printf '[SEE ALSO]\n.BR bittrue (1)\n' >"$out/page.h2m"
  page "$bittrue $name" "bittrue-$name" "$what" "$out/page.h2m"
done
{
  cat "$source/man/bittrue.h2m"
  printf '\n[SEE ALSO]\n'
  echo "$commands" | sed 's/ .*//; s/.*/.BR bittrue-& (1),/; $s/,$//'
} >"$out/page.h2m"
page "$bittrue" bittrue "bit-true block floating point for accelerator design" "$out/page.h2m"
