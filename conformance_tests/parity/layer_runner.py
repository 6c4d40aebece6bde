"""Runs a case of the layer table on both backends and on `torch.nn` itself, and says what came out as NumPy arrays."""

import functools
import inspect
from collections.abc import Iterator
from typing import Any, NamedTuple

import jax
import jax.numpy as jnp
import numpy as np
import torch

import unified as u
from conformance_tests.parity.layer_cases import Case, make

__all__ = ["MODES", "Result", "check", "layer_inputs", "models", "oracle", "run_jax", "run_torch"]

MODES = (True, True, False)  # two calls in training, so that running statistics are read again, and one in evaluation

Arrays = dict[str, np.ndarray]


class Result(NamedTuple):
    """What a call gave: outputs, gradients by input position and by parameter name, and all variables after it."""

    outputs: list[np.ndarray]
    input_gradients: dict[int, np.ndarray]
    gradients: Arrays
    variables: Arrays


def layer_inputs(case: Case, call: int) -> list[np.ndarray]:
    """The inputs of a call: the same on all backends, others in the next call. Floats have the layer's dtype."""
    rng = np.random.default_rng([call, 1])
    arrays = [make(recipe, rng) for recipe in case.inputs]
    dtype = case.kwargs.get("dtype", "float32")
    return [array.astype(dtype) if array.dtype.kind == "f" else array for array in arrays]


def _arguments(case: Case, convert: Any) -> tuple[tuple[Any, ...], dict[str, Any]]:
    """The constructor's arguments, with `convert` applied to what recipes stand for."""

    def value_of(value: Any) -> Any:
        made = make(value, np.random.default_rng(5))
        return made if made is value else convert(made)

    return tuple(map(value_of, case.args)), {name: value_of(value) for name, value in case.kwargs.items()}


def models(case: Case) -> tuple[Any, Any, u.Params]:
    """The case's layer as a model on torch and on JAX, both initialised from one seed, and JAX's params."""

    def model(backend: str, convert: Any) -> Any:
        args, kwargs = _arguments(case, convert)

        def forward(*inputs: Any) -> Any:
            return getattr(u, case.layer)(*args, **kwargs)(*inputs)

        return u.transform(forward, backend=backend, rng="portable" if backend == "torch" else None)

    inputs = layer_inputs(case, 0)
    on_torch, on_jax = model("torch", torch.tensor), model("jax", jnp.asarray)
    on_torch.init(*map(torch.tensor, inputs), rng=3)
    return on_torch, on_jax, on_jax.init(*map(jnp.asarray, inputs), rng=3)


def oracle(case: Case, initial: Arrays) -> torch.nn.Module:
    """`torch.nn`'s own layer, with these initial values."""
    cls = getattr(torch.nn, case.layer)
    args, kwargs = _arguments(case, torch.tensor)
    bound = inspect.signature(cls).bind(*args, **kwargs)
    bound.arguments.update(case.sizes)
    if "dtype" in bound.arguments:
        bound.arguments["dtype"] = getattr(torch, bound.arguments["dtype"])
    module = cls(*bound.args, **bound.kwargs)
    module.load_state_dict({name: torch.tensor(value) for name, value in initial.items()})
    return module


def _projection(position: int, shape: tuple[int, ...]) -> np.ndarray:
    """Fixed random factors, one for each value of an output: gradients are those of the sum of the products."""
    return np.random.default_rng([position, 2]).standard_normal(shape).astype(np.float32)


def _leaf(path: str) -> str:
    return path.replace("/", ".").rpartition(".")[2]


def _listed(output: Any) -> list[Any]:
    return list(output) if isinstance(output, (tuple, list)) else [output]


def run_torch(module: torch.nn.Module, case: Case) -> Iterator[Result]:
    """The results of one call for each of `MODES`, of a model or of the oracle."""
    for call, training in enumerate(MODES):
        module.train(training)
        module.zero_grad()
        leaves = [torch.tensor(array) for array in layer_inputs(case, call)]
        for leaf in leaves:
            leaf.requires_grad_(leaf.is_floating_point())
        # Layers with inplace=True refuse to write over a leaf.
        outputs = _listed(module(*[leaf.clone() for leaf in leaves]))
        losses = [
            (output * torch.tensor(_projection(position, tuple(output.shape)))).sum()
            for position, output in enumerate(outputs)
            if output.requires_grad
        ]
        if losses:
            sum(losses).backward()
        yield Result(
            [output.detach().numpy().copy() for output in outputs],
            {position: _gradient(leaf) for position, leaf in enumerate(leaves) if leaf.requires_grad},
            {_leaf(name): _gradient(value) for name, value in module.named_parameters() if value.requires_grad},
            {_leaf(name): value.numpy().copy() for name, value in module.state_dict().items() if "rng." not in name},
        )


def _gradient(tensor: torch.Tensor) -> np.ndarray:
    return (torch.zeros_like(tensor) if tensor.grad is None else tensor.grad.to_dense()).detach().numpy().copy()


def run_jax(model: Any, params: u.Params, case: Case) -> Iterator[Result]:
    """The results of one jitted call for each of `MODES`."""
    floating = [position for position, recipe in enumerate(layer_inputs(case, 0)) if recipe.dtype.kind == "f"]

    def loss(training: bool, trainable: u.Params, rest: u.Params, *inputs: Any) -> Any:
        output, changes = model.apply(trainable | rest, *inputs, training=training)
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
            {_leaf(path): np.asarray(array) for path, array in gradients.items()},
            {_leaf(path): np.asarray(array) for path, array in params.items() if not path.startswith("rng/")},
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
