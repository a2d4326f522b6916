# The sequencer of quantize, with small stores and with larger ones.
add_library(bt_rtl_quantize_bench STATIC)
bt_verilate(bt_rtl_quantize_bench Vcheck_quantize_4 quantize_sequencer counted Lanes=4 Entries=64
  Tiles=16)
bt_verilate(bt_rtl_quantize_bench Vcheck_quantize_16 quantize_sequencer checked Lanes=16 Tiles=128)
add_executable(test_rtl_quantize_sequencer sequencer/test_rtl_quantize_sequencer.cpp)
target_link_libraries(test_rtl_quantize_sequencer PRIVATE bt_rtl_quantize_bench
  bt_rtl_sequencer_bench bittrue_all)
target_compile_options(test_rtl_quantize_sequencer PRIVATE ${BT_WARNINGS})
add_test(NAME test_rtl_quantize_sequencer COMMAND test_rtl_quantize_sequencer)

bt_synthesis_test(band_walker Lanes=4)
bt_synthesis_test(tile_walker Lanes=2 IndexBits=3)
bt_synthesis_test(pass_reader Lanes=2 Depth=2)
bt_synthesis_test(quantize_plan Entries=8 Tiles=2 WordBytes=16)
bt_synthesis_test(tile_store Tiles=4 TileBits=2)

# The quantizer's bands of several tiles, its stalls and every draw's width, on another simulator.
bt_iverilog_test(bfp_quantizer)
