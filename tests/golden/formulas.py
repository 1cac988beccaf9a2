"""Odeon's `expression` fields as Python functions: its formulas are Python's but for ^."""
import math


def names(module, array):
    """The functions of formulas by `module` (math, numpy, torch, jax.numpy); array: makes one of a number."""
    f = {name: getattr(module, name) for name in ("sin", "cos", "tan", "exp", "log", "sqrt", "tanh")}
    f |= {"abs": abs, "pow": pow, "pi": math.pi, "e": math.e}
    if module is not math:
        f |= {name: lambda x, g=getattr(module, name): g(array(x)) for name in f if callable(getattr(module, name, None))
              and name not in ("abs", "pow")}
    return f


def derivative(field, module=math, array=float, key="derivatives"):
    """f(t, y) -> list, for an `expression` section; y: a sequence of the state variables. key: the section's part."""
    formulas = [field.get(key, {}).get(name, "0") for name in field["state"]]
    source = f"lambda t, {', '.join(field['state'])}: [{', '.join(str(s).replace('^', '**') for s in formulas)}]"
    f = eval(source, names(module, array) | field.get("parameters", {}))
    return lambda t, y: f(t, *y)
