# Slopes of squared errors on logarithmic axes, by least squares.
#   awk -v x=COLUMN -v y=COLUMN -v from=X -v to=X [-v log_x=1] [-v minus=FLOOR] -f convex-fit.awk CSV
# log2(y - minus) against x, or against log2(x) with log_x=1, for from <= x <= to. Prints the slope.
BEGIN { FS = "," }
FNR > 1 && $x >= from && $x <= to && $y != "" && $y - minus > 0 {
  u = log_x ? log($x) / log(2) : $x
  v = log($y - minus) / log(2)
  n++; su += u; sv += v; suu += u * u; suv += u * v
}
END {
  if (n < 2) { print "too few points"; exit 1 }
  printf "%.2f\n", (n * suv - su * sv) / (n * suu - su * su)
}
