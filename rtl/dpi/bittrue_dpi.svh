// bittrue's reference arithmetic for SystemVerilog benches: imports of DPI-C functions. Include it
// in a module or a package; docs/dpi.md says how to build. "numerics N" cites docs/numerics.md,
// which defines every result.
//
// Nothing here ends or stops the simulation. A function of type int returns 0, or another number
// and changes nothing but the count and the text of errors, which bittrue_dpi_errors() and
// bittrue_dpi_error() give. Arrays are unpacked, of one dimension and fixed size; element i is the
// i-th from the lowest index. Sizes that do not fit each other are errors.

// ---- A handle: a generator, formats, counts. As many as wanted. ----

// Starts one with the generator of the seed in `lanes` lanes (1 to 64, a power of two; numerics
// 4.3), format bfp8 in block tensor, stochastic rounding with 16 bits, an accumulator of 32 bits.
// Wrong lanes are an error of the handle, which then has 1. null when out of memory.
import "DPI-C" function chandle bittrue_dpi_open(input longint seed, input int lanes);
import "DPI-C" function void bittrue_dpi_close(input chandle handle);
// The last error's line, "" before any; how many calls failed.
import "DPI-C" function string bittrue_dpi_error(input chandle handle);
import "DPI-C" function int bittrue_dpi_errors(input chandle handle);

// ---- How to compute ----

// Format "bfp8", "fixed8.6" (numerics 2), blocks "tensor", "dim0", "sample", "k32", "tile:2x2", and
// whether the clip takes in -2^(wl-1).
import "DPI-C" function int bittrue_dpi_format(input chandle handle, input string format,
                                               input string block, input bit asymmetric);
// "stochastic" with 1 to 24 random bits and maybe sr_half, "nearest_even", "nearest_away", "floor"
// (numerics 3).
import "DPI-C" function int bittrue_dpi_rounding(input chandle handle, input string mode,
                                                 input int random_bits, input bit sr_half);
// The accumulator of gemm (numerics 8.1): bits 8 to 32, wraps or saturates, shift 0 to 14 with its
// rounding (stochastic takes the random bits of bittrue_dpi_rounding()), chunk (0: none) and its
// bits.
import "DPI-C" function int bittrue_dpi_accumulator(
  input chandle handle, input int acc_bits, input bit wrap, input int acc_shift,
  input string acc_rounding, input int chunk, input int psum_bits);

// ---- The generator (numerics 4) ----

// One draw of 1 to 24 bits from one lane, which makes as many steps; the position stays.
import "DPI-C" function int bittrue_dpi_draw(input chandle handle, input int lane, input int bits,
                                             output int draw);
// All lanes by draws of so many bits, and the position with them.
import "DPI-C" function int bittrue_dpi_advance(input chandle handle, input longint draws,
                                                input int bits);
import "DPI-C" function int bittrue_dpi_lane(input chandle handle, input int lane,
                                             output int state);
// Steps since the start, of quantize, gemm and advance; -1 without a handle.
import "DPI-C" function longint bittrue_dpi_position(input chandle handle);

// ---- Arithmetic ----

// round(mantissa, surplus) with this draw (numerics 3); |mantissa| < 2^62.
import "DPI-C" function int bittrue_dpi_round(input chandle handle, input longint mantissa,
                                              input int surplus, input int draw,
                                              output longint rounded);
// A tensor of rows x columns (numerics 7): values mantissa[i] * 2^step[i], step of as many elements
// or of one for all, -8191 to 8191. quantized: a mantissa an element; exponent: E of each block, or
// nothing for fixed point. Stochastic rounding draws and advances the generator.
import "DPI-C" function int bittrue_dpi_quantize(
  input chandle handle, input int rows, input int columns, input int mantissa[],
  input int step[], output shortint quantized[], output int exponent[]);
// out[m][n] = sum over k, ascending, of a[m][k] * b[k][n] in the accumulator (numerics 8.1).
import "DPI-C" function int bittrue_dpi_gemm(input chandle handle, input int m, input int n,
                                             input int k, input byte a[], input byte b[],
                                             output int out[]);

// y = c0 + sum of c_i * x_i (numerics 9), put together in steps. A term, at most four: a constant
// of a 16-bit mantissa (numerics 10), or one for each column; values x * 2^x_step with
// |x| <= 2^x_bits, x_bits 0 to 31.
import "DPI-C" function int bittrue_dpi_affine_term(
  input chandle handle, input int c_mantissa[], input int c_exponent[], input int x[],
  input int x_step, input int x_bits);
// c0, of a 32-bit mantissa.
import "DPI-C" function int bittrue_dpi_affine_addend(input chandle handle, input int mantissa,
                                                      input int exponent);
// The terms so far, which it takes away, also when it fails: y of rows x columns, its step exponent
// and width; with relu mask says where y was above 0, else it is all 1.
import "DPI-C" function int bittrue_dpi_affine(
  input chandle handle, input int rows, input int columns, input bit relu, output int y[],
  output byte mask[], output int y_step, output int y_bits);

// What the handle's calls counted so far: "clipped", "overflow", "flushed" elements of quantize
// (numerics 7), "saturations" of gemm's additions; -1 for another name.
import "DPI-C" function longint bittrue_dpi_count(input chandle handle, input string name);
