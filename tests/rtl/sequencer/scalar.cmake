# The sequencers on the scalar unit: softmax; norm, norm_back and statistics.
add_library(bt_rtl_scalar_sequencer_bench STATIC)
foreach(lanes 4 16)
  bt_verilate(bt_rtl_scalar_sequencer_bench Vcheck_softmax_${lanes} softmax_sequencer checked
    Lanes=${lanes})
  bt_verilate(bt_rtl_scalar_sequencer_bench Vcheck_norm_${lanes} norm_sequencer checked
    Lanes=${lanes})
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

bt_iverilog_test(softmax_row)
bt_iverilog_test(norm_statistics)

# yosys, the scalar unit being a box: it is synthesised by itself.
function(bt_scalar_synthesis_test module)
  set(parameters)
  foreach(parameter ${ARGN})
    string(REPLACE "=" " " parameter ${parameter})
    string(APPEND parameters " -chparam ${parameter}")
  endforeach()
  add_test(NAME test_rtl_synthesis_${module}
    COMMAND ${BT_YOSYS} -q -p "read_verilog -sv ${package} ${yosys_files}; \
hierarchy -check -top ${module}${parameters}; blackbox *scalar_unit*; \
synth -flatten -top ${module}; check -assert; \
select -assert-none t:\$dlatch t:\$_DLATCH*; select -assert-min 1 t:*; tee -a /dev/stdout stat")
  set_tests_properties(test_rtl_synthesis_${module} PROPERTIES
    PASS_REGULAR_EXPRESSION "Number of cells: +[1-9]" FAIL_REGULAR_EXPRESSION "ERROR")
endfunction()
bt_synthesis_test(softmax_halvings)
bt_scalar_synthesis_test(softmax_sequencer Lanes=4 Classes=16)
bt_scalar_synthesis_test(norm_sequencer Lanes=4)
