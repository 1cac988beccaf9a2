#include "maths/totals.cu"
