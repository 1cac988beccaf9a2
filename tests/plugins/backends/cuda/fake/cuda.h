// The names that compile/module.hpp takes from the driver's header.
#pragma once
#define CUDA_VERSION 13000
using CUmodule = struct FakeModule*;
using CUfunction = struct FakeFunction*;
using CUstream = struct FakeStream*;
