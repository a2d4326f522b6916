# The machine around the sequencers.
add_library(bt_rtl_descriptor_bench STATIC ${PROJECT_SOURCE_DIR}/rtl/dv/descriptor_check.cpp)
bt_verilate(bt_rtl_descriptor_bench Vcheck_descriptor_4 descriptor_check counted Lanes=4)
bt_verilate(bt_rtl_descriptor_bench Vcheck_descriptor_16 descriptor_check checked Lanes=16)
target_link_libraries(bt_rtl_descriptor_bench PUBLIC bt_rtl_sequencer_bench)
set_source_files_properties(${PROJECT_SOURCE_DIR}/rtl/dv/descriptor_check.cpp PROPERTIES
  COMPILE_OPTIONS "${BT_WARNINGS}")
add_executable(test_rtl_descriptor_check sequencer/test_rtl_descriptor_check.cpp)
target_link_libraries(test_rtl_descriptor_check PRIVATE bt_rtl_descriptor_bench bittrue_all)
target_compile_options(test_rtl_descriptor_check PRIVATE ${BT_WARNINGS})
add_test(NAME test_rtl_descriptor_check COMMAND test_rtl_descriptor_check)

bt_iverilog_test(machine_control)

add_library(bt_rtl_axi_bench STATIC)
bt_verilate(bt_rtl_axi_bench Vcheck_axi_lite axi_lite_slave counted)
target_link_libraries(bt_rtl_axi_bench PUBLIC bt_rtl_sequencer_bench)
add_executable(test_rtl_axi_lite sequencer/test_rtl_axi_lite.cpp)
target_link_libraries(test_rtl_axi_lite PRIVATE bt_rtl_axi_bench)
target_compile_options(test_rtl_axi_lite PRIVATE ${BT_WARNINGS})
add_test(NAME test_rtl_axi_lite COMMAND test_rtl_axi_lite)

bt_synthesis_test(clock_gate)
bt_synthesis_test(axi_lite_slave)
bt_synthesis_test(axi_master WordBytes=4)
bt_synthesis_test(machine_control Lanes=4 Counters=2)
bt_synthesis_test(machine_counters)
bt_synthesis_test(machine_fetch Lanes=64)
bt_synthesis_test(descriptor_head)
bt_synthesis_test(descriptor_slot)
bt_synthesis_test(descriptor_shape)

# The whole machine elaborates under the other two tools.
bt_elaboration_test(bt_machine_axi Lanes=4 Rows=2 Cols=2)
set_tests_properties(test_rtl_synthesis_bt_machine_axi PROPERTIES LABELS long) # a minute of yosys
add_test(NAME test_rtl_iverilog_elaboration_bt_machine_axi
  COMMAND ${BT_IVERILOG} -g2012 -t null -s bt_machine_axi -Pbt_machine_axi.Lanes=4
    -Pbt_machine_axi.Rows=2 -Pbt_machine_axi.Cols=2 ${package} ${files})

# The whole machine, behind the plain memory port and behind AXI4.
add_library(bt_rtl_machine_bench STATIC)
bt_verilate(bt_rtl_machine_bench Vcheck_machine_8 bt_machine checked Lanes=8 Rows=8 Cols=8)
bt_verilate(bt_rtl_machine_bench Vcheck_machine_axi_4 bt_machine_axi counted Lanes=4 Rows=4 Cols=4)
target_link_libraries(bt_rtl_machine_bench PUBLIC bt_rtl_descriptor_bench)
add_executable(test_rtl_machine sequencer/test_rtl_machine.cpp)
target_link_libraries(test_rtl_machine PRIVATE bt_rtl_machine_bench bittrue_all)
target_compile_options(test_rtl_machine PRIVATE ${BT_WARNINGS})
add_test(NAME test_rtl_machine COMMAND test_rtl_machine)

# Training on it, on the models of the engine.
add_executable(test_rtl_machine_train sequencer/test_rtl_machine_train.cpp)
target_link_libraries(test_rtl_machine_train PRIVATE bt_rtl_machine bittrue_all)
target_include_directories(test_rtl_machine_train PRIVATE ${CMAKE_CURRENT_SOURCE_DIR})
target_compile_options(test_rtl_machine_train PRIVATE ${BT_WARNINGS})
target_compile_definitions(test_rtl_machine_train PRIVATE
  BITTRUE_MLP="${PROJECT_SOURCE_DIR}/models/recipes/mlp-fashion.yaml"
  BITTRUE_LENET="${PROJECT_SOURCE_DIR}/models/recipes/lenet5-fashion.yaml")
add_test(NAME test_rtl_machine_train COMMAND test_rtl_machine_train)

# Drawn commands on it, in lockstep with the reference, with a table of the cases they met.
add_executable(test_rtl_machine_commands sequencer/test_rtl_machine_commands.c
  ${PROJECT_SOURCE_DIR}/tests/unit/fast/random_case.c
  ${PROJECT_SOURCE_DIR}/tests/unit/fast/random_norm.c
  ${PROJECT_SOURCE_DIR}/tests/unit/fast/random_results.c)
target_link_libraries(test_rtl_machine_commands PRIVATE bt_rtl_machine bittrue_all
  PkgConfig::CMOCKA)
target_include_directories(test_rtl_machine_commands PRIVATE ${PROJECT_SOURCE_DIR}/tests)
target_compile_options(test_rtl_machine_commands PRIVATE ${BT_WARNINGS})
add_test(NAME test_rtl_machine_commands COMMAND test_rtl_machine_commands)
set_tests_properties(test_rtl_machine_commands PROPERTIES COST 60) # begins early: it is the longest

# The model of its elapsed cycles, on drawn commands and on training steps.
add_executable(test_rtl_machine_time sequencer/test_rtl_machine_time.c
  ${PROJECT_SOURCE_DIR}/tests/unit/fast/random_case.c
  ${PROJECT_SOURCE_DIR}/tests/unit/fast/random_norm.c
  ${PROJECT_SOURCE_DIR}/tests/unit/fast/random_results.c)
target_link_libraries(test_rtl_machine_time PRIVATE bt_rtl_machine bittrue_all PkgConfig::CMOCKA)
target_include_directories(test_rtl_machine_time PRIVATE ${PROJECT_SOURCE_DIR}/tests)
target_compile_options(test_rtl_machine_time PRIVATE ${BT_WARNINGS})
target_compile_definitions(test_rtl_machine_time PRIVATE
  BITTRUE_MLP="${PROJECT_SOURCE_DIR}/models/recipes/mlp-fashion-b32.yaml"
  BITTRUE_LENET="${PROJECT_SOURCE_DIR}/models/recipes/lenet5-fashion.yaml")
add_test(NAME test_rtl_machine_time COMMAND test_rtl_machine_time)
# The second command of seed 7: an affine of an operand with a cell an element, more than the store.
add_test(NAME test_rtl_machine_time_cells COMMAND test_rtl_machine_time 7 2 1)
