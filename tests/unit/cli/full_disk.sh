# A disk that is full after 512 bytes: no output is half written, the old ones stay.
. "$(dirname "$0")/common.sh"

"$npy" make float32 40,40 in.npy 1 2 3
"$npy" make float32 8,8 small.npy 1 2 3
"$npy" make int8 40,40 a.npy 1 2 3
for old in out.npy m.npy e.npy c.npy; do
  echo "old $old" >$old
done
ulimit -f 1 || exit 1 # blocks of 512 bytes, the limit of every file that is written from here on
refused "out.npy: cannot be written: File too large" quantize in.npy out.npy
refused "fresh.npy: cannot be written: File too large" quantize in.npy fresh.npy
refused "m.npy: cannot be written: File too large" quantize in.npy /dev/null --mantissas m.npy
refused "out.npy: cannot be written: File too large" quantize in.npy out.npy --mantissas m.npy --exponents e.npy
refused "c.npy: cannot be written: File too large" gemm a.npy a.npy c.npy
ok quantize small.npy out.npy # 384 bytes
same "$(cat m.npy e.npy c.npy)" "$(printf 'old m.npy\nold e.npy\nold c.npy')" "old outputs"
finish
