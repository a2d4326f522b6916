#!/bin/sh
# bittrue beside oneDNN (int8) and PyTorch (fp32, bf16) on the same shapes, turn by turn in one run.
#   scripts/bench-peers.sh [--threads N] [--rounds N] [--clock wall|processor] [--json]
#                          [--net NET]... [--kind fp32|bf16]... [gemm] [conv] [train]
# train: whole training steps of LeNet-5, VGG16, PreResNet20 and ResNet18 (--net: of these); the sets
# must be there (bittrue data).
# Prints one table (Markdown) or JSON; progress on stderr. On a machine that others use too, take
# --threads 1 --clock processor. Installs Debian's libdnnl-dev and python3-torch where they are
# missing, which needs root. BITTRUE names the program if it is not build/release/bittrue, which is
# built first otherwise.
set -eu
cd "$(dirname "$0")/.."

missing=""
for package in g++ libdnnl-dev python3-torch; do
  dpkg-query -W -f '${Status}' "$package" 2>/dev/null | grep -q '^install ok installed$' ||
    missing="$missing $package"
done
if [ -n "$missing" ]; then
  echo "installing:$missing" >&2
  export DEBIAN_FRONTEND=noninteractive
  apt-get update -qq
  # shellcheck disable=SC2086 # a list of words
  apt-get install -y -qq --no-install-recommends $missing >/dev/null
fi

if [ -z "${BITTRUE:-}" ]; then
  { cmake --preset release && cmake --build build/release --target bittrue; } >&2
  BITTRUE=$PWD/build/release/bittrue
fi
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
trap 'exit 1' HUP INT PIPE TERM
g++ -O2 -std=c++17 scripts/peers/onednn.cpp -o "$work/onednn" -ldnnl

# The peers choose for themselves.
for name in $(env | sed -n 's/^\(OPENBLAS_[A-Za-z0-9_]*\)=.*/\1/p'); do
  unset "$name"
done
BITTRUE=$BITTRUE ONEDNN=$work/onednn /usr/bin/python3 scripts/peers/compare.py "$@"
