# The array's accumulators (numerics 8.1), their draws, tiles with both, and the weight-stationary
# array.
add_library(bt_rtl_accumulator_bench STATIC)
# AccRounding: 0 stochastic, 1 nearest_even; floor without.
bt_verilate(bt_rtl_accumulator_bench Vcheck_pe_s8 mac_pe counted AccBits=8)
bt_verilate(bt_rtl_accumulator_bench Vcheck_pe_w8 mac_pe counted AccBits=8 Saturate=0 AccShift=2
  AccRounding=1)
bt_verilate(bt_rtl_accumulator_bench Vcheck_pe_n8 mac_pe counted AccBits=8 AccShift=4 AccRounding=1)
bt_verilate(bt_rtl_accumulator_bench Vcheck_pe_r8 mac_pe counted AccBits=8 AccShift=4 AccRounding=0)
bt_verilate(bt_rtl_accumulator_bench Vcheck_pe_f12 mac_pe counted AccBits=12 AccShift=4)
bt_verilate(bt_rtl_accumulator_bench Vcheck_pe_c8 mac_pe counted AccBits=8 Chunk=3 PsumBits=8)
bt_verilate(bt_rtl_accumulator_bench Vcheck_pe_cw mac_pe counted AccBits=10 Saturate=0 AccShift=1
  AccRounding=1 Chunk=4 PsumBits=9)
bt_verilate(bt_rtl_accumulator_bench Vcheck_pe_cr mac_pe counted AccBits=9 AccShift=3 AccRounding=0
  RandomBits=2 Chunk=5 PsumBits=12)
bt_verilate(bt_rtl_accumulator_bench Vcheck_pe_r18 mac_pe counted AccBits=18 AccShift=4
  AccRounding=0 RandomBits=24)
bt_verilate(bt_rtl_accumulator_bench Vcheck_pe_c1 mac_pe counted AccBits=9 AccShift=6 AccRounding=0
  RandomBits=1 Chunk=1 PsumBits=11)
bt_verilate(bt_rtl_accumulator_bench Vcheck_pe_p32 mac_pe counted AccBits=8 AccShift=14
  AccRounding=1 Chunk=16)
bt_verilate(bt_rtl_accumulator_bench Vcheck_pe_p14 mac_pe counted AccShift=14 AccRounding=0
  RandomBits=7 Chunk=2 PsumBits=8)
bt_verilate(bt_rtl_accumulator_bench Vcheck_walker_1 draw_walker counted Lanes=1 RandomBits=24)
bt_verilate(bt_rtl_accumulator_bench Vcheck_walker_2 draw_walker counted Lanes=2 RandomBits=1)
bt_verilate(bt_rtl_accumulator_bench Vcheck_walker_16 draw_walker counted)
bt_verilate(bt_rtl_accumulator_bench Vcheck_walker_64 draw_walker checked Lanes=64 RandomBits=11)
bt_verilate(bt_rtl_accumulator_bench Vcheck_jump_1 draw_jump counted Lanes=1)
bt_verilate(bt_rtl_accumulator_bench Vcheck_jump_16 draw_jump counted)
bt_verilate(bt_rtl_accumulator_bench Vcheck_jump_64 draw_jump checked Lanes=64 RandomBits=24)
bt_verilate(bt_rtl_accumulator_bench Vcheck_loader_2x3 draw_loader counted Rows=2 Cols=3)
bt_verilate(bt_rtl_accumulator_bench Vcheck_loader_5x1 draw_loader checked Rows=5 Cols=1 Lanes=1
  RandomBits=5)
bt_verilate(bt_rtl_accumulator_bench Vcheck_loader_4x4 draw_loader checked Rows=4 Cols=4 Lanes=4)
bt_verilate(bt_rtl_accumulator_bench Vcheck_array_f12 mac_tile checked Rows=3 Cols=4 AccBits=12
  AccShift=4)
bt_verilate(bt_rtl_accumulator_bench Vcheck_array_n8 mac_tile counted Rows=1 Cols=1 AccBits=8
  AccShift=6 AccRounding=1 Chunk=2 PsumBits=10)
bt_verilate(bt_rtl_accumulator_bench Vcheck_array_c10 mac_tile checked Rows=2 Cols=5 AccBits=10
  Saturate=0 Chunk=4 PsumBits=12)
bt_verilate(bt_rtl_accumulator_bench Vcheck_array_r14 mac_tile checked Rows=3 Cols=4 AccBits=14
  AccShift=3 AccRounding=0 Lanes=4)
bt_verilate(bt_rtl_accumulator_bench Vcheck_array_rc16 mac_tile counted Rows=4 Cols=2 AccBits=12
  AccShift=5 AccRounding=0 RandomBits=3 Chunk=3 PsumBits=14)
bt_verilate(bt_rtl_accumulator_bench Vcheck_array_r16 mac_tile checked Rows=3 Cols=3 AccBits=16
  AccShift=2 AccRounding=0 RandomBits=24 Lanes=1)
bt_verilate(bt_rtl_accumulator_bench Vcheck_ws_4x3 mac_tile_ws checked Rows=4 Cols=3 Depth=8
  AccBits=16)
bt_verilate(bt_rtl_accumulator_bench Vcheck_ws_1x1 mac_tile_ws counted Rows=1 Cols=1 Depth=4
  AccBits=15)
bt_verilate(bt_rtl_accumulator_bench Vcheck_ws_5x5_w mac_tile_ws checked Rows=5 Cols=5 Depth=3
  AccBits=12 Saturate=0 AccShift=3)
bt_verilate(bt_rtl_accumulator_bench Vcheck_ws_4x2_n mac_tile_ws checked Rows=4 Cols=2 Depth=16
  AccBits=8 AccShift=6 AccRounding=1)
bt_verilate(bt_rtl_accumulator_bench Vcheck_ws_3x4_c mac_tile_ws counted Rows=3 Cols=4 Depth=5
  AccBits=10 AccShift=4 AccRounding=1 Chunk=4 PsumBits=14)
target_include_directories(bt_rtl_accumulator_bench PUBLIC ${PROJECT_SOURCE_DIR}/rtl/dv
  ${PROJECT_SOURCE_DIR}/emu ${PROJECT_SOURCE_DIR}/include)
target_compile_definitions(bt_rtl_accumulator_bench PUBLIC VM_TRACE=$<BOOL:${BITTRUE_TRACE}>)
foreach(name accumulator draw array_variants array_ws)
  bt_rtl_test(test_rtl_${name} bt_rtl_accumulator_bench bittrue_all)
endforeach()

bt_iverilog_test(accumulator)
bt_iverilog_test(draw_walker)
bt_iverilog_test(mac_tile_ws)

bt_synthesis_test(aligner_sum)
bt_synthesis_test(over_add)
bt_synthesis_test(mac_round Shift=4 Rounding=1)
bt_synthesis_test(mac_accumulator AccBits=12 AccShift=4 AccRounding=0 Chunk=3 PsumBits=16)
bt_synthesis_test(lfsr_square)
bt_synthesis_test(lfsr_times)
bt_synthesis_test(draw_walker)
bt_synthesis_test(draw_loader Rows=2 Cols=2) # with draw_jump
bt_synthesis_test(mac_pe_ws Chunk=3 PsumBits=16 AccShift=2)
bt_synthesis_test(mac_array_ws Rows=2 Cols=3)
bt_synthesis_test(mac_tile_ws Rows=2 Cols=2 Depth=4 Chunk=3)

add_test(NAME test_rtl_synthesis_table COMMAND ${PROJECT_SOURCE_DIR}/scripts/synth.sh over_add)
set_tests_properties(test_rtl_synthesis_table PROPERTIES
  PASS_REGULAR_EXPRESSION "over_add \\| 1 \\| [1-9][0-9]* \\| 0 \\| 0 \\| [1-9]")
