/* The op graph that a field may lower itself to: SSA, no control flow, one symbolic batch size.
 *
 * A value's shape may begin with ODEON_BATCH (-1): that axis has one entry per batch row. Nowhere
 * else may it stand. Node i may only use nodes < i. Op names, attributes and weight layouts are
 * PyTorch's. Numbers are in the compute dtype of the compilation; time is cast to it. */
#ifndef ODEON_GRAPH_H
#define ODEON_GRAPH_H

#include <odeon/tensor.h>

#define ODEON_BATCH (-1)

/* Sources. */
#define ODEON_OP_INPUT 1     /* ints[0]: index of the input; the shape is declared */
#define ODEON_OP_TIME 2      /* the time of each row: shape [batch] */
#define ODEON_OP_CONSTANT 3  /* reals[0] in every element of the declared shape */
#define ODEON_OP_PARAMETER 4 /* ints[0]: offset into the flat θ, in elements; the shape is declared */

/* Elementwise, one input. */
#define ODEON_OP_NEG 10
#define ODEON_OP_EXP 11
#define ODEON_OP_LOG 12
#define ODEON_OP_SIN 13
#define ODEON_OP_COS 14
#define ODEON_OP_TAN 15
#define ODEON_OP_TANH 16
#define ODEON_OP_SIGMOID 17
#define ODEON_OP_RELU 18
#define ODEON_OP_SOFTPLUS 19 /* log(1 + e^x), without overflow */
#define ODEON_OP_ERF 20
#define ODEON_OP_SQRT 21
#define ODEON_OP_ABS 22
#define ODEON_OP_SIGN 23      /* -1, 0, 1 */
#define ODEON_OP_HEAVISIDE 24 /* 1 where x > 0, else 0 */
#define ODEON_OP_POWI 25      /* x^ints[0], integer exponent */
#define ODEON_OP_RECIPROCAL 26

/* Elementwise, two inputs of the same shape (BROADCAST first). */
#define ODEON_OP_ADD 40
#define ODEON_OP_SUB 41
#define ODEON_OP_MUL 42
#define ODEON_OP_DIV 43
#define ODEON_OP_POW 44
#define ODEON_OP_MAXIMUM 45
#define ODEON_OP_MINIMUM 46
#define ODEON_OP_GREATER 47 /* 1 where a > b, else 0 */
#define ODEON_OP_SELECT 48  /* inputs (mask, a, b): a where mask != 0, else b */

/* Structure. */
#define ODEON_OP_RESHAPE 60   /* declared shape; keeps the batch axis, if any, in front */
#define ODEON_OP_BROADCAST 61 /* declared shape of the same rank: axes of length 1 are repeated;
                                 a length-1 front axis may become the batch */
#define ODEON_OP_SUM 62       /* ints[0]: bit mask of the axes, which keep length 1 */
#define ODEON_OP_CONCAT 63    /* two inputs along axis ints[0] (never the batch) */
#define ODEON_OP_SLICE 64     /* axis ints[0] (never the batch), start ints[1], stop ints[2] */
#define ODEON_OP_PAD 65       /* zeros: axis ints[0], before ints[1], after ints[2]; adjoint of SLICE */
#define ODEON_OP_TRANSPOSE 66 /* ints[0..rank): permutation; the batch stays in front */

/* Linear algebra and convolution. */
#define ODEON_OP_MATMUL 80 /* 2-d: op(a) @ op(b); ints[0], ints[1]: 1 to transpose a, b */
#define ODEON_OP_CONV2D 81 /* x [N,Ci,H,W], w [Co,Ci,kh,kw] -> [N,Co,Ho,Wo];
                              ints: stride h, stride w, pad h, pad w */
#define ODEON_OP_CONV2D_INPUT_GRAD 82  /* g [N,Co,Ho,Wo], w -> [N,Ci,H,W]; ints as above, then H, W.
                                          The transposed convolution. */
#define ODEON_OP_CONV2D_WEIGHT_GRAD 83 /* x, g -> [Co,Ci,kh,kw]; ints as CONV2D, then kh, kw */

/* Normalisation over groups. x [N, C, …] is viewed as [N, groups, m]; population variance.
 * ints[0]: groups, reals[0]: eps. Affine parameters are separate MUL and ADD. */
#define ODEON_OP_GROUP_NORM 90      /* (x - mean) / sqrt(var + eps) */
#define ODEON_OP_GROUP_NORM_GRAD 91 /* inputs (x, g): the vjp of GROUP_NORM at x with cotangent g */

/* Over the last axis. */
#define ODEON_OP_LOG_SOFTMAX 95

#define ODEON_NODE_MAX_INPUTS 3
#define ODEON_NODE_MAX_INTS 8
#define ODEON_NODE_MAX_REALS 2

/* One operation and its result. Unused fields are zero (nodes are compared by their bytes'
 * meaning when duplicates are removed). Frozen. */
typedef struct odeon_node {
  int32_t op;
  int32_t n_inputs;
  int32_t inputs[ODEON_NODE_MAX_INPUTS]; /* indices of earlier nodes */
  int32_t rank;
  int64_t shape[ODEON_MAX_RANK];
  int64_t ints[ODEON_NODE_MAX_INTS];
  double reals[ODEON_NODE_MAX_REALS];
} odeon_node;

/* A graph. Growable; borrowed from whoever made it. A field's graph has one input, y, and one
 * output, dy/dt, both of shape [batch, state…], and reads t by TIME and θ by PARAMETER. */
typedef struct odeon_graph {
  uint32_t struct_size;
  uint32_t reserved;
  const odeon_node* nodes;
  int64_t n_nodes;
  const int32_t* outputs; /* node indices */
  int64_t n_outputs;
} odeon_graph;

#endif
