# A disk that is full in the middle of training: the last checkpoint stays whole.
. "$(dirname "$0")/common.sh"
small_job 3
runs 0 train recipe.yaml --out run --epochs 1
checkpoint=$(cksum <run/checkpoint.bt)
(
  ulimit -f 2 || exit 1 # two blocks of 512 bytes for every file written from here on
  # step 8 of the run is the next one, its checkpoint the first file that is written
  "$bittrue" train recipe.yaml --out run --resume --checkpoint-every 1 \
    >"$root/log/out" 2>"$root/log/err"
  echo $? >"$root/log/status"
)
same "$(cat "$root/log/status")" 2 "status on a full disk"
same "$(wc -l <"$root/log/err" | tr -d ' ')" 1 "lines on stderr: $(cat "$root/log/err")"
grep -q "run/checkpoint.bt: cannot be written: File too large" "$root/log/err" ||
  wrong "'$(cat "$root/log/err")' does not say 'File too large'"
same "$(cksum <run/checkpoint.bt)" "$checkpoint" "checkpoint on a full disk"
same "$(ls run | grep -vc '^capture-\|^checkpoint\|^run.json$\|csv$')" 0 "leftovers: $(ls run)"
runs 0 train recipe.yaml --out run --resume
runs 0 train recipe.yaml --out straight
same "$(key run/run.json digest)" "$(key straight/run.json digest)" "digest after a full disk"
finish
