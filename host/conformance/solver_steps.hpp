// The contract of a solver that takes steps by code, slot by slot (solver.h).
#pragma once
#include "conformance/check.hpp"

namespace odeon::host::conformance {

Finding steps_keep_their_contract(const Subject& s);
Finding a_refused_step_moves_nothing(const Subject& s);
Finding start_forgets(const Subject& s);
Finding saved_state_is_whole(const Subject& s);
Finding reversible_steps_undo_each_other(const Subject& s);
Finding symplectic_steps_keep_energy(const Subject& s);

}  // namespace odeon::host::conformance
