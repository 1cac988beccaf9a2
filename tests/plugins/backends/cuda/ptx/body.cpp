// What stands in a function: scopes, declarations, labels and instructions.
#include <cctype>

#include "ptx/parser.hpp"
#include "ptx/thread.hpp"

namespace odeon::ptx {

int32_t Builder::constant(uint64_t bits) {
  for (size_t i = 0; i < function.constants.size(); ++i)
    if (function.constants[i] == bits) return -1 - int32_t(i);
  function.constants.push_back(bits);
  return -int32_t(function.constants.size());
}

const int32_t* Builder::find_register(const std::string& name) const {
  for (auto scope = scopes.rbegin(); scope != scopes.rend(); ++scope)
    if (const auto found = scope->registers.find(name); found != scope->registers.end())
      return &found->second;
  return nullptr;
}

const Symbol* Builder::find_variable(const std::string& name) const {
  for (auto scope = scopes.rbegin(); scope != scopes.rend(); ++scope)
    if (const auto found = scope->variables.find(name); found != scope->variables.end())
      return &found->second;
  const auto found = of_module.find(name);
  return found == of_module.end() ? nullptr : &found->second;
}

void Parser::body(Builder& b) {
  b.scopes.push_back({{}, {}, b.scopes.back().parameter_bytes});
  const size_t outside = b.scopes.size() - 1;
  while (b.scopes.size() > outside) {
    if (take("{")) {
      b.scopes.push_back({{}, {}, b.scopes.back().parameter_bytes});
    } else if (take("}")) {
      b.scopes.pop_back();
    } else if (declaration(b)) {
      continue;
    } else if (at_ + 1 < words_.size() && words_[at_ + 1].text == ":") {
      b.labels[next().text] = int32_t(b.function.code.size());
      expect(":");
    } else {
      b.function.code.push_back(decode(b, statement()));
    }
  }
  finish(b);
}

void Parser::finish(Builder& b) {
  std::vector<Instruction>& code = b.function.code;
  if (code.empty()) fail("a function without instructions");
  Instruction behind;
  behind.line = code.back().line;
  behind.run = [](Thread& t, const Instruction& i) {
    odeon::ptx::fail(t, i, "runs beyond the function's end");
  };
  code.push_back(behind);
  for (const auto& [index, label] : b.jumps) {
    const auto found = b.labels.find(label);
    if (found == b.labels.end()) module_.text.fail(code[index].line, "no label '" + label + "'");
    code[index].target = found->second;
  }
}

bool Parser::declaration(Builder& b) {
  if (take(".reg")) {
    registers(b);
  } else if (take(".param")) {
    const Variable v = variable();
    int64_t& used = b.scopes.back().parameter_bytes;
    b.scopes.back().variables[v.name] = {Space::param, uint64_t(parameter_room(used, v))};
    b.function.parameter_bytes = std::max(b.function.parameter_bytes, used);
    expect(";");
  } else if (take(".local")) {
    const Variable v = variable();
    b.scopes.back().variables[v.name] = {Space::local, uint64_t(parameter_room(b.function.local_bytes, v))};
    expect(";");
  } else if (take(".shared")) {
    const Symbol s = shared_variable();
    b.scopes.back().variables[module_.shared.back().name] = s;
  } else if (take(".pragma")) {
    if (next().text != "\"nounroll\"") fail("the pragma is not known");
    expect(";");
  } else {
    return false;
  }
  return true;
}

// .type %r<count>; or .type %a, %b;
void Parser::registers(Builder& b) {
  const std::string type = next().text;
  if (type != ".pred") type_bytes(type);
  do {
    const std::string name = next().text;
    if (!take("<")) {
      b.scopes.back().registers[name] = b.function.registers++;
      continue;
    }
    const int64_t count = integer();
    expect(">");
    for (int64_t i = 0; i < count; ++i)
      b.scopes.back().registers[name + std::to_string(i)] = b.function.registers++;
  } while (take(","));
  expect(";");
}

Statement Parser::statement() {
  Statement s;
  if (take("@")) {
    s.negated = take("!");
    s.guard = next().text;
  }
  const Word& opcode = next();
  s.opcode = opcode.text;
  s.line = opcode.line;
  if (take(";")) return s;
  do s.operands.push_back(operand());
  while (take(","));
  expect(";");
  return s;
}

Operand Parser::operand() {
  Operand one = single();
  if (!take("|")) return one;
  Operand pair;
  pair.kind = Operand::pair;
  pair.parts = {std::move(one), single()};
  return pair;
}

Operand Parser::single() {
  Operand o;
  if (take("[")) {
    o.kind = Operand::address;
    o.text = next().text;
    if (take("+")) o.offset = integer();
    expect("]");
    return o;
  }
  for (const auto& [open, close] : {std::pair{"{", "}"}, {"(", ")"}})
    if (take(open)) {
      o.kind = Operand::list;
      if (take(close)) return o;
      do o.parts.push_back(single());
      while (take(","));
      expect(close);
      return o;
    }
  if (take("-")) return number(true);
  if (std::isdigit(static_cast<unsigned char>(words_[at_].text[0]))) return number(false);
  o.text = next().text;
  return o;
}

Operand Parser::number(bool negative) {
  Operand o;
  o.kind = Operand::number;
  const std::string& text = words_[at_].text;
  const char kind = text.size() > 2 && text[0] == '0' ? char(std::tolower(text[1])) : 'i';
  if ((kind == 'f' && text.size() == 10) || (kind == 'd' && text.size() == 18)) {
    if (negative) fail("a sign in front of bits");
    o.number_kind = kind;
    o.bits = std::stoull(text.substr(2), nullptr, 16);
    ++at_;
  } else {
    const int64_t value = integer();
    o.bits = uint64_t(negative ? -value : value);
  }
  return o;
}

}  // namespace odeon::ptx
