# affine and gate. With 4 lanes the stores are small, so that drawn commands pass their ends.
add_library(bt_rtl_affine_sequencer_bench STATIC sequencer/affine_draw.cpp)
bt_verilate(bt_rtl_affine_sequencer_bench Vcheck_affine_sequencer_4 affine_sequencer counted Lanes=4
  Cells=64 Exponents=256 Vector=128)
bt_verilate(bt_rtl_affine_sequencer_bench Vcheck_affine_sequencer_16 affine_sequencer checked
  Lanes=16)
target_include_directories(bt_rtl_affine_sequencer_bench PRIVATE ${PROJECT_SOURCE_DIR}/emu
  ${PROJECT_SOURCE_DIR}/include ${PROJECT_SOURCE_DIR}/rtl/dv ${CMAKE_CURRENT_SOURCE_DIR})
set_source_files_properties(sequencer/affine_draw.cpp PROPERTIES COMPILE_OPTIONS "${BT_WARNINGS}")
add_executable(test_rtl_affine_sequencer sequencer/test_rtl_affine_sequencer.cpp)
target_link_libraries(test_rtl_affine_sequencer PRIVATE bt_rtl_affine_sequencer_bench
  bt_rtl_sequencer_bench bittrue_all)
target_compile_options(test_rtl_affine_sequencer PRIVATE ${BT_WARNINGS})
target_compile_definitions(test_rtl_affine_sequencer PRIVATE
  BITTRUE_RECIPE="${PROJECT_SOURCE_DIR}/models/recipes/lenet5-fashion.yaml")
add_test(NAME test_rtl_affine_sequencer COMMAND test_rtl_affine_sequencer)

bt_iverilog_test(affine_walk)
bt_synthesis_test(affine_walk Lanes=2)
bt_synthesis_test(affine_constant Lanes=4 Vector=8)
bt_synthesis_test(affine_geometry)
bt_synthesis_test(affine_gate Lanes=4 Exponents=16)
# The whole of it takes long to become cells.
bt_elaboration_test(affine_sequencer Lanes=4 Cells=16 Exponents=16 Vector=16)
