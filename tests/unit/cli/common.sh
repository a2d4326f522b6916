# Sourced by the scripts here, which get: the program, npy_tool, and the test's name.
set -u
bittrue=$1
npy=$2
name=$3
root=$(mktemp -d "${TMPDIR:-/tmp}/bittrue-cli-XXXXXX") || exit 1
trap 'rm -rf "$root"' EXIT
trap 'exit 1' HUP INT PIPE TERM
mkdir "$root/work" "$root/log"
cd "$root/work" || exit 1
failures=0

wrong() {
  echo "FAIL: $*" >&2
  failures=$((failures + 1))
}

# same GOT WANT WHAT
same() {
  [ "$1" = "$2" ] || wrong "$3: got '$1', expected '$2'"
}

# Names and checksums of all files in the work folder.
snapshot() {
  find . -type f -exec cksum {} + | sort
}

# ok ARGUMENT...: the program runs, says nothing on stderr; its stdout goes to $out.
ok() {
  out=$("$bittrue" "$@" 2>"$root/log/err")
  status=$?
  [ $status -eq 0 ] || wrong "status $status of: bittrue $*: $(cat "$root/log/err")"
  [ ! -s "$root/log/err" ] || wrong "stderr of: bittrue $*: $(cat "$root/log/err")"
}

# refused WANT ARGUMENT...: status 2, one line on stderr that holds WANT, nothing on stdout, and
# no file made, changed or left behind.
refused() {
  want=$1
  shift
  before=$(snapshot)
  "$bittrue" "$@" >"$root/log/out" 2>"$root/log/err"
  status=$?
  same $status 2 "status of: bittrue $*"
  same "$(wc -l <"$root/log/err" | tr -d ' ')" 1 "lines on stderr of: bittrue $*"
  grep -qF -- "$want" "$root/log/err" ||
    wrong "bittrue $*: '$(cat "$root/log/err")' does not say '$want'"
  [ ! -s "$root/log/out" ] || wrong "stdout of: bittrue $*: $(cat "$root/log/out")"
  same "$(snapshot)" "$before" "files after: bittrue $*"
}

# shows FILE WANT: the array's type, shape and values.
shows() {
  same "$("$npy" show "$1")" "$2" "$1"
}

finish() {
  [ $failures -eq 0 ] && exit 0
  echo "$failures failures; run it alone with: ctest --preset release -R '^$name\$'" >&2
  exit 1
}
