# Sourced by the scripts here: what tests/unit/cli has, and a small run to work on.
. "$(dirname "$0")/../unit/cli/common.sh"
small_tool=$npy

# small_job EPOCHS [SIDE]: recipe.yaml, net.yaml and a set of 210 + 100 images in the work folder:
# seven steps an epoch, the last one of 18 images.
small_job() {
  "$small_tool" . "${2:-8}" 210 100 "$1" 2 || wrong "small_tool"
}

# runs STATUS ARGUMENT...: the program ends with the status; stdout goes to $out.
runs() {
  want=$1
  shift
  out=$("$bittrue" "$@" 2>"$root/log/err")
  same $? "$want" "status of: bittrue $* ($(tail -1 "$root/log/err"))"
}

# says WANT: a part of $out.
says() {
  case $out in
    *"$1"*) ;;
    *) wrong "stdout does not say '$1': $out" ;;
  esac
}

# key FILE KEY: the value of a key of a flat JSON file, as it is written.
key() {
  sed -n "s/^  \"$2\": \(.*[^,]\),\{0,1\}\$/\1/p" "$1"
}

# changed FROM TO FILE: a copy of recipe.yaml with FROM replaced.
changed() {
  sed "s|$1|$2|" recipe.yaml >"$3"
  cmp -s recipe.yaml "$3" && wrong "'$1' is not in recipe.yaml"
}
