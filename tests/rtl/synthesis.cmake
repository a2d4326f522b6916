# yosys takes every module, and makes no latch of it. Small sizes stand for all.
# bt_elaboration_test(MODULE Parameter=value...): down to registers and memories, all parts flat:
# ports that fit, no loops, no signal driven twice. What is below it is read as it is needed.
function(bt_elaboration_test module)
  set(set)
  foreach(parameter ${ARGN})
    string(REPLACE "=" " " parameter ${parameter})
    string(APPEND set " -set ${parameter}")
  endforeach()
  if(set)
    set(set "chparam${set} ${module};")
  endif()
  add_test(NAME test_rtl_synthesis_${module}
    COMMAND ${BT_YOSYS} -q -p "read_verilog -sv ${package} ${BT_HDL}/${module}.sv; ${set} \
hierarchy -check -libdir ${BT_HDL} -top ${module}; proc; flatten; check -assert; \
select -assert-none t:\$dlatch; select -assert-min 1 t:*; tee -a /dev/stdout stat")
  set_tests_properties(test_rtl_synthesis_${module} PROPERTIES
    PASS_REGULAR_EXPRESSION "Number of cells: +[1-9]" FAIL_REGULAR_EXPRESSION "ERROR")
endfunction()

# bt_synthesis_test(MODULE Parameter=value... [APART part]): that, and down to gates, which takes
# ten times as long; without a part that becomes gates by itself.
function(bt_synthesis_test module)
  cmake_parse_arguments(PARSE_ARGV 1 arg "" APART "")
  bt_elaboration_test(${module} ${arg_UNPARSED_ARGUMENTS})
  set(parameters)
  foreach(parameter ${arg_UNPARSED_ARGUMENTS})
    string(REPLACE "=" " " parameter ${parameter})
    string(APPEND parameters " -chparam ${parameter}")
  endforeach()
  set(apart)
  if(arg_APART)
    set(apart "blackbox *${arg_APART}*;")
  endif()
  add_test(NAME test_rtl_cells_${module}
    COMMAND ${BT_YOSYS} -q -p "read_verilog -sv ${package} ${yosys_files}; \
hierarchy -check -top ${module}${parameters}; ${apart} synth -flatten -top ${module}; \
check -assert; select -assert-none t:\$dlatch t:\$_DLATCH*; select -assert-min 1 t:*; \
tee -a /dev/stdout stat")
  set_tests_properties(test_rtl_cells_${module} PROPERTIES LABELS long
    PASS_REGULAR_EXPRESSION "Number of cells: +[1-9]" FAIL_REGULAR_EXPRESSION "ERROR")
endfunction()
