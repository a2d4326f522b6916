# bittrue gemm: the contract's examples (numerics 8.1), shapes, refusals.
. "$(dirname "$0")/common.sh"

"$npy" make int8 1,2 a.npy 100
"$npy" make int8 2,1 b.npy 100
ok gemm a.npy b.npy c.npy --acc-bits 14
same "$out" "1 x 1 outputs of 2 products, 2 additions saturated" "counts"
shows c.npy "int32 (1, 1) 8191"
ok gemm a.npy b.npy c.npy --acc-bits 14 --overflow wrap --json
same "$out" '{"m": 1, "n": 1, "k": 2, "saturations": 1}' "counts as JSON"
shows c.npy "int32 (1, 1) 3616"
ok gemm a.npy b.npy c.npy --acc-bits 12 --acc-shift 4 --acc-rounding floor
shows c.npy "int32 (1, 1) 1250"
ok gemm a.npy b.npy c.npy --chunk 2 --psum-bits 12
shows c.npy "int32 (1, 1) 2047"

"$npy" make int8 2,3 a.npy 1 2 3 4 5 6
"$npy" make int8 3,2 b.npy 1 0 -1 2 0 -128
ok gemm a.npy b.npy c.npy
same "$out" "2 x 2 outputs of 3 products, 0 additions saturated" "counts"
shows c.npy "int32 (2, 2) -1 -380 -1 -758"
cp a.npy self.npy
ok gemm self.npy b.npy self.npy
shows self.npy "int32 (2, 2) -1 -380 -1 -758"

ok gemm a.npy b.npy s1.npy --acc-shift 3 --acc-rounding stochastic
ok gemm a.npy b.npy s2.npy --acc-shift 3 --acc-rounding stochastic --seed 1 --lanes 16 --random-bits 16
cmp -s s1.npy s2.npy || wrong "the same seed gave other bytes"

"$npy" make int8 2,0 none.npy
"$npy" make int8 0,3 rows.npy
ok gemm none.npy rows.npy c.npy
shows c.npy "int32 (2, 3) 0 0 0 0 0 0"

"$npy" make float32 2,3 f.npy 1
"$npy" make int8 6 flat.npy 1
refused "a.npy and a.npy: shapes (2, 3) and (2, 3) do not meet, expected (m, k) and (k, n)" gemm a.npy a.npy c.npy
refused "f.npy: elements of float32, expected int8" gemm a.npy f.npy c.npy
refused "flat.npy: shape (6,), expected two dimensions" gemm flat.npy b.npy c.npy
refused "none: cannot be read: No such file" gemm none b.npy c.npy
refused "a.npy/c: cannot be written: Not a directory" gemm a.npy b.npy a.npy/c
refused "/dev/full: cannot be written: No space left" gemm a.npy b.npy /dev/full
refused "expected three files" gemm a.npy b.npy
refused "expected three files only" gemm a.npy b.npy c.npy d.npy
refused "--acc-bits: expected a whole number in 8..32, got '33'" gemm a.npy b.npy c.npy --acc-bits 33
refused "--acc-shift: expected a whole number in 0..14, got 'x'" gemm a.npy b.npy c.npy --acc-shift x
refused "--overflow: expected saturate or wrap, got 'clip'" gemm a.npy b.npy c.npy --overflow clip
refused "--acc-rounding: expected floor, nearest_even or stochastic" gemm a.npy b.npy c.npy --acc-rounding nearest_away
finish
