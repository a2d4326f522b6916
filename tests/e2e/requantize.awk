# Quantizes the operand in a folder of golden vectors, from the hex files alone, by numerics 3 and 7
# as they are written there; prints the mantissas as the folder's out0.hex should be, then the
# exponents as out0.exp.hex should. For bfp out in blocks tensor, dim0, sample; stochastic rounding.
#   awk -v folder=DIR/c001-... -f requantize.awk

function hex(text, bits,   i, v) { # two's complement of `bits` bits
  v = 0
  for (i = 1; i <= length(text); i++) v = 16 * v + index("0123456789abcdef", substr(text, i, 1)) - 1
  return v >= 2 ^ (bits - 1) && bits > 0 ? v - 2 ^ bits : v
}
function floor(v,   t) { t = int(v); return t > v ? t - 1 : t }
function log2(v,   n) { # floor(log2 v), v > 0
  for (n = 0; v >= 2; n++) v = floor(v / 2)
  return n
}
function step(i) { return e[floor(i / (n / p["in0_n0"])) * p["in0_nl"] + (p["in0_nl"] > 1 ? i % p["in0_nl"] : 0)] }
function digits(v, bits) { return sprintf("%0" int((bits + 3) / 4) "x", v < 0 ? v + 2 ^ bits : v) }

BEGIN {
  while ((getline line < (folder "/plusargs")) > 0) {
    at = index(line, "=")
    p[substr(line, 2, at - 2)] = substr(line, at + 1) + 0
  }
  n = p["in0_elements"]
  wl = p["out0_wl"]
  R = p["random_bits"]
  for (i = 0; (getline line < (folder "/in0.exp.hex")) > 0; i++) e[i] = hex(line, 16)
  for (i = 0; (getline line < (folder "/in0.hex")) > 0; i++) m[i] = hex(line, 32)
  for (i = 0; (getline line < (folder "/draws.hex")) > 0; i++) r[i] = hex(line, 0)
  blocks = p["out0_exponents_elements"]
  length_ = n / blocks
  limit = 2 ^ (wl - 1) - 1
  for (b = 0; b < blocks; b++) {
    E = -1000
    for (i = b * length_; i < (b + 1) * length_; i++) {
      top = m[i] == 0 ? -1000 : log2(m[i] < 0 ? -m[i] : m[i]) + step(i)
      if (top > E) E = top
    }
    zero = E < -128
    E = zero ? -128 : E > 127 ? 127 : E
    for (i = b * length_; i < (b + 1) * length_; i++) {
      s = E - (wl - 2) - step(i)
      if (s <= 0) q = m[i] * 2 ^ -s
      else if (s <= R) q = floor((m[i] + floor(r[i] / 2 ^ (R - s))) / 2 ^ s)
      else q = floor((m[i] + r[i] * 2 ^ (s - R)) / 2 ^ s)
      q = zero ? 0 : q > limit ? limit : q < -limit ? -limit : q
      print digits(q, wl)
    }
    shared[b] = E
  }
  for (b = 0; b < blocks; b++) print digits(shared[b], 8)
}
