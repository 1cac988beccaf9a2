"""Odeon: solve and differentiate ordinary differential equations with plugins that YAML puts together.

    import odeon

    session = odeon.Session()
    problem = session.problem(
        field={"plugin": "expression", "state": ["y"], "parameters": {"k": 0.5}, "derivatives": {"y": "-k*y"}},
        solver={"plugin": "dopri5", "rtol": 1e-8, "atol": 1e-10},
    )
    states = problem.solve([0.0, 1.0, 2.0], [1.0]).states

The names and rules are those of the C++ embedding API, odeon/host/.
"""

import atexit

from ._core import clear_cancel, forget_log, request_cancel
from ._core import version as __version__
from .dense import DenseSolution
from .error import Error
from .fields import Event
from .problem import Direction, GradientPass, Problem
from .results import Counters, EventRecord, Failure, Gradients, HessianProduct, RunReport, Solution
from .session import ComponentInfo, Session

__all__ = [
    "ComponentInfo",
    "Counters",
    "DenseSolution",
    "Direction",
    "Error",
    "Event",
    "EventRecord",
    "Failure",
    "GradientPass",
    "Gradients",
    "HessianProduct",
    "Problem",
    "RunReport",
    "Session",
    "Solution",
    "clear_cancel",
    "request_cancel",
]

# The log's receiver is Python's; libodeon would keep it until the process ends.
atexit.register(forget_log)
