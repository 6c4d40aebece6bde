"""`assert_parity`: a model must have the same names, values and gradients on every framework."""

import functools
from collections.abc import Callable, Mapping, Sequence
from importlib import import_module
from typing import Any

import numpy as np

from unified.core import backends
from unified.core.annotations import PyTree
from unified.core.transform import transform
from unified.testing.observation import Observation, in_form_of, map_leaves
from unified.testing.report import Difference, ParityError, compare_arrays, compare_structure, layer_report

__all__ = ["ParityError", "assert_parity"]


def assert_parity(
    forward: Callable[..., Any],
    *inputs: PyTree,
    rng: Any = 0,
    training: bool | Sequence[bool] = (False, True),
    rtol: float = 1e-5,
    atol: float = 1e-5,
    gradients: bool = True,
    kwargs: Mapping[str, PyTree] | None = None,
    backends_to_compare: Sequence[str] = ("torch", "jax"),
    stacks: str | Mapping[str, str] | None = None,
) -> None:
    """Assert that a function is the same model on every framework.

    It compares, for evaluation and for training: the names, shapes, dtypes and collections of all variables, their
    initial values (bit for bit), the output of each layer, the outputs, the gradients with respect to inputs and
    parameters, and the state after the call.

    Args:
        forward: the function, as `unified.transform` takes it; a class of `unified.nn`, in a `functools.partial` with
            its arguments if it takes any; a module of `unified.trees`; or a module of `unified.explicit`, whose streams
            of random numbers get the seed too. Outputs of layers are compared in the first alone.
        *inputs: NumPy arrays, also nested in tuples, lists and dicts, which are converted to each framework's arrays;
            other values are passed unchanged.
        rng: the seed; for a function also a mapping from streams to seeds, as `init` takes it.
        training: the modes to compare.
        rtol, atol: two values agree if they differ by at most `atol + rtol * |value|`.
        gradients: whether to compare gradients.
        kwargs: inputs by keyword.
        backends_to_compare: the names of backends; the others are compared with the first.
        stacks: as `unified.transform` takes it; a dict from the names of backends compares the forms that it says, such
            as `{"torch": "separate"}` with the stacked form on JAX.

    Raises:
        ParityError: an `AssertionError` whose message names the first layer whose output diverges, with the
            statistics of both values, and lists all other differences.

    >>> import numpy as np, unified as u
    >>> assert_parity(lambda x: u.Linear(None, 3)(x), np.ones((2, 4), "float32"))
    """
    reference, *others = backends_to_compare
    forms = stacks if isinstance(stacks, Mapping) else dict.fromkeys(backends_to_compare, stacks)
    for mode in [training] if isinstance(training, bool) else training:
        settings = inputs, kwargs or {}, rng, mode, gradients
        expected = _run_for_parity(reference, forward, forms.get(reference), *settings)
        for other in others:
            actual = in_form_of(expected, _run_for_parity(other, forward, forms.get(other), *settings))
            _compare(reference, expected, other, actual, "training" if mode else "evaluation", rtol, atol)


def _run_for_parity(
    name: str,
    forward: Callable[..., Any],
    stacks: str | None,
    args: Any,
    kwargs: Any,
    rng: Any,
    training: bool,
    gradients: bool,
) -> Observation:
    backend = backends.load(name)

    def native(name: str, x: Any) -> Any:
        return backend.from_numpy(np.asarray(x), None) if isinstance(x, (np.ndarray, np.generic)) else x

    args, kwargs = map_leaves(native, args, "input"), map_leaves(native, kwargs, "input")
    framework = import_module(f"unified.backends.{name}.parity")
    run = args, kwargs, rng, training, gradients
    if hasattr(forward, "__pure_model__"):  # a module of another style than bodies
        return framework.observe_pure(forward.__pure_model__(), *run)
    made: Any = type(forward.func if isinstance(forward, functools.partial) else forward)
    if hasattr(made, "__observe__"):  # a class, whose objects run themselves
        return made.__observe__(forward, name, *run)
    model = transform(forward, backend=name, rng="portable", stacks=stacks)
    return framework.run_for_parity(model, *run)


def _compare(
    name: str, expected: Observation, other: str, actual: Observation, mode: str, rtol: float, atol: float
) -> None:
    names = (name, other)
    problems = compare_structure(names, expected, actual)
    if problems:
        raise ParityError(f"{name} and {other} disagree on the variables of the model:\n" + "\n".join(problems))
    differences: list[Difference] = []
    for what, tolerance in (
        ("initial value", None),
        ("output", (rtol, atol)),
        ("input gradient", (rtol, atol)),
        ("parameter gradient", (rtol, atol)),
        ("state", (rtol, atol)),
    ):
        field = {"initial value": "initial", "state": "state"}.get(what, what.replace(" ", "_") + "s")
        differences += compare_arrays(what, getattr(expected, field), getattr(actual, field), tolerance)
    if differences:
        raise ParityError(layer_report(names, expected, actual, differences, mode, (rtol, atol)))
