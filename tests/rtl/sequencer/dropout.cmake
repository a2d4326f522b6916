# dropout.
add_library(bt_rtl_dropout_bench STATIC)
bt_verilate(bt_rtl_dropout_bench Vcheck_dropout_4 dropout_sequencer counted Lanes=4)
bt_verilate(bt_rtl_dropout_bench Vcheck_dropout_16 dropout_sequencer checked Lanes=16)
add_executable(test_rtl_dropout_sequencer sequencer/test_rtl_dropout_sequencer.cpp)
target_link_libraries(test_rtl_dropout_sequencer PRIVATE bt_rtl_dropout_bench
  bt_rtl_sequencer_bench bittrue_all)
target_compile_options(test_rtl_dropout_sequencer PRIVATE ${BT_WARNINGS})
add_test(NAME test_rtl_dropout_sequencer COMMAND test_rtl_dropout_sequencer)

bt_iverilog_test(dropout_unit)
bt_synthesis_test(dropout_unit Lanes=1) # with all its parts
bt_synthesis_test(dropout_sequencer Lanes=1)
