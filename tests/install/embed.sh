#!/bin/sh
# docs/embedding.md to the letter, and a user's project, against an installed copy that was moved.
#   embed.sh CMAKE BUILD SOURCE
cmake=$1
build=$2
source=$3
. "$source/tests/install/common.sh"
install_moved
export LD_LIBRARY_PATH="$lib"
mkdir "$work/doc"
cd "$work/doc" || exit 1

# The chapter's program by its own command lines, then as C++, then by its CMake project.
block c >embed.c
block cmake >CMakeLists.txt
text=$(block text)
[ -s embed.c ] && [ -s CMakeLists.txt ] && [ -n "$text" ] || fail "docs/embedding.md: blocks not found"
block "sh link" >lines
while read -r line; do
  must "$line" sh -c "$line"
  program=${line##* }
  expect "$line" "$text" "./$program"
done <lines
[ -x embed-static ] || fail "docs/embedding.md: expected three lines to link with"
readelf -d embed | grep -q 'NEEDED.*libbittrue.so.1' || fail "embed does not hold the shared library"
readelf -d embed-archive embed-static | grep -q libbittrue && fail "a static program needs libbittrue.so"
must "as C++" c++ -x c++ embed.c $(pkg-config --cflags --libs bittrue) -o embed-cxx
expect "as C++" "$text" ./embed-cxx
must "cmake of the chapter" "$cmake" -S . -B build -DCMAKE_PREFIX_PATH="$prefix"
must "its build" "$cmake" --build build
expect "cmake, shared" "$text" build/embed
expect "cmake, static" "$text" build/embed-static

# The chapter's training: the command's digest.
block "c run" >run.c
must "the training program" sh -c 'cc -Wall -Werror run.c $(pkg-config --cflags --libs bittrue) -o run'
recipe=$prefix/share/bittrue/models/recipes/mlp-fashion.yaml
if ./run "$recipe" >run.out 2>run.err; then
  must "bittrue train" "$prefix/bin/bittrue" train "$recipe" --steps 20 --out out
  expect "the digest" "$(grep '^digest' "$work/log")" grep '^digest' run.out
else
  grep -q 'data set\|dataset\|fashion-mnist' run.err || fail "training: $(cat run.err)"
fi

# The project.
must "cmake" "$cmake" -S "$source/tests/install/project" -B "$work/project" -DCMAKE_PREFIX_PATH="$prefix"
must "build" "$cmake" --build "$work/project"
release=$(pkg-config --modversion bittrue)
line="$release: (96 -16) * 2^-5 by (64 16) * 2^-6: 5888 * 2^-11"
for program in c99-bittrue c99-static cxx11-bittrue cxx11-static; do
  expect $program "$line" "$work/project/$program"
done
hidden=$(nm -D --defined-only "$work/project/libplugin.so" | grep -c ' bt_\(find_file\|fail\|ref_\)')
[ "$hidden" -eq 0 ] || fail "a plug-in with the static library exports its hidden names"

# Beside the library lie its machines; a program that holds the static one has none of its own.
machines=$prefix/share/bittrue/models/machines
sed 's/^name:.*/name: only-here/' "$machines/systolic-4x4-acc16.yaml" >"$machines/only-here.yaml"
expect "machine, shared" "16 bits, 4 lanes" "$work/project/machine-bittrue" only-here
expect "machine, a path" "16 bits, 4 lanes" "$work/project/machine-static" "$machines/only-here.yaml"
sed 's/acc_bits: [0-9]*/acc_bits: 20/' "$source/models/machines/systolic-4x4.yaml" >"$machines/systolic-4x4.yaml"
expect "its own file, not the source's" "20 bits, 4 lanes" "$work/project/machine-bittrue" systolic-4x4
"$work/project/machine-static" only-here 2>"$work/log" && fail "a static program found only-here"
grep -q '^no machine only-here: expected a path, or a file only-here.yaml in ' "$work/log" ||
  fail "a static program: $(cat "$work/log")"

# The C side of DPI, where Verilator's svdpi.h is.
svdpi=/usr/share/verilator/include/vltstd
if [ -f "$svdpi/svdpi.h" ]; then
  must "the C side of DPI" sh -c "cc -shared -fPIC -I $svdpi $prefix/share/bittrue/dpi/*.c \
    \$(pkg-config --cflags --libs bittrue) -o dpi.so"
fi
[ -f "$prefix/share/bittrue/dpi/bittrue_dpi.svh" ] || fail "bittrue_dpi.svh is not installed"

# A version that is not there.
sed 's/find_package(bittrue 0.1/find_package(bittrue 9.0/' CMakeLists.txt >newer.txt
mkdir newer && mv newer.txt newer/CMakeLists.txt
"$cmake" -S newer -B newer/build -DCMAKE_PREFIX_PATH="$prefix" >"$work/log" 2>&1 &&
  fail "find_package(bittrue 9.0) found $release"
grep -q "9.0" "$work/log" || fail "find_package(bittrue 9.0) says: $(cat "$work/log")"
finish test_install_embed
