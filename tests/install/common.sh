# What the scripts here share: a scratch folder, failures, and the copy that was installed.
set -u
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
failed=0
fail() {
  echo "FAIL: $1" >&2
  failed=1
}
# finish NAME: the end of a script.
finish() {
  [ $failed -eq 0 ] || { echo "alone: ctest -R '^$1\$'" >&2; exit 1; }
}
# must WHAT COMMAND...: ends the script where the command fails.
must() {
  what=$1
  shift
  "$@" >"$work/log" 2>&1 || { fail "$what"; cat "$work/log" >&2; exit 1; }
}
# expect WHAT EXPECTED COMMAND...: the command's output.
expect() {
  what=$1
  expected=$2
  shift 2
  got=$("$@" 2>&1) || fail "$what: status $?"
  [ "$got" = "$expected" ] || fail "$what: got '$got', expected '$expected'"
}
# Installs to one folder and moves it to another.
install_moved() {
  must "cmake --install --prefix" "$cmake" --install "$build" --prefix "$work/first"
  mkdir "$work/other"
  mv "$work/first" "$work/other/place"
  prefix=$work/other/place
  lib=$(dirname "$(find "$prefix" -name libbittrue.a)")
  export PKG_CONFIG_PATH="$lib/pkgconfig"
}
# block LABEL: the code of the chapter's block ```LABEL.
block() {
  awk -v label="\`\`\`$1" '$0 == label { on = 1; next } /^```/ { on = 0 } on' "$source/docs/embedding.md"
}
