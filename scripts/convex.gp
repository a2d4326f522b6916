# The figures of the convex experiments; called by scripts/convex.sh with dir, nearest, sgd, swa.
set datafile separator ","
set datafile missing ""
set style line 1 lc rgb "#b22222" lw 2 dt 1 pt 7 ps 0.5
set style line 2 lc rgb "#1f5fa8" lw 2 dt 1 pt 5 ps 0.5
set style line 3 lc rgb "#b22222" lw 1.5 dt 2
set style line 4 lc rgb "#1f5fa8" lw 1.5 dt 2
set style line 5 lc rgb "#555555" lw 1.5 dt 4
set grid lc rgb "#dddddd"
set border 3
set tics nomirror
set key outside below center horizontal
set logscale y
set format y "10^{%L}"

set terminal svg size 1000,420 font "sans-serif,13" background rgb "white"
set output dir."/convex-time.svg"
set multiplot layout 1,2
set title "Linear regression, weights fixed8.6"
set xlabel "step"
set ylabel "|w - w*|^2"
set logscale x
set format x "10^{%L}"
set xrange [100:1e6]
plot dir."/linear-fixed8.6.csv" using 1:3 with lines ls 1 title "SGD-LP", \
     "" using 1:4 with lines ls 2 title "SWALP", \
     "" using 1:5 with lines ls 3 title "SGD in double", \
     "" using 1:6 with lines ls 4 title "SWA in double", \
     nearest with lines ls 5 title "|Q(w*) - w*|^2"
unset logscale x
set format x "%g"
set title "Logistic regression on MNIST, weights fixed4.2"
set xlabel "epoch"
set ylabel "norm of the objective's gradient"
set xrange [0:50]
plot dir."/logistic-fixed4.2.csv" using ($1/600):(sqrt($3)) with lines ls 1 title "SGD-LP", \
     "" using ($1/600):(sqrt($4)) with lines ls 2 title "SWALP", \
     "" using ($1/600):(sqrt($5)) with lines ls 3 title "SGD in double", \
     "" using ($1/600):(sqrt($6)) with lines ls 4 title "SWA in double"
unset multiplot

set terminal svg size 620,420 font "sans-serif,13" background rgb "white"
set output dir."/convex-bits.svg"
set title "Logistic regression, MNIST at 7 x 7 pixels"
set xlabel "fractional bits of the weights"
set ylabel "squared norm of the objective's gradient"
set xrange [1.5:14.5]
set xtics 2, 2, 14
plot dir."/noise.csv" using 1:2 with linespoints ls 1 title "SGD-LP", \
     "" using 1:3 with linespoints ls 2 title "SWALP", \
     sgd with lines ls 3 title "SGD in double", swa with lines ls 4 title "SWA in double"
