#!/bin/sh
# An installed copy in another place than the one it was configured for: it is whole, finds its own
# models, and no file in it says where it was built or installed.
#   copy.sh CMAKE BUILD SOURCE
cmake=$1
build=$2
source=$3
. "$source/tests/install/common.sh"
install_moved

for file in bin/bittrue include/bittrue.h include/bittrue_wide.h include/bittrue_run.h \
  share/bittrue/models/machines/systolic-16x16.yaml share/bittrue/traces/energy/horowitz-45nm.yaml \
  share/doc/bittrue/numerics.md share/doc/bittrue/embedding.md share/doc/bittrue/abi.md; do
  [ -f "$prefix/$file" ] || fail "$file is not installed"
done
for header in "$source"/include/*; do
  cmp -s "$header" "$prefix/include/$(basename "$header")" || fail "$header is not installed"
done
for text in "$build" "$work/first" "$source"; do
  found=$(grep -rlIF "$text" "$prefix") && fail "$text stands in: $found"
done

# The version in names: libbittrue.so -> .so.API -> .so.API.RELEASE.
api=$(sed -n 's/#define BT_API_VERSION //p' "$prefix/include/bittrue.h")
release=$(sed -n 's/#define BT_VERSION "\(.*\)"/\1/p' "$prefix/include/bittrue.h")
expect "libbittrue.so" "libbittrue.so.$api" readlink "$lib/libbittrue.so"
expect "libbittrue.so.$api" "libbittrue.so.$api.$release" readlink "$lib/libbittrue.so.$api"
readelf -d "$lib/libbittrue.so" | grep -q "SONAME.*\[libbittrue.so.$api\]" || fail "SONAME"
readelf -d "$prefix/bin/bittrue" "$lib/libbittrue.so" | grep -i 'r.*path' && fail "a run path is left"
expect "the package's version" "$release" pkg-config --modversion bittrue

# A machine that only this copy has, found from another folder, through a link, by name.
sed 's/^name:.*/name: only-here/' "$prefix/share/bittrue/models/machines/systolic-4x4.yaml" \
  >"$prefix/share/bittrue/models/machines/only-here.yaml"
ln -s "$prefix/bin/bittrue" "$work/link"
cd / || exit 1
recipe=$prefix/share/bittrue/models/recipes/mlp-fashion.yaml
must "the moved command and its own machine" \
  "$work/link" cost "$recipe" --machine only-here --images 128 --test-images 0
grep -q only-here "$work/log" || fail "the cost does not name the machine: $(cat "$work/log")"
must "the command found by PATH" env PATH="$prefix/bin:$PATH" \
  bittrue cost "$recipe" --machine only-here --images 128 --test-images 0

# DESTDIR: under it the prefix that was configured.
DESTDIR=$work/stage must "DESTDIR" "$cmake" --install "$build"
staged=$(find "$work/stage" -path '*/bin/bittrue')
must "the staged command" "$staged" cost "$recipe" --images 128 --test-images 0
finish test_install_copy
