// One kernel of a schedule as source text.
#pragma once
#include <map>
#include <string>
#include <vector>

#include "graph/schedule.hpp"

namespace odeon::cuda {

// What a pointer argument of a kernel is.
struct Place {
  enum Kind { input, theta, output, arena } kind;
  int index;  // input, output or slot (arena)
  friend bool operator==(const Place&, const Place&) = default;
};

class KernelWriter {
 public:
  KernelWriter(const GraphValues& values, const Schedule& schedule, int kernel);

  std::string write(const std::string& name);
  const std::vector<Place>& pointers() const { return pointers_; }

 private:
  struct Axis {
    int64_t size, stride;  // size may be ODEON_BATCH in front
  };
  const GraphValue& at(int i) const { return v_.at(i); }
  const odeon_node& input_node(const odeon_node& node, int k) const { return at(node.inputs[k]).node; }

  // loads.cpp: the text of element `index` of value u; lines that it needs come before. own: index is the
  // position of the thread's own item, whose values are kept.
  std::string load(int u, const std::string& index, bool own);
  std::string memory_of(int root);
  std::string view(int v, const std::string& index, bool own);
  std::string strided_view(const odeon_node& node, const std::string& index);
  std::string piecewise_view(const odeon_node& node, const std::string& index);
  std::string position(const std::string& index, std::vector<Axis> axes) const;
  std::string coordinate(const std::string& index, int64_t inner, int64_t size, bool first) const;
  std::vector<int64_t> dense_strides(const odeon_node& x) const;

  // items.cpp: values that one thread computes for its item.
  void items();
  void item(int i);
  std::string item_sum(int i);

  // sums.cpp: the loops behind one element of a sum; each adds to `sum`.
  void add_sum(const odeon_node& node, const std::string& element, const std::string& sum);
  void add_matmul(const odeon_node& node, const std::string& element, const std::string& sum);
  void add_convolution(const odeon_node& node, const std::string& element, const std::string& sum);
  void add_input_grad(const odeon_node& node, const std::string& element, const std::string& sum);
  void add_weight_grad(const odeon_node& node, const std::string& element, const std::string& sum);
  void add_terms(const odeon_node& node, const std::string& element, const std::string& sum);

  // products/write_product.cpp: a product in tiles, and the sum over its slices of an item.
  std::string tiles();
  std::string matmul_operand(int k);
  std::string convolution_operands(int i);
  std::string added_slices(int i);

  // blocks.cpp: values that a block computes together, products that warps do.
  void block(int i);
  void warps();
  void shared_sum(int i, const std::string& element);
  void group_norm(int i);
  void log_softmax(int i);

  int pointer(const Place& place);
  void store(int value, const std::string& index, const std::string& element);
  void line(const std::string& text) { body_ += "  " + text + "\n"; }
  std::string fresh(const char* prefix) { return prefix + std::to_string(names_++); }
  // A new constant of type `position` with this value.
  std::string number(const std::string& value);

  const GraphValues& v_;
  const Schedule& s_;
  int kernel_;
  const KernelPlan& plan_;
  bool shared_ = false;  // terms of sums are shared among the threads of a group
  std::string body_;
  std::vector<Place> pointers_;
  std::map<int, std::string> kept_;  // own elements that were loaded
  int names_ = 0;
};

}  // namespace odeon::cuda
