#!/bin/sh
# Installs the Debian packages of scripts/packages.txt that are missing. Needs root for that.
set -eu
cd "$(dirname "$0")/.."
missing=""
for package in $(sed 's/#.*//' scripts/packages.txt); do
  dpkg-query -W -f '${Status}' "$package" 2>/dev/null | grep -q '^install ok installed$' ||
    missing="$missing $package"
done
# npm brings the report's chart library; one from elsewhere does as well, and Debian's conflicts with it.
command -v npm >/dev/null || missing="$missing nodejs npm"
[ -z "$missing" ] && exit 0
echo "installing:$missing" >&2
export DEBIAN_FRONTEND=noninteractive
apt-get update -qq
# shellcheck disable=SC2086 # a list of words
apt-get install -y -qq --no-install-recommends $missing >/dev/null
