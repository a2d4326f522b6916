# A run that is interrupted, by a signal or by death at any moment, ends with the same digest.
. "$(dirname "$0")/common.sh"
small_job 24
runs 0 train recipe.yaml --out straight
digest=$(key straight/run.json digest)
same "$(key straight/run.json steps)" 168 steps

# Limits that stop a run; each is gone on from.
runs 0 train recipe.yaml --out parts --steps 5
same "$(key parts/run.json complete)" false complete
same "$(key parts/run.json test_error_last)" null "error before the first epoch's end"
runs 0 train recipe.yaml --out parts --resume --epochs 2
same "$(key parts/run.json steps)" 14 "steps of two epochs"
runs 0 train recipe.yaml --out parts --resume --engine ref
same "$(key parts/run.json digest)" "$digest" "digest in three parts"
same "$(cut -d, -f1-9 parts/metrics.csv)" "$(cut -d, -f1-9 straight/metrics.csv)" metrics.csv
same "$(cat parts/energy.csv)" "$(cat straight/energy.csv)" energy.csv

# began DIR PID OLD: waits until the run has written another checkpoint than OLD, or has ended.
began() {
  while kill -0 "$2" 2>/dev/null && [ "$(ls -i "$1/checkpoint.bt" 2>/dev/null)" = "$3" ]; do :; done
}

# SIGINT: a checkpoint, the run's files, and status 0: asked to stop, it stopped.
"$bittrue" train recipe.yaml --out signal --checkpoint-every 1 2>/dev/null >"$root/log/out" &
pid=$!
began signal $pid ""
kill -INT $pid 2>/dev/null
wait $pid
same $? 0 "status after SIGINT"
[ -s signal/checkpoint.bt ] && [ -s signal/run.json ] || wrong "no files after SIGINT"
runs 0 train recipe.yaml --out signal --resume
same "$(key signal/run.json digest)" "$digest" "digest after SIGINT"

# SIGKILL: at a moment that differs each time, after at least one more checkpoint.
killed=0
for i in 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19 20; do
  resume=--resume
  [ -e dead/checkpoint.bt ] || resume=
  old=$(ls -i dead/checkpoint.bt 2>/dev/null)
  "$bittrue" train recipe.yaml --out dead --checkpoint-every 1 $resume >/dev/null 2>&1 &
  pid=$!
  began dead $pid "$old"
  sleep 0.00$((i * 7 % 10))
  kill -KILL $pid 2>/dev/null && killed=$((killed + 1))
  wait $pid 2>/dev/null
  [ -e dead/run.json ] && break # it was over before the signal came
done
[ $killed -eq 20 ] || wrong "$killed kills, expected 20 before the run's end"
runs 0 train recipe.yaml --out dead --resume
same "$(key dead/run.json digest)" "$digest" "digest after $killed kills"
same "$(cut -d, -f1-9 dead/metrics.csv)" "$(cut -d, -f1-9 straight/metrics.csv)" "metrics.csv"
finish
