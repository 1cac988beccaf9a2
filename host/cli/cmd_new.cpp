// odeon new KIND NAME: a folder with a plugin that works, made from the templates of api/template.
#include <boost/algorithm/string/replace.hpp>
#include <boost/program_options.hpp>
#include <filesystem>
#include <map>
#include <ostream>

#include "commands.hpp"
#include "data/atomic_file.hpp"
#include "data/error.hpp"
#include "data/nearest.hpp"
#include "loader/kinds.hpp"
#include "templates.hpp"

namespace odeon::cli {
namespace {

namespace po = boost::program_options;
namespace fs = std::filesystem;

constexpr const char* kUsage = "odeon new KIND NAME [--dir PATH] [--language c] [--steps]";

std::string text_of(const std::string& name) {
  for (const Template& t : templates())
    if (name == t.name) return t.text;
  throw std::logic_error("no template " + name);
}

// What a plugin of a kind is made from.
struct Source {
  std::string file, id;  // of the template, and the component's id in it
  const char* use;       // how an experiment names it
};
enum class Flavour { usual, in_c, steps };
Source source_of(int32_t kind, Flavour flavour) {
  switch (kind) {
    case ODEON_KIND_BACKEND:
      return {"backend.cpp", "my_loops", "backend=@name@"};
    case ODEON_KIND_FIELD:
      return {"field.cpp", "my_decay", "field.plugin=@name@"};
    case ODEON_KIND_GRADIENT:
      return {"gradient.cpp", "my_differences", "gradient.plugin=@name@"};
    case ODEON_KIND_COMMUNICATOR:
      return {"communicator.cpp", "my_alone", "communicator=@name@"};
    default:
      break;
  }
  if (flavour == Flavour::in_c) return {"solver.c", "my_ralston2", "solver.plugin=@name@"};
  if (flavour == Flavour::steps) return {"step_solver.cpp", "my_heun", "solver.plugin=@name@"};
  return {"solver.cpp", "my_ralston21", "solver.plugin=@name@"};
}

int32_t checked_kind(const std::string& word) {
  const std::vector<std::string> kinds(std::begin(host::kKindNames), std::end(host::kKindNames));
  const int32_t kind = host::kind_of(word);
  if (kind == 0)
    throw host::ConfigError("there is no kind '" + word + "'" + host::did_you_mean(word, kinds) +
                            " KIND is one of " + host::joined(kinds) + ".");
  return kind;
}

Flavour checked_flavour(int32_t kind, const std::string& language, bool steps) {
  if (language != "c++" && language != "c")
    throw host::ConfigError("--language is c++ or c; found '" + language + "'");
  const bool in_c = language == "c";
  if ((in_c || steps) && kind != ODEON_KIND_SOLVER)
    throw host::ConfigError(std::string(in_c ? "--language c" : "--steps") +
                            " is there for solvers; leave it out for a " + host::kind_name(kind));
  if (in_c && steps)
    throw host::ConfigError("--steps begins with the C++ layer; leave out one of --steps and --language c");
  return in_c ? Flavour::in_c : steps ? Flavour::steps : Flavour::usual;
}

// As the loader wants ids (descriptor_rules.cpp), and free.
void check_name(int32_t kind, const std::string& name) {
  const bool good = !name.empty() && name.size() <= 64 && name[0] >= 'a' && name[0] <= 'z' &&
                    name.find_first_not_of("abcdefghijklmnopqrstuvwxyz0123456789_") == std::string::npos;
  if (!good)
    throw host::ConfigError(
        "NAME becomes the component's id: up to 64 of a-z, 0-9 and _, beginning with a "
        "letter; found '" +
        name + "'; choose another, such as my_" + host::kind_name(kind));
  const host::Registry registry = host::Registry::discover({});
  if (const host::LoadedComponent* taken = registry.find(kind, name))
    throw host::ConfigError("a " + host::kind_name(kind) + " '" + name + "' is installed (" +
                            taken->plugin->path + "), and ids are unique within a kind; choose another name");
}

// The folder's files by name.
std::map<std::string, std::string> files_of(int32_t kind, const std::string& name, Flavour flavour) {
  const bool in_c = flavour == Flavour::in_c;
  const Source source = source_of(kind, flavour);
  const std::string file = name + (in_c ? ".c" : ".cpp");
  std::map<std::string, std::string> out;
  out[file] = boost::replace_all_copy(text_of(source.file), source.id, name);
  out["CMakeLists.txt"] = text_of("new/CMakeLists.txt");
  out["README.md"] =
      text_of("new/README.md") + (in_c ? text_of("new/README.c.md") : "") + text_of("new/README.use.md");
  for (auto& [key, text] : out)
    for (const auto& [mark, word] : {std::pair<std::string, std::string>("@use@", source.use),
                                     {"@kind@", host::kind_name(kind)},
                                     {"@name@", name},
                                     {"@source@", file},
                                     {"@languages@", in_c ? "C" : "C CXX"}})
      if (key != file) boost::replace_all(text, mark, word);
  return out;
}

}  // namespace

int new_plugin(const Args& args, std::ostream& out) {
  std::string kind_word, name, folder = ".", language = "c++";
  bool steps = false;
  po::options_description visible("options");
  visible.add_options()("dir", po::value(&folder),
                        "the folder in which NAME is made; by default the current one")(
      "language", po::value(&language), "c++, or c for a solver without the C++ layer")(
      "steps", po::bool_switch(&steps), "a solver that takes steps by code, instead of a tableau")(
      "help,h", "this text");
  po::options_description all;
  all.add(visible).add_options()("kind", po::value(&kind_word))("name", po::value(&name));
  po::positional_options_description positional;
  positional.add("kind", 1).add("name", 1);
  po::variables_map map;
  try {
    po::store(po::command_line_parser(args).options(all).positional(positional).run(), map);
    po::notify(map);
  } catch (const po::error& e) {
    throw host::ConfigError(std::string(e.what()) + "; usage: " + kUsage);
  }
  if (map.count("help")) {
    out << "usage: " << kUsage << "\nKIND: " << host::kinds_text() << "\n" << visible;
    return 0;
  }
  if (!map.count("kind") || !map.count("name"))
    throw host::ConfigError(std::string("a kind and a name are needed; usage: ") + kUsage);
  const int32_t kind = checked_kind(kind_word);
  const Flavour flavour = checked_flavour(kind, language, steps);
  check_name(kind, name);
  const fs::path to = fs::path(folder) / name;
  if (!fs::is_directory(folder))
    throw host::ConfigError("--dir " + folder + ": there is no such folder; make it first");
  if (fs::exists(to))
    throw host::ConfigError(to.string() + " is there already; remove it or choose another name");

  fs::create_directory(to);
  try {
    for (const auto& [file, text] : files_of(kind, name, flavour)) {
      host::write_file_atomically((to / file).string(), text);
      out << (to / file).string() << '\n';
    }
  } catch (...) {  // half of a plugin would stand in the way of another try
    std::error_code ignored;
    fs::remove_all(to, ignored);
    throw;
  }
  out << "its README says how to build, check and use it\n";
  return 0;
}

}  // namespace odeon::cli
