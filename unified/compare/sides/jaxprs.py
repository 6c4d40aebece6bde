"""What a jaxpr tells of a function: the order in which it uses its inputs, and its intermediate values."""

from collections.abc import Iterator, Sequence
from typing import Any

import jax
from jax.extend import core

__all__ = ["first_uses", "primitive_values"]

# An operation of these is no use of a value: its result stands for the value.
VIEWS = {
    "convert_element_type", "copy", "copy_p", "transpose", "reshape", "broadcast_in_dim", "squeeze", "slice", "rev",
    "expand_dims", "stop_gradient", "dynamic_slice", "optimization_barrier", "split",
}  # fmt: skip


def first_uses(closed: Any) -> list[int]:
    """Return the numbers of the inputs that are used, in the order of their first uses, within inner jaxprs too."""
    uses: dict[int, None] = {}
    _walk(closed.jaxpr, {variable: {number} for number, variable in enumerate(closed.jaxpr.invars)}, uses)
    return list(uses)


def _walk(jaxpr: Any, origins: dict[Any, set[int]], uses: dict[int, None]) -> list[set[int]]:
    """Add the uses of a jaxpr whose variables stand for inputs; return what its results stand for."""
    for equation in jaxpr.eqns:
        operands = [set() if isinstance(v, core.Literal) else origins.get(v, set()) for v in equation.invars]
        if equation.primitive.name in VIEWS:
            for result in equation.outvars:
                origins[result] = operands[0]
            continue
        inner = list(_inner(equation, operands))
        if not inner:
            for operand in operands:
                for number in sorted(operand):
                    uses.setdefault(number)
        for sub, given in inner:
            results = _walk(sub, dict(zip(sub.invars, given, strict=False)), uses)
            if len(results) == len(equation.outvars):
                origins.update({v: result for v, result in zip(equation.outvars, results, strict=True) if result})
    return [set() if isinstance(v, core.Literal) else origins.get(v, set()) for v in jaxpr.outvars]


def _inner(equation: Any, operands: list[set[int]]) -> Iterator[tuple[Any, list[set[int]]]]:
    """Yield the jaxprs of an equation with what their inputs stand for."""
    parameters = equation.params
    if equation.primitive.name == "while":
        of_cond, of_body = parameters["cond_nconsts"], parameters["body_nconsts"]
        carry = operands[of_cond + of_body :]
        yield parameters["cond_jaxpr"].jaxpr, operands[:of_cond] + carry
        yield parameters["body_jaxpr"].jaxpr, operands[of_cond : of_cond + of_body] + carry
        return
    for value in parameters.values():
        for item in value if isinstance(value, tuple | list) else (value,):
            sub = item.jaxpr if isinstance(item, core.ClosedJaxpr) else item
            if isinstance(sub, core.Jaxpr):
                skipped = max(len(operands) - len(sub.invars), 0)  # the index of cond comes first
                yield sub, operands[skipped:]
                if equation.primitive.name != "cond":
                    return


def primitive_values(closed: Any, inputs: Sequence[Any]) -> Iterator[tuple[str, str, dict[str, Any], Any, list[Any]]]:
    """Evaluate a jaxpr; yield each floating result's name, primitive, plain parameters, value and operands."""
    jaxpr = closed.jaxpr
    known: dict[Any, Any] = dict(zip(jaxpr.constvars, closed.consts, strict=True))
    known.update(zip(jaxpr.invars, inputs, strict=True))
    counts: dict[str, int] = {}
    for equation in jaxpr.eqns:
        operands = [v.val if isinstance(v, core.Literal) else known[v] for v in equation.invars]
        results = equation.primitive.bind(*operands, **equation.primitive.get_bind_params(equation.params))
        results = results if equation.primitive.multiple_results else [results]
        known.update(zip(equation.outvars, results, strict=True))
        primitive = str(equation.params.get("name", "")) or equation.primitive.name
        number = counts[primitive] = counts.get(primitive, -1) + 1
        plain = {k: v for k, v in equation.params.items() if isinstance(v, int | float | str | bool | tuple)}
        for part, value in enumerate(results):
            name = f"{primitive}_{number}" + (f".{part}" if len(results) > 1 else "")
            if equation.primitive.name not in VIEWS and jax.numpy.issubdtype(value.dtype, jax.numpy.floating):
                yield name, primitive, plain, value, operands
