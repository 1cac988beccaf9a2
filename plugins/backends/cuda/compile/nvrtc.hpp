// Source text to code of a GPU, by NVRTC. Needs the library, no device.
#pragma once
#include <string>

namespace odeon::cuda {

// NVRTC's version and what it will make for a device of this compute capability (90: 9.0), such as
// "nvrtc 13.0 sm_90 --std=c++17": part of the name of what is kept. Throws ODEON_E_UNSUPPORTED where there is
// no NVRTC.
std::string target_name(int capability);

// best: a CUBIN where NVRTC knows the architecture, else PTX of the newest that it knows. ptx: PTX always,
// for code that calls functions which only the driver has.
enum class Form { best, ptx };
std::string compile_for(int capability, const std::string& source, Form form = Form::best);

}  // namespace odeon::cuda
