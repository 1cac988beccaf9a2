// Reads the words of a module: parse.cpp what stands outside of functions, body.cpp what stands in them.
#pragma once
#include "ptx/statement.hpp"

namespace odeon::ptx {

class Parser {
 public:
  explicit Parser(Module& module) : module_(module), words_(module.text.words()) {}
  void module();

 private:
  struct Variable {
    std::string name;
    int64_t align = 1, bytes = 0;
    int element = 0;  // bytes of
  };

  const Word& next();
  bool take(const char* text);
  void expect(const char* text);
  [[noreturn]] void fail(const std::string& what) const;
  int64_t integer();
  int type_bytes(const std::string& type);

  Variable variable();
  void global_variable();
  Symbol shared_variable();
  std::vector<Variable> parameters();
  static int64_t parameter_room(int64_t& used, const Variable& v);
  void function(bool entry, bool external);

  void body(Builder& builder);
  bool declaration(Builder& builder);
  void registers(Builder& builder);
  Statement statement();
  Operand operand();
  Operand single();
  Operand number(bool negative);
  void finish(Builder& builder);

  Module& module_;
  const std::vector<Word>& words_;
  size_t at_ = 0;
  Function* function_ = nullptr;
  std::map<std::string, Symbol> variables_;  // of the module
};

}  // namespace odeon::ptx
