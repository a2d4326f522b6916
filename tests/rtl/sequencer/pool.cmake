# pool, pool_back, pool_sum and spread.
add_library(bt_rtl_pool_bench STATIC)
bt_verilate(bt_rtl_pool_bench Vcheck_pool_4 pool_sequencer counted Lanes=4 Depth=1024)
bt_verilate(bt_rtl_pool_bench Vcheck_pool_16 pool_sequencer checked Lanes=16 Depth=1024)
add_executable(test_rtl_pool_sequencer sequencer/test_rtl_pool_sequencer.cpp)
target_link_libraries(test_rtl_pool_sequencer PRIVATE bt_rtl_pool_bench bt_rtl_sequencer_bench
  bittrue_all)
target_compile_options(test_rtl_pool_sequencer PRIVATE ${BT_WARNINGS})
add_test(NAME test_rtl_pool_sequencer COMMAND test_rtl_pool_sequencer)

bt_iverilog_test(pool_unit)
bt_synthesis_test(pool_unit Lanes=2 Depth=8) # with all its parts
bt_synthesis_test(pool_plan)
bt_synthesis_test(pool_exponents Lanes=4)
