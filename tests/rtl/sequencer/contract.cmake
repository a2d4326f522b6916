# Contractions.
add_library(bt_rtl_contract_bench STATIC)
bt_verilate(bt_rtl_contract_bench Vcheck_contract_4 contract_sequencer counted Lanes=4 Rows=4
  Cols=4 Depth=64 Blocks=64)
bt_verilate(bt_rtl_contract_bench Vcheck_contract_3x4 contract_sequencer checked Lanes=4 Rows=3
  Cols=4 Depth=16 Blocks=64 AccBits=14)
bt_verilate(bt_rtl_contract_bench Vcheck_contract_4x3 contract_sequencer checked Lanes=4 Rows=4
  Cols=3 Depth=32 Blocks=64 AccBits=16 Saturate=0)
bt_verilate(bt_rtl_contract_bench Vcheck_contract_16 contract_sequencer checked Lanes=16)
add_executable(test_rtl_contract_sequencer sequencer/test_rtl_contract_sequencer.cpp)
target_link_libraries(test_rtl_contract_sequencer PRIVATE bt_rtl_contract_bench
  bt_rtl_sequencer_bench bittrue_all)
target_compile_options(test_rtl_contract_sequencer PRIVATE ${BT_WARNINGS})
add_test(NAME test_rtl_contract_sequencer COMMAND test_rtl_contract_sequencer)

bt_iverilog_test(contract_operand)
bt_synthesis_test(contract_operand Lanes=4 Banks=2 Units=2 Depth=4) # with all its parts
bt_synthesis_test(contract_setup Rows=2 Depth=8)
bt_synthesis_test(contract_plan Blocks=8)
bt_synthesis_test(contract_visits Rows=2 Cols=2 Depth=8)
bt_synthesis_test(contract_feed Rows=2 Cols=2 Depth=8)
bt_synthesis_test(contract_results Lanes=4 Rows=2 Cols=2 Queue=4)
bt_synthesis_test(contract_cells Lanes=4)
