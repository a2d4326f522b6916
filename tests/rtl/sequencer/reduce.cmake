# The sequencers of reduce and average: with small stores, whose limits are met, and with the
# machine's.
add_library(bt_rtl_reduce_bench STATIC)
bt_verilate(bt_rtl_reduce_bench Vcheck_reduce_4 reduce_sequencer counted Lanes=4 Depth=64 Blocks=32
  Groups=2)
bt_verilate(bt_rtl_reduce_bench Vcheck_reduce_16 reduce_sequencer checked Lanes=16)
bt_verilate(bt_rtl_reduce_bench Vcheck_average_4 average_sequencer counted Lanes=4 Blocks=32)
bt_verilate(bt_rtl_reduce_bench Vcheck_average_16 average_sequencer checked Lanes=16)
foreach(name test_rtl_reduce_sequencer test_rtl_average_sequencer)
  add_executable(${name} sequencer/${name}.cpp)
  target_include_directories(${name} PRIVATE ${CMAKE_CURRENT_LIST_DIR})
  target_link_libraries(${name} PRIVATE bt_rtl_reduce_bench bt_rtl_sequencer_bench bittrue_all)
  target_compile_options(${name} PRIVATE ${BT_WARNINGS})
  add_test(NAME ${name} COMMAND ${name})
endforeach()

bt_iverilog_test(reduce_unit)
bt_iverilog_test(average_lane)

bt_synthesis_test(reduce_unit Lanes=2 Depth=4 Blocks=2)
bt_synthesis_test(reduce_plan Blocks=8 Groups=2)
bt_synthesis_test(vector_writer Lanes=4)
bt_synthesis_test(block_walker Lanes=2 BlockBits=3)
bt_synthesis_test(average_lane)

# Whole sequencers as far as their registers: the gates of all their parts together take minutes.
bt_elaboration_test(reduce_sequencer Lanes=4 Blocks=8)
bt_elaboration_test(average_sequencer Lanes=4 Blocks=8)
