// Text to a module: directives, variables, functions (PTX ISA, "Directives").
#include <cctype>

#include "ptx/parser.hpp"

namespace odeon::ptx {

const Word& Parser::next() {
  if (at_ == words_.size()) throw Error("PTX ends in the middle of a statement");
  return words_[at_++];
}
bool Parser::take(const char* text) {
  if (at_ == words_.size() || words_[at_].text != text) return false;
  ++at_;
  return true;
}
void Parser::expect(const char* text) {
  const Word& w = next();
  if (w.text != text) fail("'" + std::string(text) + "' was expected where '" + w.text + "' stands");
}
void Parser::fail(const std::string& what) const {
  module_.text.fail(words_[at_ == 0 ? 0 : at_ - 1].line, function_ ? what + ", in " + function_->name : what);
}

int64_t Parser::integer() {
  const bool negative = take("-");
  std::string text = next().text;
  if (text.back() == 'U') text.pop_back();
  size_t used = 0;
  uint64_t value = 0;
  try {
    value = std::stoull(text, &used, 0);
  } catch (const std::exception&) {
    used = 0;
  }
  if (used == 0 || used != text.size()) fail("'" + text + "' is no integer");
  return negative ? -int64_t(value) : int64_t(value);
}

int Parser::type_bytes(const std::string& type) {
  for (const auto& [bits, bytes] : {std::pair{"8", 1}, {"16", 2}, {"32", 4}, {"64", 8}})
    if (type.size() > 2 && type[0] == '.' && std::string("busf").find(type[1]) != std::string::npos &&
        type.substr(2) == bits)
      return bytes;
  fail("the type '" + type + "' is not known");
}

// [.align n] .type name[count], behind its state space.
Parser::Variable Parser::variable() {
  Variable v;
  if (take(".align")) v.align = integer();
  v.element = type_bytes(next().text);
  v.align = std::max<int64_t>(v.align, v.element);
  v.name = next().text;
  v.bytes = v.element;
  if (take("[")) {
    v.bytes *= integer();
    expect("]");
  }
  return v;
}

// Device memory with its first values.
void Parser::global_variable() {
  const Variable v = variable();
  auto memory = std::make_unique<std::vector<char>>(size_t(v.bytes + v.align));
  const auto address = reinterpret_cast<uint64_t>(memory->data());
  const uint64_t at = (address + uint64_t(v.align) - 1) / uint64_t(v.align) * uint64_t(v.align);
  auto* to = reinterpret_cast<char*>(at);
  const auto put = [&] {
    const int64_t value = integer();
    if (to + v.element > reinterpret_cast<char*>(at) + v.bytes) fail("more values than the variable has");
    for (int i = 0; i < v.element; ++i) *to++ = char(uint64_t(value) >> (8 * i));
  };
  if (take("=")) {
    if (take("{")) {
      do put();
      while (take(","));
      expect("}");
    } else {
      put();
    }
  }
  expect(";");
  variables_[v.name] = {Space::global, at};
  module_.globals.push_back(std::move(memory));
}

// Kept apart, so that what goes beyond one of them does not reach the next.
Symbol Parser::shared_variable() {
  constexpr uint64_t kApart = 64;
  const Variable v = variable();
  const auto align = std::max(uint64_t(v.align), kApart);
  const uint64_t begin = (module_.shared_bytes + align - 1) / align * align;
  module_.shared.push_back({v.name, begin, uint64_t(v.bytes)});
  module_.shared_bytes = begin + uint64_t(v.bytes) + kApart;
  expect(";");
  return {Space::shared, begin};
}

std::vector<Parser::Variable> Parser::parameters() {
  std::vector<Variable> out;
  if (take(")")) return out;
  do {
    expect(".param");
    out.push_back(variable());
  } while (take(","));
  expect(")");
  return out;
}

int64_t Parser::parameter_room(int64_t& used, const Variable& v) {
  used = (used + v.align - 1) / v.align * v.align;
  const int64_t at = used;
  used += v.bytes;
  return at;
}

void Parser::function(bool entry, bool external) {
  std::vector<Variable> results, parameters_here;
  if (!entry && take("(")) results = parameters();
  const std::string name = next().text;
  if (take("(")) parameters_here = parameters();
  Function& f = module_.functions[name];
  if (!f.code.empty()) fail("the function '" + name + "' stands here twice");
  f = {};
  f.name = name, f.entry = entry, f.external = external;
  Builder builder{module_, f, {}, variables_, {}, {}};
  builder.scopes.emplace_back();
  int64_t& used = builder.scopes.back().parameter_bytes;
  const auto add = [&](const std::vector<Variable>& from, std::vector<Parameter>& to) {
    for (const Variable& v : from) {
      to.push_back({v.name, parameter_room(used, v), v.bytes});
      builder.scopes.back().variables[v.name] = {Space::param, uint64_t(to.back().offset)};
    }
  };
  add(parameters_here, f.parameters);
  add(results, f.results);
  f.parameter_bytes = used;
  function_ = &f;
  while (!take(";")) {
    if (take(".maxntid")) {
      f.most_threads = unsigned(integer());
      while (take(",")) f.most_threads *= unsigned(integer());
    } else if (take(".minnctapersm")) {
      integer();
    } else if (take("{")) {
      body(builder);
      break;
    } else {
      fail("'" + next().text + "' is not known");
    }
  }
  function_ = nullptr;
}

void Parser::module() {
  while (at_ < words_.size()) {
    bool external = false;
    while (take(".visible") || take(".weak") || (take(".extern") && (external = true))) continue;
    const std::string what = next().text;
    if (what == ".version" || what == ".target" || what == ".address_size") {
      next();
    } else if (what == ".global" || what == ".const") {
      global_variable();
    } else if (what == ".shared") {
      const std::string name = words_[at_].text;
      const Symbol s = shared_variable();
      variables_[module_.shared.back().name] = s;
    } else if (what == ".entry" || what == ".func") {
      function(what == ".entry", external);
    } else {
      fail("'" + what + "' is not known");
    }
  }
}

std::unique_ptr<Module> parse(const std::string& source) {
  auto module = std::make_unique<Module>(source);
  Parser(*module).module();
  for (auto& [name, f] : module->functions)
    for (Call& call : f.calls) {
      const auto found = module->functions.find(call.name);
      if (found == module->functions.end())
        throw Error("PTX of " + name + ": no function '" + call.name + "'");
      if (!found->second.external) call.callee = &found->second;
      if (call.callee && call.callee->code.empty())
        throw Error("PTX of " + name + ": the function '" + call.name + "' has no code");
    }
  return module;
}

}  // namespace odeon::ptx
