"""A JAX function of a tree of values as a side of a comparison; the sides of JAX's libraries are made of it."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractContextManager
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np

from unified.compare.errors import SideError
from unified.compare.side import Gradients, Inputs, Intermediate, Kind, Run, Side, Value
from unified.compare.sides.jaxprs import first_uses, primitive_values
from unified.compare.sides.modes import Mode
from unified.compare.trees import leaves, mapped

__all__ = ["FunctionSide", "JaxSide", "concrete", "named_leaves"]

Call = Callable[[list[Any], tuple[Any, ...], dict[str, Any], bool], tuple[Any, dict[str, Any]]]


def named_leaves(tree: Any, name: str = "") -> dict[str, Any]:
    """Return the leaves of a tree of JAX by path.

    Raises:
        SideError: two leaves have the same path.
    """
    result: dict[str, Any] = {}
    for path, leaf in jax.tree_util.tree_flatten_with_path(tree)[0]:
        key = "/".join([*([name] if name else []), *(_part(entry) for entry in path)])
        if key in result:
            raise SideError(f"two arrays of the tree have the path {key!r}: rename one of them")
        result[key] = leaf
    return result


def concrete(tree: Any) -> tuple[np.ndarray, ...]:
    """Return the arrays of a tree that have values; those that are traced, and keys, have none."""
    return tuple(
        np.asarray(leaf)
        for leaf in jax.tree.leaves(tree)
        if isinstance(leaf, jax.Array | np.ndarray)
        and not isinstance(leaf, jax.core.Tracer)
        and not jax.dtypes.issubdtype(leaf.dtype, jax.dtypes.prng_key)
    )


def _part(entry: Any) -> str:
    for attribute in ("key", "idx", "name"):
        if hasattr(entry, attribute):
            return str(getattr(entry, attribute))
    return str(entry)


class JaxSide(Side):
    """Values by path, and a function `call(arrays, args, kwargs, training)` that returns the output and new state.

    `arrays` are those of `values()`, in their order.
    """

    framework = "jax"

    def __init__(
        self, library: str, values: dict[str, Value], call: Call, compiled: dict[Any, Any] | None = None
    ) -> None:
        self.library, self._values, self._call = library, values, call
        self._compiled = {} if compiled is None else compiled  # shared by sides that differ in values alone

    def values(self) -> dict[str, Value]:
        return dict(self._values)

    def replaced(self, values: Mapping[str, np.ndarray]) -> Side:
        new = {path: Value(array, self._values[path].kind) for path, array in self.checked(values).items()}
        side = object.__new__(type(self))
        side.__dict__.update(self.__dict__)
        side._values = {**self._values, **new}
        return side

    def cast(self, dtype: str) -> Side:
        side = object.__new__(type(self))
        side.__dict__.update(self.__dict__)
        side._compiled = {}
        side._values = {
            path: Value(value.array.astype(dtype) if value.array.dtype.kind == "f" else value.array, value.kind)
            for path, value in self._values.items()
        }
        return side

    def precise(self, dtype: str) -> AbstractContextManager[None]:
        return jax.enable_x64(dtype == "float64")

    def run(self, inputs: Inputs, training: bool = False) -> Run:
        arrays, function = self._prepared("run", inputs, training, self._outputs)
        outputs, state = self._guarded(function, self._arrays(), arrays)
        before = {path: value.array for path, value in self._values.items() if value.kind == "state"}
        after = {path: np.asarray(array) for path, array in state.items() if path in before}
        return Run({name: np.asarray(array) for name, array in outputs.items()}, {**before, **after})

    def first_uses(self, inputs: Inputs) -> list[str]:
        arrays, function = self._prepared(None, inputs, False, self._outputs)
        jaxpr = self._guarded(jax.make_jaxpr(lambda values: function(values, arrays)[0]), self._arrays())
        paths = list(self._values)
        return [paths[number] for number in first_uses(jaxpr)]

    def gradients(self, inputs: Inputs, cotangents: Mapping[str, np.ndarray], training: bool = False) -> Gradients:
        def differentiated(run: Any) -> Any:
            def scalar(floating: Any, rest: Any, cotangents: Any) -> Any:
                values, arrays = mapped_back(floating, rest)
                outputs = run(values, arrays)[0]
                parts = [
                    jnp.sum(outputs[n] * c.astype(outputs[n].dtype))
                    for n, c in cotangents.items()
                    if n in outputs and _floats(outputs[n])
                ]
                return sum(parts, jnp.zeros(()))

            return jax.grad(scalar)

        def split(values: Any, arrays: Any) -> tuple[Any, Any]:
            flat = {**{f"v{n}": v for n, v in enumerate(values)}, **{f"a{n}": a for n, a in arrays.items()}}
            kinds = [value.kind for value in self._values.values()]
            trained = {n for n, v in flat.items() if _floats(v) and (n[0] == "a" or kinds[int(n[1:])] == "parameter")}
            return {n: flat[n] for n in flat if n in trained}, {n: flat[n] for n in flat if n not in trained}

        def mapped_back(floating: Any, rest: Any) -> Any:
            flat = {**floating, **rest}
            return [flat[f"v{n}"] for n in range(len(self._values))], {n[1:]: v for n, v in flat.items() if n[0] == "a"}

        arrays, function = self._prepared("gradients", inputs, training, lambda *a: differentiated(self._outputs(*a)))
        floating, rest = split(self._arrays(), arrays)
        found = self._guarded(function, floating, rest, {name: np.asarray(c) for name, c in cotangents.items()})
        paths = list(self._values)
        zeros = {p: np.zeros_like(v.array) for p, v in self._values.items() if v.kind == "parameter"}
        parameters = {paths[int(n[1:])]: np.asarray(g) for n, g in found.items() if n[0] == "v"}
        by_leaf = {n[1:].partition("/")[2]: np.asarray(g) for n, g in found.items() if n[0] == "a"}
        return Gradients({**zeros, **parameters}, by_leaf)

    def intermediates(self, inputs: Inputs, training: bool = False) -> list[Intermediate]:
        """Return the values of the jaxpr; sides of libraries return those of layers."""
        arrays, function = self._prepared(None, inputs, training, self._outputs)
        jaxpr = self._guarded(jax.make_jaxpr(lambda *all_: function(*all_)[0]), self._arrays(), arrays)
        flat = [*self._arrays(), *(arrays[name] for name in sorted(arrays))]
        return [
            Intermediate(name, primitive, settings, np.asarray(value), concrete(operands))
            for name, primitive, settings, value, operands in primitive_values(jaxpr, flat)
        ]

    def _arrays(self) -> list[Any]:
        return [jnp.asarray(value.array) for value in self._values.values()]

    def _outputs(self, template: Any, training: bool) -> Any:
        """Return a function of the values and the inputs' arrays, by name; other leaves stay as in the template."""

        def run(values: Sequence[Any], arrays: Mapping[str, Any]) -> tuple[dict[str, Any], dict[str, Any]]:
            args, kwargs = mapped(arrays.get, template)
            output, state = self._call(list(values), args, kwargs, training)
            found = {name or "output": leaf for name, leaf in named_leaves(output).items()}
            return {name: leaf for name, leaf in found.items() if hasattr(leaf, "shape")}, state

        return run

    def _prepared(self, what: str | None, inputs: Inputs, training: bool, make: Any) -> tuple[dict[str, Any], Any]:
        """Return the inputs' arrays by name, and the function that `make` makes, jitted if it is for `what`."""
        template = (tuple(inputs.args), dict(inputs.kwargs))
        flat = leaves(template)
        arrays = {n: jnp.asarray(leaf) for n, leaf in flat.items() if isinstance(leaf, np.ndarray | np.generic)}
        static = tuple((n, "" if n in arrays else repr(leaf)) for n, leaf in flat.items())
        if what is None:
            return arrays, make(template, training)
        key = (what, training, static)
        if key not in self._compiled:
            self._compiled[key] = jax.jit(make(template, training))
        return arrays, self._compiled[key]

    def _guarded(self, function: Any, *args: Any) -> Any:
        try:
            return function(*args)
        except SideError:
            raise
        except Exception as error:
            raise SideError(
                f"the {self.library} side raised {type(error).__name__}: {error}. Run it by itself on these inputs; "
                f"`layouts` says how its inputs differ from the first side's"
            ) from error


class FunctionSide(JaxSide):
    """A function of a tree of parameters."""

    @classmethod
    def of(cls, fn: Callable[..., Any], params: Any, state: Any, training: str | None) -> FunctionSide:
        """Return the side of a function, with a tree of state if it has any."""
        mode = Mode(fn, training)
        structure = jax.tree.structure((params, state))
        has_state = state is not None
        names = _names(params, state)

        def call(values: list[Any], args: Any, kwargs: Any, training: bool) -> tuple[Any, dict[str, Any]]:
            own, own_state = jax.tree.unflatten(structure, values)
            leading = (own, own_state) if has_state else (own,)
            output = fn(*leading, *args, **mode.keywords(args, kwargs, training, len(leading)))
            if not has_state:
                return output, {}
            output, after = output
            return output, named_leaves(after, "state")

        values = {
            path: Value(np.asarray(leaf), kind)
            for (path, kind), leaf in zip(names.items(), jax.tree.leaves((params, state)), strict=True)
        }
        return cls("function", values, call)


def _names(params: Any, state: Any) -> dict[str, Kind]:
    """Return the paths of params and state; with state they begin with `params` and `state`."""
    if state is None:
        return dict.fromkeys(named_leaves(params), "parameter")
    return {
        **dict.fromkeys(named_leaves(params, "params"), "parameter"),
        **dict.fromkeys(named_leaves(state, "state"), "state"),
    }


def _floats(array: Any) -> bool:
    return bool(jnp.issubdtype(jnp.result_type(array), jnp.floating))
