/* What a program consists of (cmd only). */
#ifndef BT_CMD_PROGRAM_PARTS_H
#define BT_CMD_PROGRAM_PARTS_H

#include "cmd/program.h"

typedef struct {
  void **item;
  size_t count, room;
} bt_list;

/* A tensor whose storage is planned. */
typedef struct {
  bt_tensor tensor;
  bool used;          /* by a command of the plan */
  size_t first, last; /* the commands that use it */
} bt_temporary;

struct bt_program {
  bt_list command;   /* bt_command */
  bt_list tensor;    /* bt_tensor, with storage of its own */
  bt_list temporary; /* bt_temporary; in ascending order of addresses when planned */
  bool shapes; /* no storage */
  bool planned;
  void *arena;
  size_t arena_bytes;
};

#endif
