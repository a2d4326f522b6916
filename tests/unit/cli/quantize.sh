# bittrue quantize: the contract's examples, the forms of its output, and every refusal.
. "$(dirname "$0")/common.sh"

# q FILE-ARGUMENTS: quantize in.npy to out, m and e.
q() {
  ok quantize in.npy out.npy --mantissas m.npy --exponents e.npy "$@"
}

"$npy" make float32 3 in.npy 5 -3 1
q --format bfp4 --rounding nearest_even
same "$out" "3 elements, 1 blocks, 0 clipped, 0 overflow, 0 flushed" "counts"
shows out.npy "float32 (3,) 5 -3 1"
shows m.npy "int8 (3,) 5 -3 1"
shows e.npy "int8 (1,) 2"
q --format bfp3 --rounding floor
shows m.npy "int8 (3,) 2 -2 0"
shows out.npy "float32 (3,) 4 -4 0"

"$npy" make float64 1,2 in.npy 15 1
q --format bfp4 --rounding nearest_even --json
same "$out" '{"elements": 2, "blocks": 1, "clipped": 1, "overflow": 0, "flushed": 0}' "counts as JSON"
shows m.npy "int8 (1, 2) 7 0"
shows e.npy "int8 (1,) 3"
"$npy" make float32 1,2 in.npy -15.9 1
q --format bfp4 --rounding nearest_even --clip asymmetric
shows m.npy "int8 (1, 2) -8 0"

"$npy" make float64 1 in.npy 0.7
ok quantize in.npy out.npy --format fixed8.6 --rounding nearest_even --mantissas m.npy --block tensor
same "$out" "1 elements, 0 blocks, 0 clipped, 0 overflow, 0 flushed" "counts of fixed point"
shows m.npy "int8 (1,) 45"
shows out.npy "float32 (1,) 0.703125"

"$npy" make float32 3,5 in.npy 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15
q --format bfp9 --block tile:2x2 --rounding nearest_away
shows e.npy "int8 (6,) 2 3 3 3 3 3"
shows m.npy "int16 (3, 5) 32 64 48 64 80 192 224 128 144 160 176 192 208 224 240"
q --block dim0
shows e.npy "int8 (3,) 2 3 3"
q --block sample
shows e.npy "int8 (3,) 2 3 3"
"$npy" make float32 2,33 in.npy 1 2 4 8 16 32 64 128 256 512 1024
q --block k32
shows e.npy "int8 (4,) 10 10 10 10"
"$npy" make float32 0,3 in.npy
q --block dim0
shows e.npy "int8 (0,)"
shows out.npy "float32 (0, 3)"

# Draws: the same seed gives the same bytes, another one and another count of lanes others.
"$npy" make float32 4,64 in.npy 0.1 0.2 0.3 0.7 -0.11 -0.9 0.33
ok quantize in.npy a.npy
ok quantize in.npy b.npy --seed 1 --lanes 16 --random-bits 16 --format bfp8 --rounding stochastic
cmp -s a.npy b.npy || wrong "the same seed gave other bytes"
for other in "--seed 2" "--lanes 8" "--random-bits 2" "--rounding floor"; do
  ok quantize in.npy b.npy $other
  cmp -s a.npy b.npy && wrong "$other changed nothing"
done

# Output over input: what is read is whole before anything is written.
cp in.npy self.npy
ok quantize self.npy self.npy
cmp -s self.npy a.npy || wrong "quantizing a file onto itself gave other bytes"

# From here on out.npy, m.npy and e.npy are good old outputs.
all="out.npy --mantissas m.npy --exponents e.npy"
"$npy" make float32 2,2 nan.npy 1 2 nan 4
"$npy" make float64 2,2 inf.npy 1 2 3 -inf
"$npy" make int8 2 int8.npy 1
refused "nan.npy: element 2 is NaN or infinite" quantize nan.npy $all
refused "inf.npy: element 3 is NaN or infinite" quantize inf.npy $all
refused "int8.npy: elements of int8, expected float32 or float64" quantize int8.npy $all
"$npy" make float64 1 huge.npy -3.4028236692093846e38
refused "huge.npy: element 0 is -2^128" quantize huge.npy $all --clip asymmetric
refused "none.npy: cannot be read: No such file" quantize none.npy $all
head -c 100 in.npy >cut.npy
refused "cut.npy: offset 100: file cut short" quantize cut.npy $all
head -c 200 in.npy >cut.npy
refused "cut.npy: offset 200: file cut short, expected 1024 bytes of float32 (4, 64), got 72" quantize cut.npy $all
{ cat in.npy; echo; } >long.npy
refused "long.npy: offset 1152: bytes left over" quantize long.npy $all
echo "not an array" >text.npy
refused "text.npy: offset 0: not an NPY file" quantize text.npy $all
refused "in.npy/out.npy: cannot be written: Not a directory" quantize in.npy in.npy/out.npy
refused "in.npy/m: cannot be written: Not a directory" quantize in.npy out.npy --mantissas in.npy/m
refused "none/e: cannot be written: No such file" quantize in.npy out.npy --exponents none/e
refused ".: cannot be written: Is a directory" quantize in.npy .
refused "/dev/full: cannot be written: No space left" quantize in.npy out.npy --mantissas /dev/full
refused "out.npy: named for two outputs" quantize in.npy out.npy --mantissas ./out.npy

refused "expected two files" quantize in.npy
refused "expected two files only" quantize in.npy out.npy more.npy
refused "format 'bfp17': expected" quantize in.npy out.npy --format bfp17
refused "block 'tile:0x2': expected" quantize in.npy out.npy --block tile:0x2
refused "'up': expected" quantize in.npy out.npy --rounding up
refused "--clip: expected symmetric or asymmetric, got 'both'" quantize in.npy out.npy --clip both
refused "--random-bits: expected a whole number in 1..24, got '25'" quantize in.npy out.npy --random-bits 25
refused "--lanes: expected a power of two, got '3'" quantize in.npy out.npy --lanes 3
refused "--seed: expected a whole number" quantize in.npy out.npy --seed -1
refused "--exponents: fixed point has no shared exponents" quantize in.npy out.npy --format fixed8.4 --exponents e.npy
refused "--block dim0: fixed point has no blocks" quantize in.npy out.npy --block dim0 --format fixed8.4
finish
