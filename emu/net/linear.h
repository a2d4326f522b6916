/* Linear models: one fully connected layer on signed inputs, and its training step (numerics
 * 21.3). */
#ifndef BT_NET_LINEAR_H
#define BT_NET_LINEAR_H

#include "net/lower.h"

/* What a linear model is trained for: a target by the square of the error, or a class by the
 * softmax's cross-entropy. */
typedef enum { BT_LINEAR_SQUARES, BT_LINEAR_SOFTMAX } bt_linear_loss;

/* A net of the one layer "linear", with or without a bias; NULL when out of memory. */
bt_net *bt_net_linear(bt_linear_loss loss, size_t features, size_t outputs, bool bias);

/* One training step of n samples and the places where they go in. */
typedef struct {
  bt_program *program;
  size_t batch;
  bt_tensor *x;       /* mantissas [n][features], bfp8; exponent set by bt_lower_linear */
  bt_tensor *targets; /* squares: [n][1], fixed16.8; else NULL */
  bt_tensor *labels;  /* softmax: bytes [n]; else NULL */
} bt_linear_step;

/* Lowers a step. x_fl: inputs are mantissas at step 2^-x_fl. how->a is the logits' format; images'
 * mean and std and the residual format have no meaning. `sum` is added to by the softmax; NULL
 * for squares. */
bt_status bt_lower_linear(const bt_lowering *how, bt_linear_loss loss, bt_model *model, size_t n,
                          int x_fl, bt_loss *sum, bt_linear_step *step, bt_error *error);

/* Tells a step's labels which step of the run it is. */
void bt_linear_step_place(bt_linear_step *step, uint64_t step_of_run);
void bt_linear_step_free(bt_linear_step *step);

#endif
