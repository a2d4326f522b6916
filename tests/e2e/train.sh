# A run from start to end: the files in its directory, the same digest twice, eval and net.
. "$(dirname "$0")/common.sh"
small_job 3

runs 0 train recipe.yaml --out a
says "test error in %"
same "$(ls a | tr '\n' ' ')" "capture-00000000.bt capture-00000010.bt capture-00000020.bt \
checkpoint-previous.bt checkpoint.bt energy.csv metrics.csv run.json " "files of a run"

for k in recipe name net dataset machine machine_file engine seed version compiler started ended \
  training_milliseconds complete epochs steps total_steps draw_steps test_error_sgd_lp \
  test_error_swalp test_error_last digest; do
  [ -n "$(key a/run.json $k)" ] || wrong "run.json has no key $k"
done
same "$(key a/run.json recipe)" "\"$(pwd -P)/recipe.yaml\"" recipe
same "$(key a/run.json machine)" '"systolic-16x16"' machine
same "$(key a/run.json seed)" 1 seed
same "$(key a/run.json complete)" true complete
same "$(key a/run.json steps)" 21 steps
digest=$(key a/run.json digest)
same "$(echo "$digest" | tr -d '"\n' | wc -c | tr -d ' ')" 64 "digits of the digest"
says "digest $(echo "$digest" | tr -d '"')"

same "$(head -1 a/metrics.csv)" "epoch,lr,train_loss,train_error,test_loss,test_error,\
swalp_loss,swalp_error,clipped,seconds" "head of metrics.csv"
same "$(wc -l <a/metrics.csv | tr -d ' ')" 4 "lines of metrics.csv"
same "$(awk -F, '{print NF}' a/metrics.csv | sort -u)" 10 "columns of metrics.csv"
# swa_start 2: the average begins with epoch 2; epoch 1 of 2 is t = 1/2, 2 is t = 1, 3 has swa_lr
same "$(cut -d, -f1,2 a/metrics.csv | tail -3 | tr '\n' ' ')" \
  "1,0.050000000 2,0.000500000 3,0.010000000 " "rates"
same "$(sed -n 2p a/metrics.csv | cut -d, -f7,8)" "," "average before swa_start"
# SGD-LP is the iterate of epoch 2, the last and the average those of epoch 3
same "$(sed -n 3p a/metrics.csv | cut -d, -f6)" \
  "$(printf '%.2f' "$(key a/run.json test_error_sgd_lp)")" SGD-LP
same "$(sed -n 4p a/metrics.csv | cut -d, -f6)" \
  "$(printf '%.2f' "$(key a/run.json test_error_last)")" last
same "$(sed -n 4p a/metrics.csv | cut -d, -f8)" \
  "$(printf '%.2f' "$(key a/run.json test_error_swalp)")" SWALP
[ "$(wc -l <a/energy.csv)" -gt 3 ] || wrong "energy.csv: $(cat a/energy.csv)"

runs 0 train recipe.yaml --out b --engine ref
same "$(key b/run.json digest)" "$digest" "digest of engine ref"
runs 0 train recipe.yaml --out c --seed 2 --json
same "$(echo "$out" | sed -n 's/^  "seed": \([0-9]*\),/\1/p')" 2 "seed of --json"
[ "$(key c/run.json digest)" != "$digest" ] || wrong "another seed, the same digest"

# gzip files hold the same set
mkdir packed
"$small_tool" packed 8 210 100 3 2 gz
rm -f packed/*-ubyte
changed "directory: ." "directory: packed" packed.yaml
runs 0 train packed.yaml --out d
same "$(key d/run.json digest)" "$digest" "digest with packed files"

runs 0 eval a
says "a after 21 steps, test images"
says "average"
iterate=$(echo "$out" | sed -n 's/^ *iterate *\([0-9.]*\) %.*/\1/p')
same "$iterate" "$(sed -n 4p a/metrics.csv | cut -d, -f6)" "eval's iterate"
average=$(echo "$out" | sed -n 's/^ *average *\([0-9.]*\) %.*/\1/p')
same "$average" "$(sed -n 4p a/metrics.csv | cut -d, -f8)" "eval's average"
runs 0 eval a --engine ref --train-set --swa-bits 8
says "training images"

# a machine of one's own is found again
printf 'name: own\naccumulator: {acc_bits: 24}\n' >own-machine.yaml
runs 0 train recipe.yaml --out e --epochs 1 --machine ./own-machine.yaml
same "$(key e/run.json machine)" '"own"' "name of the machine"
runs 0 eval e
runs 0 cosim e --engines ref,fast

ok net net.yaml
says "small: 8x8x1 images, 10 classes"
says "conv1          conv         8x8x1          8x8x6             yes         3456" # 64 * 6 * 9
ok net net.yaml --json
same "$(echo "$out" | grep -c '"kind"')" 4 "layers of net --json"
finish
