/* The times of every step of a timeline against the rules of docs/cost.md 8.2, which are written
 * down here once more. */
#ifndef BT_TESTS_TIMELINE_RULES_H
#define BT_TESTS_TIMELINE_RULES_H

#include "cmd/program.h"
#include "timeline_reader.h"

/* Of a file with all steps. Each load, each unit's part of a step, and each store starts at the
 * cycle that the rules give it, from the lengths in the file. */
bool timeline_rules(const timeline_file *f, const bt_program *program, char why[200]);

#endif
