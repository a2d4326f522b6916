#include "cli/engine_spec.h"

#include <inttypes.h>
#include <string.h>

#include "engine/substitute.h"
#include "engine/user.h"
#include "num/error.h"

bool bt_op_parse(const char *text, size_t length, bt_op *op) {
  for (unsigned i = 0; i <= BT_OP_STATISTICS; i++) {
    const char *name = bt_op_name((bt_op)i);
    if (strlen(name) == length && strncmp(text, name, length) == 0) {
      *op = (bt_op)i;
      return true;
    }
  }
  *op = BT_OP_CONTRACT;
  return length == 4 && strncmp(text, "conv", 4) == 0;
}

/* Adds a part of `length` characters to an engine's text; false if it is empty or too long. */
static bool add_part(char *to, const char *part, size_t length) {
  size_t used = strlen(to);
  if (length == 0 || used + length + 2 > BT_ENGINE_SPEC_SIZE) {
    return false;
  }
  snprintf(to + used, BT_ENGINE_SPEC_SIZE - used, "%s%.*s", used > 0 ? "," : "", (int)length, part);
  return true;
}

bt_status bt_engine_pair(const char *text, char pair[2][BT_ENGINE_SPEC_SIZE], bt_error *error) {
  size_t engines = 0;
  bool good = true;
  pair[0][0] = pair[1][0] = '\0';
  for (const char *part = text, *next; good && part != NULL; part = next) {
    size_t length = strcspn(part, ",");
    next = part[length] == ',' ? part + length + 1 : NULL;
    engines += engines == 0 || memchr(part, '=', length) == NULL;
    good = engines <= 2 && add_part(pair[engines - 1], part, length);
  }
  if (!good || engines != 2) {
    return bt_fail(error, BT_BAD_INPUT, "--engines '%s': expected two of %s, such as ref,rtl or "
                   "ref,fast,conv=./user.so", text, bt_engine_names());
  }
  return BT_OK;
}

/* "OP=FILE:OPTIONS", changed into its parts, as an engine of its own. `what` keeps "OP=FILE". */
static bt_status open_user(char *part, const bt_machine *machine, bt_substitution *to,
                           bt_error *error) {
  char what[BT_ENGINE_SPEC_SIZE];
  char *equal = strchr(part, '=');
  char *options = equal == NULL ? NULL : strchr(equal, ':');
  if (equal == NULL || !bt_op_parse(part, (size_t)(equal - part), &to->op)) {
    return bt_fail(error, BT_BAD_INPUT, "engine part '%s': expected OP=FILE with OP one of "
                   "contract (or conv), quantize, affine, gate, reduce, pool, softmax, norm, ...",
                   part);
  }
  if (options != NULL) {
    *options++ = '\0';
  }
  if (equal[1] == '\0') {
    return bt_fail(error, BT_BAD_INPUT, "engine part '%s': expected a shared object behind '='",
                   part);
  }
  snprintf(what, sizeof what, "%s", part);
  return bt_user_open(what, equal + 1, options == NULL ? "" : options, machine, &to->engine,
                      error);
}

/* Opens the substitutions of a list "OP=FILE,...", at most one of an op. */
static bt_status open_all(char *list, const bt_machine *machine, bt_substitution *to,
                          size_t *count, bt_error *error) {
  uint32_t ops = 0;
  bt_status s = BT_OK;
  for (char *part = list, *next; s == BT_OK && part != NULL; part = next) {
    next = strchr(part, ',');
    if (next != NULL) {
      *next++ = '\0';
    }
    to[*count] = (bt_substitution){.ran = 0};
    s = open_user(part, machine, &to[*count], error);
    *count += s == BT_OK;
    if (s == BT_OK && (ops >> to[*count - 1].op & 1) != 0) {
      s = bt_fail(error, BT_BAD_INPUT, "engine part '%s': %s is substituted twice", part,
                  bt_op_name(to[*count - 1].op));
    }
    ops |= s == BT_OK ? 1u << to[*count - 1].op : 0;
  }
  return s;
}

bt_status bt_engine_make_substituted(const char *spec, const bt_machine *machine,
                                     const bt_engine_options *options, bt_engine **engine,
                                     bt_error *error) {
  bt_substitution list[BT_OP_STATISTICS + 2]; /* one more: the second of an op */
  char text[BT_ENGINE_SPEC_SIZE];
  bt_engine *base = NULL;
  size_t count = 0;
  *engine = NULL;
  if (strlen(spec) >= sizeof text) {
    return bt_fail(error, BT_BAD_INPUT, "engine '%.40s...': expected fewer than %zu characters",
                   spec, sizeof text);
  }
  snprintf(text, sizeof text, "%s", spec);
  char *parts = strchr(text, ',');
  *parts++ = '\0';
  bt_status s = bt_engine_make(text, machine, options, &base, error);
  s = s == BT_OK ? open_all(parts, machine, list, &count, error) : s;
  if (s == BT_OK) {
    *engine = bt_substitute_engine(spec, base, list, count);
    return *engine == NULL ? bt_fail(error, BT_FAILED, "out of memory for engine %s", spec) : BT_OK;
  }
  for (size_t i = 0; i < count; i++) {
    list[i].engine->destroy(list[i].engine);
  }
  if (base != NULL) {
    base->destroy(base);
  }
  return s;
}

void bt_engine_compare(const bt_engine *engine) {
  size_t count;
  const bt_substitution *s = bt_substitutions(engine, &count);
  for (size_t i = 0; i < count; i++) {
    bt_user_compare(s[i].engine);
  }
}

bool bt_engine_print_substitutions(FILE *to, const bt_engine *engine) {
  size_t count;
  const bt_substitution *s = bt_substitutions(engine, &count);
  bool all = true;
  for (size_t i = 0; i < count; i++) {
    fprintf(to, "%s (%s): ran %" PRIu64 " commands, left %" PRIu64 " to %.*s\n",
            s[i].engine->name, bt_user_title(s[i].engine), s[i].ran, s[i].left,
            (int)strcspn(engine->name, ","), engine->name);
    all = all && s[i].ran > 0;
  }
  return all;
}
