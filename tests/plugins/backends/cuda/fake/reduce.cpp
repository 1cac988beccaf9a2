#include "maths/reduce.cu"
