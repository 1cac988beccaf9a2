// The files of api/template, built into the program for `odeon new`.
#pragma once
#include <span>

namespace odeon::cli {

struct Template {
  const char *name, *text;
};
std::span<const Template> templates();  // made by EmbedTemplates.cmake

}  // namespace odeon::cli
