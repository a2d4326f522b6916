/* What the parts of reading a net file share (net only). */
#ifndef BT_NET_LOADING_H
#define BT_NET_LOADING_H

#include "io/yaml.h"
#include "net/net.h"

/* Where a layer comes from: its entry in the file. */
typedef struct {
  const bt_yaml *doc;
  const bt_yaml_node *map;
  bt_net *net;
  bt_error *error;
} bt_net_reader;

/* Appends a layer whose kind, name, inputs and own numbers are set: checks the name, infers its
 * shapes from its inputs' and numbers its parameters. An input that does not fit is BT_BAD_INPUT
 * with the layer's name and the shapes. */
bt_status bt_net_append(const bt_net_reader *r, const bt_layer *layer);

/* Reads one entry of `layers` and appends its layer, or a stage's layers. */
bt_status bt_net_read_layer(const bt_net_reader *r);
bt_status bt_net_read_stage(const bt_net_reader *r, const char *name);

/* An integer of the entry; optional ones keep what they held. */
bt_status bt_net_read_size(const bt_net_reader *r, const char *key, bool optional, int64_t min,
                           int64_t max, size_t *value);

/* Copies a layer's name, or says that it is too long. */
bt_status bt_net_name_layer(const bt_net_reader *r, bt_layer *layer, const char *name);

/* Sets a layer's input shape to that of an input's output; whether that is flat. */
bool bt_net_input_shape(const bt_net *net, size_t input, bt_layer *layer);

/* The output of the last layer so far: what a layer without `from` reads. */
size_t bt_net_last_output(const bt_net *net);

/* Fails with the layer's name, what was expected and its first input's shape. */
bt_status bt_net_misfit(const bt_net_reader *r, const bt_layer *layer, const char *expected);

#endif
