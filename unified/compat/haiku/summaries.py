"""Summaries of the modules that a function calls, as a list or as a table.

Source: https://dm-haiku.readthedocs.io/en/latest/api.html#summarisation
"""

import contextlib
import pprint
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from unified.compat import jax
from unified.compat.haiku.custom import push_creator
from unified.compat.haiku.frame import current, local
from unified.compat.haiku.module import MethodContext, intercept_methods
from unified.compat.haiku.stateful import eval_shape
from unified.compat.haiku.transform import get_original_fn, transform_with_state
from unified.compat.haiku.utils import format_array, format_bytes, tree_bytes, tree_size
from unified.compat.jax import numpy as jnp
from unified.compat.jax import random, tree_util

__all__ = ["ArraySpec", "MethodInvocation", "ModuleDetails", "eval_summary", "fast_eval_shape", "tabulate"]


@dataclass(frozen=True, repr=False)
class ArraySpec:
    """The shape and dtype of an array."""

    shape: Sequence[int]
    dtype: Any

    def __repr__(self) -> str:
        return format_array(self)

    @property
    def size(self) -> int:
        return int(np.prod(self.shape))

    @classmethod
    def from_array(cls, array: Any) -> "ArraySpec":
        return cls(tuple(array.shape), array.dtype)


@dataclass(frozen=True)
class ModuleDetails:
    """A method of a module, with all parameters and state of the module and its submodules."""

    module: Any
    method_name: str
    params: Mapping[str, ArraySpec]
    state: Mapping[str, ArraySpec]

    @classmethod
    def of(cls, module: Any, method_name: str) -> "ModuleDetails":
        params, state = (
            {name: ArraySpec.from_array(value) for name, value in values.items()}
            for values in (module.params_dict(), module.state_dict())
        )
        return cls(module, method_name, params, state)


@dataclass(frozen=True)
class MethodInvocation:
    """One call of a method.

    Attributes:
        module_details: the module.
        args_spec: the arguments, with `ArraySpec` for arrays.
        kwargs_spec: the named arguments.
        output_spec: the outputs.
        context: the method.
        call_stack: the method and those that ran around it, the innermost first.
    """

    module_details: ModuleDetails
    args_spec: tuple[Any, ...]
    kwargs_spec: dict[str, Any]
    output_spec: Any
    context: MethodContext
    call_stack: Sequence[ModuleDetails]


def _spec(tree: Any) -> Any:
    return tree_util.tree_map(lambda leaf: ArraySpec.from_array(leaf) if isinstance(leaf, jax.Array) else leaf, tree)


def eval_summary(f: Any) -> Callable[..., Sequence[MethodInvocation]]:
    """Return a function that takes the arguments of `f` and returns all calls of methods, from shapes alone.

    `f` is a function that uses modules, or one that is transformed.

    >>> import unified as u, unified.compat.haiku as hk, unified.compat.jax.numpy as jnp
    >>> u.set_backend("torch")
    >>> calls = hk.experimental.eval_summary(lambda x: hk.Linear(3)(x))(jnp.ones([1, 2]))
    >>> [(call.module_details.module.module_name, call.output_spec) for call in calls]
    [('linear', f32[1,3])]
    >>> u.set_backend(None)
    """
    with contextlib.suppress(AttributeError):
        f = get_original_fn(f)

    def plain(*args: Any, **kwargs: Any) -> Any:  # jax.jit must not compile f, which is not pure
        return f(*args, **kwargs)

    def summary(*args: Any, **kwargs: Any) -> Sequence[MethodInvocation]:
        calls: list[Any] = []

        def record(next_fun: Any, args: Any, kwargs: Any, context: MethodContext) -> Any:
            if context.method_name in ("__init__", "params_dict", "state_dict"):
                return next_fun(*args, **kwargs)
            index = len(calls)
            calls.append(None)
            out = next_fun(*args, **kwargs)
            stack = tuple(ModuleDetails.of(call.module, call.method) for call in current().calls)
            details = ModuleDetails.of(context.module, context.method_name)
            calls[index] = MethodInvocation(details, _spec(args), _spec(kwargs), _spec(out), context, stack[::-1])
            return out

        def recorded(*args: Any, **kwargs: Any) -> None:
            with intercept_methods(record):
                f(*args, **kwargs)

        def run(*args: Any, **kwargs: Any) -> None:
            init_key, apply_key = random.split(random.PRNGKey(42))
            params, state = transform_with_state(plain).init(init_key, *args, **kwargs)
            transform_with_state(recorded).apply(params, state, apply_key, *args, **kwargs)

        with jax.disable_jit():
            jax.eval_shape(run, *args, **kwargs)
        return calls

    return summary


def _stack_text(call: MethodInvocation) -> str:
    def entry(details: ModuleDetails) -> str:
        name = type(details.module).__name__
        method = "" if details.method_name == "__call__" else f".{details.method_name}"
        return f"{details.module.module_name} ({name}{method})"

    return "\n └ ".join(entry(details) for details in call.call_stack)


def _module_params(call: MethodInvocation) -> str:
    owner = call.module_details.module.module_name
    params = {
        name.rpartition("/")[2]: spec
        for name, spec in call.module_details.params.items()
        if name.rpartition("/")[0] == owner
    }
    return "\n".join(
        f"{name}: {spec}" for name, spec in sorted(params.items(), key=lambda item: (-item[1].size, item[0]))
    )


def _input_text(call: MethodInvocation) -> str:
    text = ", ".join(pprint.pformat(spec) for spec in call.args_spec)
    if call.kwargs_spec:
        text += "\n" + ", ".join(f"{name}={pprint.pformat(spec)}" for name, spec in call.kwargs_spec.items())
    return text


COLUMNS: dict[str, tuple[str, Callable[[MethodInvocation], str], str]] = {
    "module": ("Module", _stack_text, "left"),
    "config": ("Config", lambda call: repr(call.module_details.module), "left"),
    "owned_params": ("Module params", _module_params, "left"),
    "input": ("Input", _input_text, "left"),
    "output": ("Output", lambda call: pprint.pformat(call.output_spec), "left"),
    "params_size": ("Param count", lambda call: f"{tree_size(call.module_details.params):,}", "right"),
    "params_bytes": ("Param bytes", lambda call: format_bytes(tree_bytes(call.module_details.params)), "right"),
}
FILTERS: dict[str, Callable[[MethodInvocation], bool]] = {
    "has_output": lambda call: call.output_spec is not None,
    "has_params": lambda call: bool(call.module_details.params),
}


def _select(names: Any, default: Any, options: dict[str, Any], what: str) -> list[Any]:
    names = default if names is None else names
    invalid = [name for name in names if name not in options]
    if invalid:
        raise ValueError(f"Invalid {what}: {', '.join(map(repr, invalid))}; choose from {', '.join(options)}")
    return [options[name] for name in names]


def tabulate(
    f: Any, *, columns: Sequence[str] | None = None, filters: Sequence[str] | None = None,
    tabulate_kwargs: Mapping[str, Any] | None = None,
) -> Callable[..., str]:  # fmt: skip
    """Return a function that takes the arguments of `f` and returns a table of all calls of methods.

    Args:
        f: a function that uses modules, or one that is transformed.
        columns: of `module`, `config`, `owned_params`, `input`, `output`, `params_size`, `params_bytes`; all by
            default.
        filters: of `has_output`, `has_params`; the first by default.
        tabulate_kwargs: arguments of the package `tabulate`, which draws the table if it is installed.
    """
    table = _select(columns, list(COLUMNS), COLUMNS, "column")
    keeps = _select(filters, ["has_output"], FILTERS, "filter")
    summary = eval_summary(f)

    def generate(*args: Any, **kwargs: Any) -> str:
        calls = [call for call in summary(*args, **kwargs) if all(keep(call) for keep in keeps)]
        if not calls:
            return "No modules matching filters."
        rows = [[text(call) for _, text, _ in table] for call in calls]
        return _draw([header for header, _, _ in table], rows, [align for _, _, align in table], tabulate_kwargs)

    return generate


def _draw(headers: list[str], rows: list[list[str]], align: list[str], options: Any) -> str:
    try:
        import tabulate as library
    except ImportError:
        return _grid(headers, rows, align)
    return library.tabulate(
        rows, headers=headers, colalign=align, **({"tablefmt": "grid"} if options is None else options)
    )


def _grid(headers: list[str], rows: list[list[str]], align: list[str]) -> str:
    cells = [[cell.split("\n") for cell in row] for row in [headers, *rows]]
    widths = [max(len(line) for row in cells for line in row[column]) for column in range(len(headers))]

    def rule(mark: str) -> str:
        return "+" + "+".join(mark * (width + 2) for width in widths) + "+"

    lines = [rule("-")]
    for number, row in enumerate(cells):
        for line in range(max(len(cell) for cell in row)):
            texts = [cell[line] if line < len(cell) else "" for cell in row]
            padded = [t.rjust(w) if a == "right" else t.ljust(w) for t, w, a in zip(texts, widths, align, strict=True)]
            lines.append("| " + " | ".join(padded) + " |")
        lines.append(rule("-" if number else "="))
    return "\n".join(lines)


def fast_eval_shape(fun: Any, *args: Any, **kwargs: Any) -> Any:
    """Return the output shapes of `fun`, as `eval_shape`, but with initial values of zero, which trace faster.

    Args:
        fun: a function that is transformed, or any function within a transform.
    """

    def zeros(next_creator: Any, shape: Any, dtype: Any, init: Any, context: Any) -> Any:
        return next_creator(shape, dtype, jnp.zeros)

    with push_creator(zeros):
        return (eval_shape if local.frames else jax.eval_shape)(fun, *args, **kwargs)
