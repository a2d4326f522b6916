# What `cmake --install` puts in place: the command, libbittrue shared and static, its headers, a
# CMake package, a pkg-config file, manual pages, models and energy tables. Nothing that is
# installed holds the prefix: a copy installed with --prefix, or moved, works.
include(CMakePackageConfigHelpers)

# The header has the last word on versions: it is what an embedder compiles.
file(READ ${PROJECT_SOURCE_DIR}/include/bittrue.h header)
string(REGEX MATCH "#define BT_VERSION \"([0-9.]+)\"" found "${header}")
if(NOT CMAKE_MATCH_1 STREQUAL PROJECT_VERSION)
  message(FATAL_ERROR "include/bittrue.h: BT_VERSION \"${CMAKE_MATCH_1}\", expected the project's \"${PROJECT_VERSION}\"")
endif()
string(REGEX MATCH "#define BT_API_VERSION ([0-9]+)" found "${header}")
set(BT_API_VERSION ${CMAKE_MATCH_1})

# libbittrue.so.API, in a file whose name adds the release.
set_target_properties(bittrue_shared PROPERTIES EXPORT_NAME bittrue
  SOVERSION ${BT_API_VERSION} VERSION ${BT_API_VERSION}.${PROJECT_VERSION})
set_target_properties(bittrue_lib PROPERTIES EXPORT_NAME static)
target_link_options(bittrue_shared PRIVATE LINKER:--no-undefined)

set(package ${CMAKE_INSTALL_LIBDIR}/cmake/bittrue)
install(TARGETS bittrue_shared EXPORT bittrueTargets LIBRARY DESTINATION ${CMAKE_INSTALL_LIBDIR})
install(TARGETS bittrue_lib EXPORT bittrueStaticTargets ARCHIVE DESTINATION ${CMAKE_INSTALL_LIBDIR})
install(EXPORT bittrueTargets NAMESPACE bittrue:: DESTINATION ${package})
install(EXPORT bittrueStaticTargets NAMESPACE bittrue:: DESTINATION ${package})
configure_package_config_file(${PROJECT_SOURCE_DIR}/cmake/bittrueConfig.cmake.in
  ${PROJECT_BINARY_DIR}/bittrueConfig.cmake INSTALL_DESTINATION ${package}
  NO_SET_AND_CHECK_MACRO)
# Before 1.0 a minor release may break its users.
write_basic_package_version_file(${PROJECT_BINARY_DIR}/bittrueConfigVersion.cmake
  VERSION ${PROJECT_VERSION} COMPATIBILITY SameMinorVersion)
install(FILES ${PROJECT_BINARY_DIR}/bittrueConfig.cmake
  ${PROJECT_BINARY_DIR}/bittrueConfigVersion.cmake DESTINATION ${package})

file(RELATIVE_PATH pc_to_prefix ${CMAKE_INSTALL_FULL_LIBDIR}/pkgconfig ${CMAKE_INSTALL_PREFIX})
string(REGEX REPLACE "/$" "" pc_to_prefix "${pc_to_prefix}")
configure_file(${PROJECT_SOURCE_DIR}/cmake/bittrue.pc.in ${PROJECT_BINARY_DIR}/bittrue.pc @ONLY)
install(FILES ${PROJECT_BINARY_DIR}/bittrue.pc DESTINATION ${CMAKE_INSTALL_LIBDIR}/pkgconfig)

install(DIRECTORY ${PROJECT_SOURCE_DIR}/include/ DESTINATION ${CMAKE_INSTALL_INCLUDEDIR}
  FILES_MATCHING PATTERN "*.h" PATTERN "*.svh")
install(DIRECTORY ${PROJECT_SOURCE_DIR}/models ${PROJECT_SOURCE_DIR}/traces
  DESTINATION ${CMAKE_INSTALL_DATADIR}/bittrue)
install(DIRECTORY ${PROJECT_SOURCE_DIR}/rtl/dpi DESTINATION ${CMAKE_INSTALL_DATADIR}/bittrue
  FILES_MATCHING PATTERN "*.svh" PATTERN "*.[ch]")
install(DIRECTORY ${PROJECT_SOURCE_DIR}/docs/ DESTINATION ${CMAKE_INSTALL_DOCDIR})
install(FILES ${PROJECT_SOURCE_DIR}/LICENSE DESTINATION ${CMAKE_INSTALL_DOCDIR})

# Manual pages are what --help says, so they need the program to run.
find_program(HELP2MAN help2man)
if(HELP2MAN AND NOT CMAKE_CROSSCOMPILING AND NOT BITTRUE_SANITIZE AND NOT BITTRUE_COVERAGE)
  set(pages ${PROJECT_SOURCE_DIR}/man/pages.sh)
  add_custom_command(OUTPUT ${PROJECT_BINARY_DIR}/man.stamp
    COMMAND sh ${pages} $<TARGET_FILE:bittrue> ${PROJECT_VERSION} ${PROJECT_SOURCE_DIR} ${PROJECT_BINARY_DIR}/man
    COMMAND ${CMAKE_COMMAND} -E touch ${PROJECT_BINARY_DIR}/man.stamp
    DEPENDS bittrue ${pages} ${PROJECT_SOURCE_DIR}/man/bittrue.h2m VERBATIM)
  add_custom_target(man ALL DEPENDS ${PROJECT_BINARY_DIR}/man.stamp)
  install(DIRECTORY ${PROJECT_BINARY_DIR}/man/ DESTINATION ${CMAKE_INSTALL_MANDIR}/man1)
else()
  message(STATUS "No manual pages: help2man is not there, or the program cannot run plainly")
endif()
