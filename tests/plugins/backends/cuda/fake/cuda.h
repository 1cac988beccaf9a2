// The names that compile/module.hpp takes from the driver's header.
#pragma once
using CUmodule = struct FakeModule*;
using CUfunction = struct FakeFunction*;
using CUstream = struct FakeStream*;
