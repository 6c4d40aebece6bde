"""Runs a case of the layer table on both backends and on `torch.nn` itself, and says what came out as NumPy arrays."""

import functools
import inspect
import typing
from collections.abc import Iterator, Sequence
from typing import Any, NamedTuple

import jax
import jax.numpy as jnp
import numpy as np
import torch

import unified as u
from conformance_tests.parity.cases.recipes import Case, Given, Recipe, make

__all__ = [
    "MODES",
    "Result",
    "arguments",
    "check",
    "given_inputs",
    "layer_inputs",
    "leaf",
    "models",
    "oracle",
    "recipes",
    "run_jax",
    "run_torch",
    "torch_signature",
]

MODES = (True, True, False)  # two calls in training, so that running statistics are read again, and one in evaluation

Arrays = dict[str, np.ndarray]


class Result(NamedTuple):
    """What a call gave: outputs, gradients by input position and by parameter name, and all variables after it."""

    outputs: list[np.ndarray]
    input_gradients: dict[int, np.ndarray]
    gradients: Arrays
    variables: Arrays


def layer_inputs(case: Case, call: int) -> list[np.ndarray]:
    """The arrays among the inputs of a call: the same on all backends, others in the next call.

    Floats have the layer's dtype.
    """
    rng = np.random.default_rng([call, 1])
    arrays = [make(recipe, rng) for recipe in recipes((case.inputs, case.named))]
    dtype = case.kwargs.get("dtype", "float32")
    return [array.astype(dtype) if array.dtype.kind == "f" else array for array in arrays]


def recipes(value: Any) -> list[Recipe]:
    """All recipes in nested tuples and dicts."""
    if isinstance(value, Recipe):
        return [value]
    inner = value.values() if isinstance(value, dict) else value if type(value) in (tuple, list) else ()
    return [recipe for item in inner for recipe in recipes(item)]


def given_inputs(case: Case, arrays: Sequence[Any]) -> tuple[tuple[Any, ...], dict[str, Any]]:
    """The call's positional and named inputs, with `arrays` in place of the recipes."""
    remaining = iter(arrays)

    def fill(value: Any) -> Any:
        if isinstance(value, Recipe):
            return next(remaining)
        if isinstance(value, dict):
            return {name: fill(item) for name, item in value.items()}
        return type(value)(map(fill, value)) if type(value) in (tuple, list) else value

    return fill(case.inputs), fill(case.named)


def arguments(case: Any, convert: Any, library: Any) -> tuple[tuple[Any, ...], dict[str, Any]]:
    """The constructor's arguments: `convert` is applied to what recipes stand for, and `library` has given layers."""

    def value_of(value: Any) -> Any:
        if isinstance(value, Given):
            args, kwargs = arguments(value, convert, library)
            return getattr(library, value.layer)(*args, **kwargs)
        if isinstance(value, dict):
            return type(value)((name, value_of(item)) for name, item in value.items())
        made = make(value, np.random.default_rng(5))
        return made if made is value else convert(made)

    return tuple(map(value_of, case.args)), {name: value_of(value) for name, value in case.kwargs.items()}


def models(case: Case) -> tuple[Any, Any, u.Params]:
    """The case's layer as a model on torch and on JAX, both initialised from one seed, and JAX's params."""

    def model(backend: str, convert: Any) -> Any:
        def forward(*inputs: Any, **options: Any) -> Any:
            args, kwargs = arguments(case, convert, u)
            return getattr(u, case.layer)(*args, **kwargs)(*inputs, **options)

        return u.transform(forward, backend=backend, rng="portable" if backend == "torch" else None)

    arrays = layer_inputs(case, 0)
    on_torch, on_jax = model("torch", torch.tensor), model("jax", jnp.asarray)
    inputs, options = given_inputs(case, [*map(torch.tensor, arrays)])
    on_torch.init(*inputs, rng=3, **options)
    inputs, options = given_inputs(case, [*map(jnp.asarray, arrays)])
    return on_torch, on_jax, on_jax.init(*inputs, rng=3, **options)


def torch_signature(name: str) -> inspect.Signature:
    """The constructor's parameters: that of a recurrent layer takes anything, and its first overload names them."""
    cls = getattr(torch.nn, name)
    for overload in typing.get_overloads(cls.__init__):
        named = inspect.signature(overload)
        return named.replace(parameters=list(named.parameters.values())[1:])
    return inspect.signature(cls)


def oracle(case: Case, initial: Arrays) -> torch.nn.Module:
    """`torch.nn`'s own layer, with these initial values."""
    cls = getattr(torch.nn, case.layer.removeprefix("Lazy"))
    args, kwargs = arguments(case, torch.tensor, torch.nn)
    if cls.__name__ != case.layer:
        given = torch_signature(case.layer).bind(*args, **kwargs)
        given.apply_defaults()  # which may be others
        args, kwargs = (None, *given.args), given.kwargs  # `sizes` says what None is
    bound = torch_signature(cls.__name__).bind(*args, **kwargs)
    bound.arguments.update(case.sizes)
    if bound.arguments.get("dtype") is not None:
        bound.arguments["dtype"] = getattr(torch, bound.arguments["dtype"])
    module = cls(*bound.args, **bound.kwargs)
    module.load_state_dict({name: torch.tensor(value) for name, value in initial.items()})
    return module


def _projection(position: int, shape: tuple[int, ...]) -> np.ndarray:
    """Fixed random factors, one for each value of an output: gradients are those of the sum of the products."""
    return np.random.default_rng([position, 2]).standard_normal(shape).astype(np.float32)


def leaf(path: str) -> str:
    """The name of a variable within its layer, as torch writes it: the path without the layer's own name."""
    return path.replace("/", ".").partition(".")[2]


def _listed(output: Any) -> list[Any]:
    """The arrays of an output, which may be tuples of tuples; those that are `None` are left out."""
    if isinstance(output, (tuple, list)):
        return [array for item in output for array in _listed(item)]
    return [] if output is None else [output]


def run_torch(module: torch.nn.Module, case: Case, is_model: bool = True) -> Iterator[Result]:
    """The results of one call for each of `MODES`, of a model or of the oracle."""
    name = leaf if is_model else str
    for call, training in enumerate(MODES):
        module.train(training)
        module.zero_grad()
        leaves = [torch.tensor(array) for array in layer_inputs(case, call)]
        for tensor in leaves:
            tensor.requires_grad_(tensor.is_floating_point())
        # Layers with inplace=True refuse to write over a leaf.
        inputs, options = given_inputs(case, [tensor.clone() for tensor in leaves])
        outputs = _listed(module(*inputs, **options))
        losses = [
            (output * torch.tensor(_projection(position, tuple(output.shape)))).sum()
            for position, output in enumerate(outputs)
            if output.requires_grad
        ]
        if losses:
            sum(losses).backward()
        yield Result(
            [output.detach().numpy().copy() for output in outputs],
            {position: _gradient(tensor) for position, tensor in enumerate(leaves) if tensor.requires_grad},
            {name(path): _gradient(value) for path, value in module.named_parameters() if value.requires_grad},
            {name(path): value.numpy().copy() for path, value in module.state_dict().items() if path[:4] != "rng."},
        )


def _gradient(tensor: torch.Tensor) -> np.ndarray:
    return (torch.zeros_like(tensor) if tensor.grad is None else tensor.grad.to_dense()).detach().numpy().copy()


def run_jax(model: Any, params: u.Params, case: Case) -> Iterator[Result]:
    """The results of one jitted call for each of `MODES`."""
    floating = [position for position, recipe in enumerate(layer_inputs(case, 0)) if recipe.dtype.kind == "f"]

    def loss(training: bool, trainable: u.Params, rest: u.Params, *arrays: Any) -> Any:
        inputs, options = given_inputs(case, arrays)
        output, changes = model.apply(trainable | rest, *inputs, training=training, **options)
        outputs = _listed(output)
        total = sum(
            jnp.sum(array * _projection(position, array.shape))
            for position, array in enumerate(outputs)
            if jnp.issubdtype(array.dtype, jnp.floating)
        )
        return jnp.asarray(total, jnp.float32), (outputs, changes)

    compiled: dict[str, Any] = {}
    for call, training in enumerate(MODES):
        trainable, rest = params.split()
        arguments = trainable, rest, *map(jnp.asarray, layer_inputs(case, call))
        step = jax.value_and_grad(functools.partial(loss, training), (0, *[p + 2 for p in floating]), has_aux=True)
        lowered = jax.jit(step).lower(*arguments)
        # Most layers are one program in training and evaluation, and compiling it takes most of a test's time.
        text = lowered.as_text()
        if text not in compiled:
            compiled[text] = lowered.compile()
        (_, (outputs, changes)), (gradients, *input_gradients) = compiled[text](*arguments)
        params = params | changes
        yield Result(
            [np.asarray(output) for output in outputs],
            {position: np.asarray(array) for position, array in zip(floating, input_gradients, strict=True)},
            {leaf(path): np.asarray(array) for path, array in gradients.items()},
            {leaf(path): np.asarray(array) for path, array in params.items() if not path.startswith("rng/")},
        )


def check(found: Result, expected: Result, what: str, tolerance: float = 1e-5) -> None:
    """Raises unless everything that a call gave is as expected: integers equal, floats to `tolerance`."""
    assert len(found.outputs) == len(expected.outputs), what
    for position, output in enumerate(expected.outputs):
        _check_array(found.outputs[position], output, f"{what}: output {position}", tolerance)
    for part in ("input_gradients", "gradients", "variables"):
        assert list(getattr(found, part)) == list(getattr(expected, part)), f"{what}: {part}"
        for name, array in getattr(expected, part).items():
            _check_array(getattr(found, part)[name], array, f"{what}: {part} {name}", tolerance)


def _check_array(found: np.ndarray, expected: np.ndarray, what: str, tolerance: float) -> None:
    assert found.shape == expected.shape, f"{what}: shape {found.shape}, expected {expected.shape}"
    dtype = jax.dtypes.canonicalize_dtype(expected.dtype)
    assert jax.dtypes.canonicalize_dtype(found.dtype) == dtype, f"{what}: {found.dtype}, expected {expected.dtype}"
    if dtype.kind in "iu":
        np.testing.assert_array_equal(found, expected, err_msg=what)
    else:
        np.testing.assert_allclose(found, expected, rtol=tolerance, atol=tolerance, err_msg=what)
