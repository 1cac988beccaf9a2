#include "maths/elementwise.cu"
