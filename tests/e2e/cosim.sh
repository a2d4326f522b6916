# Two engines in C in lockstep on a run's own operands.
. "$(dirname "$0")/common.sh"
small_job 3
runs 0 train recipe.yaml --out run
before=$(snapshot)
ok cosim run --engines ref,fast
says "ref,fast: agree in 3 steps"
ok cosim run --engines ref,fast --json
commands=$(echo "$out" | sed -n 's/^  "commands": \([0-9]*\),/\1/p')
covered=$(echo "$out" | sed -n 's/^  "commands_covered": \([0-9]*\),/\1/p')
same "$covered" "$commands" "covered commands"
# input 2, conv1 3, pool 1, dropout 3, fc1 3, loss 3, back: fc1 6, dropout 2, pool 1, relu 1,
# conv1 4, update 4 of each of 4 parameters: 45 commands a step
same "$commands" 135 "commands in three steps"
same "$(echo "$out" | sed -n 's/^  "contractions": \([0-9]*\),/\1/p')" 15 contractions
ok cosim run --engines ref,fast --commands conv,pool --json
covered=$(echo "$out" | sed -n 's/^  "commands_covered": \([0-9]*\),/\1/p')
same "$covered" 18 "contractions and pools"
runs 2 cosim run --engines ref,fast --commands conv,polo
same "$(grep -c "'polo' is no kind of command" "$root/log/err")" 1 "the line about polo"

# What the commands met: contractions in all directions, but no saturation in 32 bits.
ok cosim run --engines ref,fast --coverage
says "contract.weight_gradient            6  weight gradients"
ok cosim run --engines ref,fast --promise contract.forward,softmax.right,dropout --json
says '"contract.saturated": 0'
runs 1 cosim run --engines ref,fast --promise contract.saturated,dropout
same "$(grep -c 'promised, but empty: contract.saturated' "$root/log/err")" 1 "the empty bin's line"
runs 2 cosim run --engines ref,fast --promise contract.saturate
same "$(grep -c "'contract.saturate' is no bin" "$root/log/err")" 1 "the line about no bin"
ok cosim recipe.yaml --engines fast,ref --at 2:3 --steps 5
says "fast,ref: agree in 5 steps"

# Batches of another size: as many commands, fewer elements.
elements() {
  echo "$out" | sed -n 's/^  "elements": \([0-9]*\),/\1/p'
}
ok cosim recipe.yaml --engines ref,fast --json
whole=$(elements)
ok cosim recipe.yaml --engines ref,fast --batch 1 --json
[ "$(elements)" -lt "$whole" ] || wrong "$(elements) elements of one image, $whole of a batch"
runs 2 cosim recipe.yaml --engines ref,fast --batch 100000
same "$(grep -c 'batch 100000: expected at most' "$root/log/err")" 1 "the line about 100000 images"
runs 2 cosim run --engines ref,fast --batch 1
same "$(grep -c 'batch: expected a recipe' "$root/log/err")" 1 "the line about a run"
same "$(snapshot)" "$before" "files after cosim"
finish
