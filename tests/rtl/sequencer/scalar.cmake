# The sequencers on the scalar unit: softmax; norm, norm_back and statistics.
add_library(bt_rtl_scalar_sequencer_bench STATIC)
foreach(unit softmax norm)
  bt_verilate(bt_rtl_scalar_sequencer_bench Vcheck_${unit}_4 ${unit}_sequencer counted Lanes=4)
  bt_verilate(bt_rtl_scalar_sequencer_bench Vcheck_${unit}_16 ${unit}_sequencer checked Lanes=16)
endforeach()
target_compile_definitions(bt_rtl_scalar_sequencer_bench PUBLIC VM_TRACE=$<BOOL:${BITTRUE_TRACE}>)

foreach(name test_rtl_softmax_sequencer test_rtl_norm_sequencer)
  add_executable(${name} ${CMAKE_CURRENT_LIST_DIR}/${name}.cpp)
  target_link_libraries(${name} PRIVATE bt_rtl_sequencer_bench bt_rtl_scalar_sequencer_bench
    bittrue_all)
  target_compile_options(${name} PRIVATE ${BT_WARNINGS})
  target_compile_definitions(${name} PRIVATE
    BITTRUE_RECIPE="${PROJECT_SOURCE_DIR}/models/recipes/lenet5-fashion.yaml"
    BITTRUE_NORM_RECIPE="${PROJECT_SOURCE_DIR}/models/recipes/preresnet20-cifar10.yaml")
  add_test(NAME ${name} COMMAND ${name})
endforeach()
set_tests_properties(test_rtl_norm_sequencer PROPERTIES COST 40) # begins early: it is long

bt_iverilog_test(softmax_row)
bt_iverilog_test(norm_statistics)

bt_synthesis_test(softmax_halvings)
# The scalar unit is synthesised by itself.
bt_synthesis_test(softmax_sequencer Lanes=4 Classes=16 APART scalar_unit)
bt_synthesis_test(norm_sequencer Lanes=4 APART scalar_unit)
