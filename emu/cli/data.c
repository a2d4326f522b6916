/* bittrue data: the known sets, where they lie, whether they are whole. */
#include <argp.h>
#include <jansson.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include "cli/cli.h"
#include "data/dataset.h"
#include "num/error.h"

#define PATH_SIZE 4096

typedef struct {
  const char *name, *directory; /* NULL where not given */
  bool json;
} options;

static const struct argp_option known[] = {
    {"directory", 'd', "DIR", 0, "Look for SET here only", 0},
    {"json", 'j', NULL, 0, "Print a JSON list", 0},
    {0}};

static const char doc[] =
    "Lists the data sets that recipes can name, where they were looked for, and what is in them; "
    "each set that is found is read as a whole and checked, and mean and standard deviation of its "
    "training pixels / 255 are printed for each channel. With SET, only that one, which then must "
    "be there.\v"
    "A set NAME is looked for in $BITTRUE_DATA/NAME, then in ${XDG_CACHE_HOME:-~/.cache}/bittrue/"
    "NAME (scripts/get-data.sh puts sets there), then where the system's package puts it. "
    BT_CLI_EXITS;

static error_t parse_option(int key, char *text, struct argp_state *state) {
  options *o = state->input;
  switch (key) {
    case 'd': o->directory = text; return 0;
    case 'j': o->json = true; return 0;
    case ARGP_KEY_ARG:
      if (state->arg_num > 0) {
        argp_failure(state, 2, 0, "'%s': expected one SET only", text);
      }
      o->name = text;
      return 0;
    case ARGP_KEY_END:
      if (o->directory != NULL && o->name == NULL) {
        argp_failure(state, 2, 0, "--directory: expected a SET too");
      }
      return 0;
    default: return ARGP_ERR_UNKNOWN;
  }
}

/* The directory that holds the set, into `found` ("" if none), and all that were looked at. */
static void look(const options *o, const bt_dataset_source *source, char found[PATH_SIZE],
                 json_t *looked) {
  char path[PATH_SIZE];
  struct stat s;
  found[0] = '\0';
  if (o->directory != NULL) {
    snprintf(found, PATH_SIZE, "%s", o->directory);
    json_array_append_new(looked, json_string(found));
  }
  bool given = o->directory != NULL;
  for (size_t i = 0; !given && bt_dataset_directory(source, i, path, sizeof path); i++) {
    json_array_append_new(looked, json_string(path));
    if (found[0] == '\0' && stat(path, &s) == 0 && S_ISDIR(s.st_mode)) {
      snprintf(found, PATH_SIZE, "%s", path);
    }
  }
}

static size_t bytes_of(const bt_images *images) {
  return images->count * (images->height * images->width * images->channels + 1);
}

static void print_absent(const bt_dataset_source *source, const json_t *looked) {
  printf("%s: not found in", source->name);
  size_t i;
  json_t *path;
  json_array_foreach(looked, i, path) {
    printf("%s %s", i == 0 ? "" : ",", json_string_value(path));
  }
  printf("; expected: %s\n", source->hint);
}

/* As decimals, of the training pixels / 255. */
static void moments_of(const bt_images *images, size_t channel, char mean[BT_MOMENT_TEXT],
                       char std[BT_MOMENT_TEXT]) {
  bt_moments m;
  bt_images_moments(images, channel, &m);
  bt_moments_text(&m, mean, std);
}

static void print_found(const bt_dataset_source *source, const char *directory,
                        const bt_dataset *set) {
  const bt_images *a = &set->train;
  printf("%s: %zu training and %zu test images of %zu x %zu x %zu, %zu classes, %zu bytes, in %s\n",
         source->name, a->count, set->test.count, a->height, a->width, a->channels, a->classes,
         bytes_of(a) + bytes_of(&set->test), directory);
  char mean[BT_MOMENT_TEXT], std[BT_MOMENT_TEXT];
  for (size_t c = 0; c < a->channels; c++) {
    moments_of(a, c, mean, std);
    printf("  channel %zu of training: mean %s, std %s\n", c, mean, std);
  }
}

/* A list of one text for each channel: decimals, exact to the last digit. */
static json_t *describe_moments(const bt_images *images, bool of_means) {
  json_t *list = json_array();
  char mean[BT_MOMENT_TEXT], std[BT_MOMENT_TEXT];
  for (size_t c = 0; c < images->channels; c++) {
    moments_of(images, c, mean, std);
    json_array_append_new(list, json_string(of_means ? mean : std));
  }
  return list;
}

static json_t *describe(const bt_dataset_source *source, const char *directory, json_t *looked,
                        const bt_dataset *set) {
  json_t *item = json_object();
  json_object_set_new(item, "name", json_string(source->name));
  json_object_set_new(item, "found", json_boolean(directory[0] != '\0'));
  json_object_set(item, "looked_in", looked);
  if (directory[0] != '\0') {
    const bt_images *a = &set->train;
    json_object_set_new(item, "directory", json_string(directory));
    json_object_set_new(item, "train", json_integer((json_int_t)a->count));
    json_object_set_new(item, "test", json_integer((json_int_t)set->test.count));
    json_object_set_new(item, "height", json_integer((json_int_t)a->height));
    json_object_set_new(item, "width", json_integer((json_int_t)a->width));
    json_object_set_new(item, "channels", json_integer((json_int_t)a->channels));
    json_object_set_new(item, "classes", json_integer((json_int_t)a->classes));
    json_object_set_new(item, "bytes",
                        json_integer((json_int_t)(bytes_of(a) + bytes_of(&set->test))));
    json_object_set_new(item, "mean", describe_moments(a, true));
    json_object_set_new(item, "std", describe_moments(a, false));
  }
  return item;
}

/* Reads one set and prints its line, or adds it to `list`. */
static bt_status show(const options *o, const bt_dataset_source *source, json_t *list,
                      bt_error *error) {
  char directory[PATH_SIZE];
  json_t *looked = json_array();
  look(o, source, directory, looked);
  bt_dataset set = {0};
  bt_status status = BT_OK;
  if (directory[0] != '\0' || o->name != NULL) {
    status = bt_dataset_load(source->name, o->directory, &set, error);
  }
  if (status == BT_OK && o->json) {
    json_array_append_new(list, describe(source, directory, looked, &set));
  } else if (status == BT_OK && directory[0] == '\0') {
    print_absent(source, looked);
  } else if (status == BT_OK) {
    print_found(source, directory, &set);
  }
  bt_dataset_free(&set);
  json_decref(looked);
  return status;
}

static bt_status show_all(const options *o, json_t *list, bt_error *error) {
  const bt_dataset_source *source;
  bt_status status = BT_OK;
  bool any = false;
  for (size_t i = 0; (source = bt_dataset_known(i)) != NULL && status == BT_OK; i++) {
    if (o->name == NULL || strcmp(o->name, source->name) == 0) {
      status = show(o, source, list, error);
      any = true;
    }
  }
  if (!any) { /* the reader has the line that names the known sets */
    bt_dataset set;
    status = bt_dataset_load(o->name, o->directory, &set, error);
  }
  return status;
}

int bt_cli_data(int argc, char **argv) {
  static const struct argp argp = {known, parse_option, "[SET]", doc, NULL, NULL, NULL};
  options o = {0};
  argp_parse(&argp, argc, argv, 0, NULL, &o);
  bt_error error;
  json_t *list = json_array();
  bt_status status = show_all(&o, list, &error);
  if (status == BT_OK && o.json) {
    json_dumpf(list, stdout, JSON_INDENT(2));
    printf("\n");
  }
  json_decref(list);
  return bt_cli_fail("data", status, &error);
}
