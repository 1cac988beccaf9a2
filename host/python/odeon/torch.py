"""Odeon within PyTorch: solves that `backward()` goes through, and modules as fields. Needs PyTorch."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

import numpy as np
import torch
from torch.autograd import forward_ad

from .error import Error
from .problem import Problem
from .session import Session


def solve(problem: Problem, times, initial, parameters: Mapping | None = None, strategy="adjoint") -> torch.Tensor:
    """The states at `times`, [times, *initial.shape], differentiable by times, initial and parameters.

    Args:
        problem, times, initial: as of `Problem.solve`; tensors of any device and real dtype, or arrays.
        parameters: tensors by name, those of the problem that this solve uses; the others keep their values. The
            problem keeps them afterwards. ``dict(module.named_parameters())`` for a field of `add_module`.
        strategy: the gradient component for `backward`, such as "adjoint", "direct" or a dict with options.

    The result has the dtype and device of `initial`. Where something requires a gradient, what the strategy keeps for
    `backward` lives as long as the result's graph. Raises odeon.Error where the integration fails. Second derivatives
    do not go through it; see `Problem.hessian_product`.
    """
    if parameters is not None and not isinstance(parameters, Mapping):
        raise TypeError(f"'parameters' must be a dict of tensors by name; found {type(parameters).__name__}")
    parameters = {} if parameters is None else dict(parameters)
    times, initial = torch.as_tensor(times), torch.as_tensor(initial)
    return _Solve.apply(problem, strategy, tuple(parameters), times, initial, *parameters.values())


def add_module(session: Session, id: str, module: torch.nn.Module, *, state_shape: int | Iterable[int]) -> None:
    """Adds ``module(t, y)`` as a field, y [rows, *state_shape] and t a scalar tensor, as torchdiffeq calls it.

    Its parameters become those of the field, under their names in `module.named_parameters()`. It is called with
    float64 tensors on the CPU, its parameters and buffers too, whatever it holds itself; PyTorch derives its
    products.
    """
    buffers = {name: _double(b) for name, b in module.named_buffers()}

    def called(t, y, theta):
        return torch.func.functional_call(module, {**theta, **buffers}, (t, y))

    def tensors(theta, requires_grad):
        return {name: torch.tensor(value, requires_grad=requires_grad) for name, value in theta.items()}

    def f(t, y, *theta):
        named = tensors(theta[0], False) if theta else {}
        with torch.no_grad():
            return called(torch.tensor(t, dtype=torch.float64), torch.from_numpy(y), named).numpy()

    def vjp(t, y, *theta_and_v):
        theta, v = theta_and_v[:-1], torch.from_numpy(theta_and_v[-1])
        y = torch.from_numpy(y).requires_grad_()
        named = tensors(theta[0], True) if theta else {}
        # t is one for all rows, but its derivative is wanted of each: forwards.
        with torch.enable_grad(), forward_ad.dual_level():
            moving = forward_ad.make_dual(torch.tensor(t, dtype=torch.float64), torch.tensor(1.0, dtype=torch.float64))
            out, by_t = forward_ad.unpack_dual(called(moving, y, named))
            inputs = (y, *named.values())
            products = [None] * len(inputs)
            if out.requires_grad:
                products = torch.autograd.grad(out, inputs, v, allow_unused=True)
        gy, *gtheta = (None if p is None else p.numpy() for p in products)
        gt = None if by_t is None else (by_t.detach() * v).flatten(1).sum(1).numpy()
        return (gt, gy, dict(zip(named, gtheta))) if theta else (gt, gy)

    parameters = {name: p.detach().double().cpu().numpy() for name, p in module.named_parameters()}
    session.add_field(id, f, state_shape=state_shape, parameters=parameters or None, vjp=vjp)


def _double(x: torch.Tensor) -> torch.Tensor:
    return x.detach().double().cpu() if x.is_floating_point() else x.detach().cpu()


def _array(x: torch.Tensor) -> np.ndarray:
    return x.detach().double().cpu().numpy()


class _Solve(torch.autograd.Function):
    @staticmethod
    def forward(ctx, problem, strategy, names, times, initial, *parameters):
        ctx.save_for_backward(times, initial, *parameters)
        ctx.names = names
        if names:
            problem.parameters = {name: _array(p) for name, p in zip(names, parameters)}
        if any(ctx.needs_input_grad):
            ctx.gradient_pass = problem.begin_gradient(strategy, _array(times), _array(initial))
            solution = ctx.gradient_pass.solution
        else:
            solution = problem.solve(_array(times), _array(initial))
        _raise(solution.failure)
        return torch.from_numpy(solution.states).to(initial)

    @staticmethod
    @torch.autograd.function.once_differentiable
    def backward(ctx, by_states):
        times, initial, *parameters = ctx.saved_tensors
        g = ctx.gradient_pass.backward(_array(by_states))
        _raise(g.failure)
        products = [g.times, g.initial] + [g.parameters[name] for name in ctx.names]
        inputs = [times, initial, *parameters]
        return None, None, None, *(torch.from_numpy(p).to(x) for p, x in zip(products, inputs))


def _raise(failure) -> None:
    if failure is not None:
        raise Error(f"the integration failed at t = {failure.t:g}: {failure.reason}; {failure.remedy}", 1)
