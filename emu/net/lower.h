/* Lowering: a net's training step, evaluation and averaging as programs (numerics 17). */
#ifndef BT_NET_LOWER_H
#define BT_NET_LOWER_H

#include "cmd/program.h"
#include "net/model.h"

/* The numbers of a recipe that programs contain. */
typedef struct {
  bt_rational mean[BT_MAX_CHANNELS];      /* of pixels / 255, one for each channel of the net */
  bt_rational std[BT_MAX_CHANNELS];
  bt_rational rate, momentum, weight_decay;
  bt_format a, g, e;                      /* of activations, gradients, errors */
  bt_format residual;                     /* of residual outputs and their errors (numerics 20) */
  bt_round_options round;
  uint64_t seed;                          /* of dropout */
  bool shapes;  /* make a program of shapes (cmd/program.h), even if the weights have storage */
} bt_lowering;

/* A program for one batch size and the places where a batch goes in and results come out. */
typedef struct {
  bt_program *program;
  size_t batch;
  bt_tensor *pixels; /* bytes [n][h][w][c] */
  bt_tensor *labels; /* bytes [n] */
  bt_loss *loss;     /* added to by each run; owned by the caller */
} bt_step;

/* One training step of n samples: forward, backward, update of the model's tensors. Of a model of
 * shapes, or weights without storage, every lowering here makes a program of shapes, which no
 * engine runs. */
bt_status bt_lower_training(const bt_lowering *how, bt_model *model, size_t n, bt_loss *loss,
                            bt_step *step, bt_error *error);

/* What evaluations share: the weights (bt_net.parameters tensors; the model's own or an average)
 * and, for nets with batch norm, its statistics: one for each layer of the net, those of batch
 * norms with the layer's channels. */
typedef struct {
  const bt_net *net;
  bt_tensor *const *weights;
  bt_statistics *statistics; /* [layers]; NULL for a net without batch norm */
} bt_evaluated;

/* The forward part in evaluation. */
bt_status bt_lower_evaluation(const bt_lowering *how, const bt_evaluated *of, size_t n,
                              bt_loss *loss, bt_step *step, bt_error *error);

/* A pass of n training images that adds to the statistics (numerics 19.1), up to the last batch
 * norm; step->labels and step->loss are NULL. */
bt_status bt_lower_statistics(const bt_lowering *how, const bt_evaluated *of, size_t n,
                              bt_step *step, bt_error *error);

/* Adds every parameter to its average. */
bt_status bt_lower_averaging(bt_model *model, bt_program **program, bt_error *error);

/* Tells a training step which step of which epoch (both as numerics 5.5 counts them) it is, and
 * its labels which step of the run. */
void bt_step_place(bt_step *step, uint64_t epoch, uint64_t step_in_epoch, uint64_t step_of_run);

void bt_step_free(bt_step *step);

#endif
