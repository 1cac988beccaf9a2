// Formulas as people write them, parsed straight into an op graph by recursive descent:
//   sum := product (('+'|'-') product)*      product := signed (('*'|'/') signed)*
//   signed := ('-'|'+') signed | power       power := atom ('^' signed)?     (so -x^2 = -(x^2), as in Python)
//   atom := number | name | name '(' sum (',' sum)* ')' | '(' sum ')'
#pragma once
#include <algorithm>
#include <charconv>
#include <cmath>
#include <functional>
#include <map>
#include <odeon/sdk/graph.hpp>
#include <string>
#include <string_view>

namespace odeon::expression {

// Names to columns of the graph; all are broadcast against [batch, 1].
using Names = std::map<std::string, Value, std::less<>>;

namespace detail {

inline constexpr size_t kMaxLength = 1 << 16;
inline constexpr int kMaxDepth = 256;  // nested parentheses, signs and powers

struct Function {
  std::string_view name;
  size_t arity;
  Value (*apply)(GraphBuilder&, const Value*);
};

inline constexpr Function kFunctions[] = {
    {"sin", 1, [](GraphBuilder& g, const Value* x) { return g.sin(x[0]); }},
    {"cos", 1, [](GraphBuilder& g, const Value* x) { return g.cos(x[0]); }},
    {"tan", 1, [](GraphBuilder& g, const Value* x) { return g.tan(x[0]); }},
    {"exp", 1, [](GraphBuilder& g, const Value* x) { return g.exp(x[0]); }},
    {"log", 1, [](GraphBuilder& g, const Value* x) { return g.log(x[0]); }},
    {"sqrt", 1, [](GraphBuilder& g, const Value* x) { return g.sqrt(x[0]); }},
    {"tanh", 1, [](GraphBuilder& g, const Value* x) { return g.tanh(x[0]); }},
    {"abs", 1, [](GraphBuilder& g, const Value* x) { return g.abs(x[0]); }},
    {"sign", 1, [](GraphBuilder& g, const Value* x) { return g.sign(x[0]); }},
    {"relu", 1, [](GraphBuilder& g, const Value* x) { return g.relu(x[0]); }},
    {"sigmoid", 1, [](GraphBuilder& g, const Value* x) { return g.sigmoid(x[0]); }},
    {"softplus", 1, [](GraphBuilder& g, const Value* x) { return g.softplus(x[0]); }},
    {"erf", 1, [](GraphBuilder& g, const Value* x) { return g.erf(x[0]); }},
    {"min", 2, [](GraphBuilder& g, const Value* x) { return g.minimum(x[0], x[1]); }},
    {"max", 2, [](GraphBuilder& g, const Value* x) { return g.maximum(x[0], x[1]); }},
    {"pow", 2, [](GraphBuilder& g, const Value* x) { return g.pow(x[0], x[1]); }},
};

inline bool is_letter(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_'; }
inline bool is_digit(char c) { return c >= '0' && c <= '9'; }

class Parser {
 public:
  Parser(GraphBuilder& graph, const Names& names, std::string_view text, const std::string& what,
         int32_t mark)
      : g_(graph), names_(names), text_(text), what_(what), mark_(mark) {}

  Value whole() {
    if (text_.size() > kMaxLength) fail(0, "the formula is longer than 65536 characters");
    const Value v = sum();
    if (peek() != 0) fail(at_, "expected an operator or the end, found " + found());
    return v;
  }

 private:
  [[noreturn]] void fail(size_t column, const std::string& message) const {
    throw Error(message + " at column " + std::to_string(column + 1) + " of " + what_, ODEON_E_INVALID,
                mark_);
  }

  char peek() {
    while (at_ < text_.size() && (text_[at_] == ' ' || text_[at_] == '\t' || text_[at_] == '\n')) ++at_;
    return at_ < text_.size() ? text_[at_] : 0;
  }
  bool take(char c) {
    if (peek() != c) return false;
    ++at_;
    return true;
  }
  void expect(char c) {
    if (!take(c)) fail(at_, "expected '" + std::string(1, c) + "', found " + found());
  }
  // What stands here instead, and what other languages' habits would have meant by it.
  std::string found() {
    const char c = peek();
    if (c == 0) return "the end";
    const std::string what = std::string("'") + c + "'";
    if (is_letter(c) || is_digit(c) || c == '(') return what + " (products are written with *, as 2*x)";
    if (c == '*') return what + " (powers are written x^2)";
    if (c == '<' || c == '>' || c == '=' || c == '!' || c == '?')
      return what + " (there are no comparisons: use relu, sign, min or max, or an event)";
    if (c == '[') return what + " (parameters and states are single numbers: give each a name)";
    return what;
  }

  struct Depth {
    explicit Depth(Parser& p) : p_(p) {
      if (++p_.depth_ > kMaxDepth) p_.fail(p_.at_, "nested more than 256 deep (write it flatter)");
    }
    ~Depth() { --p_.depth_; }
    Parser& p_;
  };

  Value sum() {
    const Depth depth(*this);
    Value v = product();
    for (;;) {
      if (take('+'))
        v = g_.add(v, product());
      else if (take('-'))
        v = g_.sub(v, product());
      else
        return v;
    }
  }

  Value product() {
    Value v = signed_power();
    for (;;) {
      if (take('*'))
        v = g_.mul(v, signed_power());
      else if (take('/'))
        v = g_.div(v, signed_power());
      else
        return v;
    }
  }

  Value signed_power() {
    const Depth depth(*this);
    if (take('-')) return g_.neg(signed_power());
    if (take('+')) return signed_power();
    const Value base = atom();
    if (!take('^')) return base;
    const Value exponent = signed_power();
    // Whole constant exponents need no logarithm, so negative bases stay exact.
    const double e = g_.is_constant(exponent) ? g_.node(exponent).reals[0] : NAN;
    constexpr double kLargestPowi = 64;
    if (e == std::floor(e) && std::abs(e) <= kLargestPowi) return g_.powi(base, static_cast<int64_t>(e));
    return g_.pow(base, exponent);
  }

  Value atom() {
    const char c = peek();
    if (is_digit(c) || c == '.') return number();
    if (is_letter(c)) return name();
    if (take('(')) {
      const Value v = sum();
      expect(')');
      return v;
    }
    fail(at_, "expected a number, a name or '(', found " + found());
  }

  Value number() {
    double value = 0;
    const auto [end, error] = std::from_chars(text_.data() + at_, text_.data() + text_.size(), value);
    const size_t to = static_cast<size_t>(end - text_.data());
    if (error == std::errc::invalid_argument)
      fail(at_, "expected a number, found '" + std::string(1, text_[at_]) + "'");
    if (error != std::errc() || !std::isfinite(value))
      fail(at_, "'" + std::string(text_.substr(at_, to - at_)) + "' is beyond the range of a double");
    at_ = to;
    return g_.constant(value);
  }

  Value name() {
    const size_t from = at_;
    while (at_ < text_.size() && (is_letter(text_[at_]) || is_digit(text_[at_]))) ++at_;
    const std::string_view word = text_.substr(from, at_ - from);
    if (peek() == '(') return call(word, from);
    if (const auto at = names_.find(word); at != names_.end()) return at->second;
    if (word == "pi") return g_.constant(3.14159265358979323846);
    if (word == "e") return g_.constant(2.71828182845904523536);
    std::string known;
    for (const auto& [n, v] : names_) known += (known.empty() ? "" : ", ") + n;
    fail(from, "unknown name '" + std::string(word) + "' (known: " + known + ", pi, e)");
  }

  Value call(std::string_view word, size_t from) {
    const auto f = std::find_if(std::begin(kFunctions), std::end(kFunctions),
                                [&](const Function& k) { return k.name == word; });
    if (f == std::end(kFunctions)) {
      std::string known;
      for (const Function& k : kFunctions) known += (known.empty() ? "" : ", ") + std::string(k.name);
      fail(from, "unknown function '" + std::string(word) + "' (known: " + known + ")");
    }
    expect('(');
    Value args[2] = {sum(), {}};
    size_t count = 1;
    while (count < 2 && take(',')) args[count++] = sum();
    if (count != f->arity)
      fail(from, "'" + std::string(word) + "' takes " + std::to_string(f->arity) +
                     (f->arity == 1 ? " argument" : " arguments") + ", found " + std::to_string(count));
    expect(')');
    return f->apply(g_, args);
  }

  GraphBuilder& g_;
  const Names& names_;
  std::string_view text_;
  const std::string& what_;
  int32_t mark_;
  size_t at_ = 0;
  int depth_ = 0;
};

}  // namespace detail

// Letters, digits and _, beginning with a letter or _.
inline bool is_name(std::string_view text) {
  return !text.empty() && detail::is_letter(text[0]) && std::all_of(text.begin(), text.end(), [](char c) {
    return detail::is_letter(c) || detail::is_digit(c);
  });
}

// Enters a new name into those that formulas know. Throws odeon::Error with `mark`.
inline void declare(Names& names, std::string_view name, Value value, int32_t mark) {
  if (!is_name(name))
    throw Error("'" + std::string(name) + "' is not a name: letters, digits and _, beginning with a letter",
                ODEON_E_INVALID, mark);
  if (name == "t") throw Error("'t' is the time; choose another name", ODEON_E_INVALID, mark);
  if (!names.emplace(name, value).second)
    throw Error("the name '" + std::string(name) + "' stands twice; rename one", ODEON_E_INVALID, mark);
}

// `row` ([batch, n], or none yet) with a formula's value as one more column.
inline Value with_column(GraphBuilder& graph, Value row, Value value) {
  const Value column = graph.broadcast_to(value, {ODEON_BATCH, 1});
  return row.id < 0 ? column : graph.concat(row, column, 1);
}

// The value of `formula`. what: "the derivative of 'x'". Throws odeon::Error naming the column, what was
// found and what was expected, with `mark`.
inline Value parse(GraphBuilder& graph, const Names& names, std::string_view formula, const std::string& what,
                   int32_t mark) {
  return detail::Parser(graph, names, formula, what, mark).whole();
}

}  // namespace odeon::expression
