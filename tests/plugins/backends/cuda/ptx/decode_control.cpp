// PTX ISA, "Control Flow Instructions". Parameters of a call are bytes of the caller's frame, copied to the
// callee's.
#include "ptx/decoder.hpp"
#include "ptx/thread.hpp"

namespace odeon::ptx {
namespace {

void branch(Thread& t, const Instruction& i) { t.next = t.frames.back().function->code.data() + i.target; }

void set_condition(Thread& t, const Instruction& i, const Call& call) {
  uint64_t handle = 0;
  uint32_t value = 0;
  std::memcpy(&handle, t.parameter(uint64_t(call.arguments[0])), sizeof handle);
  std::memcpy(&value, t.parameter(uint64_t(call.arguments[1])), sizeof value);
  const auto& set = t.block->grid->settings.set_condition;
  if (!set) fail(t, i, "there are no conditions here");
  set(handle, value);
}

void call(Thread& t, const Instruction& i) {
  constexpr size_t kDeepest = 64;
  const Call& call = t.frames.back().function->calls[size_t(i.target)];
  if (!call.callee) return set_condition(t, i, call);
  if (t.frames.size() == kDeepest) fail(t, i, "calls that do not end");
  t.frames.back().at = int32_t(t.next - t.frames.back().function->code.data());
  const Frame above = t.frames.back();
  enter(t, *call.callee, &call);
  for (size_t k = 0; k < call.arguments.size(); ++k) {
    const Parameter& p = call.callee->parameters[k];
    std::memcpy(t.parameter(uint64_t(p.offset)), t.parameters.data() + above.parameters + call.arguments[k],
                size_t(p.bytes));
  }
}

void give_back(Thread& t, const Instruction&) {
  const Frame left = t.frames.back();
  t.frames.pop_back();
  if (t.frames.empty()) {
    t.state = Thread::ended;
    return;
  }
  if (left.call->has_result) {
    const Parameter& p = left.function->results[0];
    std::memcpy(t.parameter(uint64_t(left.call->result)), t.parameters.data() + left.parameters + p.offset,
                size_t(p.bytes));
  }
  leave(t, left);
}

bool decode_call(Decoder& d) {
  d.take("uni");
  Call call;
  size_t k = 0;
  const auto place = [&](const Operand& o) {
    const Symbol* variable = d.builder.find_variable(o.text);
    if (!variable || variable->space != Space::param) d.fail("no parameter '" + o.text + "'");
    return int64_t(variable->address);
  };
  if (d.operands() > 0 && d.operand(0).kind == Operand::list) {
    if (d.operand(0).parts.size() != 1) d.fail("one result at most is covered");
    call.has_result = true;
    call.result = place(d.operand(k++).parts[0]);
  }
  if (k == d.operands() || d.operand(k).kind != Operand::name) d.fail("the name of a function was expected");
  call.name = d.operand(k++).text;
  if (k < d.operands())
    for (const Operand& o : d.operand(k++).parts) call.arguments.push_back(place(o));
  d.expect_operands(k);
  const auto found = d.builder.module.functions.find(call.name);
  if (found == d.builder.module.functions.end()) d.fail("no function '" + call.name + "'");
  const Function& f = found->second;
  if (f.external && f.name != "cudaGraphSetConditional")
    d.fail("the driver's function '" + f.name + "' is not covered");
  if (f.parameters.size() != call.arguments.size() || f.results.size() != size_t(call.has_result))
    d.fail("another number of parameters");
  d.builder.function.calls.push_back(call);
  d.out.target = int32_t(d.builder.function.calls.size()) - 1;
  d.out.run = odeon::ptx::call;
  return true;
}

}  // namespace

void enter(Thread& t, const Function& f, const Call* by) {
  const size_t locals = (t.locals.size() + 15) / 16 * 16;
  t.frames.push_back({&f, 0, t.registers.size(), t.parameters.size(), locals, by});
  t.registers.resize(t.registers.size() + size_t(f.registers), kUnset);
  t.parameters.resize(t.parameters.size() + size_t(f.parameter_bytes));
  t.locals.resize(locals + size_t(f.local_bytes));
  t.local_is_set.resize(t.locals.size());
  t.x = t.registers.data() + t.frames.back().registers;
  t.constants = f.constants.data();
  t.next = f.code.data();
}
void leave(Thread& t, const Frame& left) {
  t.registers.resize(left.registers);
  t.parameters.resize(left.parameters);
  t.locals.resize(left.locals);
  t.local_is_set.resize(left.locals);
  const Frame& top = t.frames.back();
  t.x = t.registers.data() + top.registers;
  t.constants = top.function->constants.data();
  t.next = top.function->code.data() + top.at;
}

bool decode_control(Decoder& d) {
  if (d.base() == "call") return decode_call(d);
  if (d.base() == "bra") {
    d.take("uni");
    d.expect_operands(1);
    d.label(0);
    d.out.run = branch;
    return true;
  }
  if (d.base() != "ret" && d.base() != "exit") return false;
  d.expect_operands(0);
  if (d.base() == "exit" && !d.builder.function.entry) d.fail("exit in a function is not covered");
  d.out.run = give_back;
  return true;
}

}  // namespace odeon::ptx
