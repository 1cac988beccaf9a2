// The same locks for C++20.
#include "abi_layout.c"
