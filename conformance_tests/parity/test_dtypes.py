"""Layers in other dtypes than float32, and the arguments `dtype` and `device`."""

from typing import Any

import jax
import jax.numpy as jnp
import ml_dtypes
import numpy as np
import pytest
import torch

import unified as u
import unified.functional as F
from conformance_tests.parity.cases import CASES
from conformance_tests.parity.cases.recipes import Case, case, ints, normal
from conformance_tests.parity.layer_runner import (
    check,
    given_inputs,
    layer_inputs,
    models,
    oracle,
    run_jax,
    run_torch,
    torch_signature,
)
from unified.core import layers

DOUBLES = [
    case("Linear", normal(3, 4), 4, 5, dtype="float64"),
    case("Bilinear", (normal(3, 4), normal(3, 2)), 4, 2, 5, dtype="float64"),
    case("Conv1d", normal(2, 4, 9), 4, 6, 4, padding="same", padding_mode="circular", dtype="float64"),
    case("Conv2d", normal(2, 4, 7, 6), 4, 6, 3, stride=2, padding=1, groups=2, dtype="float64"),
    case("BatchNorm2d", normal(2, 3, 4, 5), 3, momentum=None, dtype="float64"),
    case("LayerNorm", normal(2, 3, 4), (3, 4), dtype="float64"),
    case("Embedding", ints(6, 2, 8), 6, 3, padding_idx=-1, max_norm=1.0, dtype="float64"),
]


@pytest.mark.filterwarnings("ignore:Using padding='same'")
@pytest.mark.parametrize("use", DOUBLES, ids=map(repr, DOUBLES))
def test_float64(use: Case) -> None:
    """All as in float32, to 1e-12."""
    with jax.enable_x64(True):
        on_torch, on_jax, params = models(use)
        for path, array in on_torch.params.to("numpy").items():
            assert params[path].dtype == array.dtype == ("int64" if path.endswith("tracked") else "float64")
            np.testing.assert_array_equal(np.asarray(params[path]).view(np.uint64), array.view(np.uint64))
        initial = {path.rpartition("/")[2]: array.copy() for path, array in on_torch.params.to("numpy").items()}
        expected = list(run_torch(oracle(use, initial), use, False))
        assert expected[0].outputs[0].dtype == np.float64
        for found in (run_torch(on_torch, use), run_jax(on_jax, params, use)):
            for result, truth in zip(found, expected, strict=True):
                check(result, truth, repr(use), 1e-12)


HALVES = [
    case("Linear", normal(3, 16), 16, 5),
    case("Conv2d", normal(2, 4, 7, 6), 4, 6, 3, padding=1),
    case("LayerNorm", normal(3, 4, 8), (4, 8)),
]
ROUNDING = 2.0**-8  # the largest relative error of rounding to bfloat16
ROUNDINGS = 3  # on the way to a value: a product, the sum with a bias, and the cotangent that a gradient starts from


@pytest.mark.parametrize("use", HALVES, ids=map(repr, HALVES))
def test_bfloat16(use: Case) -> None:
    """Both backends are within a few roundings of float64 on the same bfloat16 numbers."""
    half = use._replace(kwargs={**use.kwargs, "dtype": "bfloat16"})
    x = layer_inputs(use, 0)[0].astype(ml_dtypes.bfloat16)

    def forward(value: Any) -> Any:
        return getattr(u, half.layer)(*half.args, **half.kwargs)(value)

    net = u.transform(forward, backend="torch").init(_half(x), rng=4)
    model = u.transform(forward, backend="jax")
    params = model.init(jnp.asarray(x), rng=4)
    assert {path: str(value.dtype) for path, value in params.items()} == dict.fromkeys(params, "bfloat16")
    names = [path.rpartition("/")[2] for path in params]
    for path, value in net.params.items():
        assert value.dtype == torch.bfloat16
        np.testing.assert_array_equal(np.asarray(params[path], np.float32), _wide(value))

    wide = {name: np.asarray(params[path], np.float64) for name, path in zip(names, params, strict=True)}
    exact = oracle(use._replace(kwargs={**use.kwargs, "dtype": "float64"}), wide)
    source = torch.tensor(x.astype(np.float64), requires_grad=True)
    output = exact(source)
    factors = np.random.default_rng(3).standard_normal(output.shape).astype(ml_dtypes.bfloat16)
    truth = [
        output,
        *torch.autograd.grad(output, [source, *exact.parameters()], torch.tensor(factors.astype(np.float64))),
    ]

    given = _half(x).requires_grad_()
    result = net(given)
    on_torch = [result, *torch.autograd.grad(result, [given, *net.parameters()], _half(factors))]
    result, pull = jax.vjp(jax.jit(lambda params, x: model.apply(params, x)[0]), params, jnp.asarray(x))
    of_params, of_input = pull(jnp.asarray(factors))
    on_jax = [result, of_input, *of_params.values()]

    for what, expected, *found in zip(["output", "input", *names], truth, on_torch, on_jax, strict=True):
        limit = ROUNDINGS * ROUNDING * expected.abs().max().item()
        if what == "bias":  # XLA adds up a bias's gradient in bfloat16, so that terms that cancel leave their rounding
            limit += ROUNDING * np.abs(factors.astype(np.float32)).sum() / expected.numel()
        for backend, value in zip(("torch", "jax"), found, strict=True):
            assert str(value.dtype).endswith("bfloat16")
            gap = np.abs(_wide(value) - expected.detach().numpy()).max()
            assert gap <= limit, f"{what} on {backend}: {gap} > {limit}"


def _half(array: np.ndarray) -> torch.Tensor:
    return torch.tensor(array.astype(np.float32)).bfloat16()


def _wide(value: Any) -> np.ndarray:
    return value.detach().float().numpy() if torch.is_tensor(value) else np.asarray(value, np.float32)


TAKES_DTYPE = [name for name in layers.__all__ if "dtype" in torch_signature(name).parameters]
BY_VALUE = {"AdaptiveLogSoftmaxWithLoss"}  # what torch computes with their shapes depends on the values of inputs
FIRST = {name: next(use for use in CASES if use.layer == name) for name in TAKES_DTYPE}


@pytest.mark.parametrize("dtype", ["float32", "float16", "bfloat16"])
@pytest.mark.parametrize("name", TAKES_DTYPE)
def test_dtype_argument(name: str, dtype: str) -> None:
    """By name on both, and as each framework's own; the counter of batches stays an integer."""
    use = FIRST[name]
    inputs = layer_inputs(use, 0)

    def shapes(backend: str, given: Any) -> u.Params:
        convert = {"torch": torch.tensor, "jax": jnp.asarray}[backend]
        cast = getattr({"torch": torch, "jax": jnp}[backend], dtype)
        arrays = [convert(array) for array in inputs]
        arrays = [
            _cast(array, cast) if values.dtype.kind == "f" else array
            for array, values in zip(arrays, inputs, strict=True)
        ]

        def forward(*inputs: Any, **options: Any) -> Any:
            return getattr(u, name)(*use.args, **use.kwargs, dtype=given)(*inputs, **options)

        inner, options = given_inputs(use, arrays)
        rng = "portable" if backend == "torch" else None
        model = u.transform(forward, backend=backend, rng=rng)
        if name in BY_VALUE and backend == "torch":
            return model.init(*inner, rng=0, **options).params
        return model.eval_shape(*inner, **options)

    by_name = shapes("torch", dtype).info
    for other in (shapes("torch", getattr(torch, dtype)), shapes("jax", dtype), shapes("jax", getattr(jnp, dtype))):
        assert other.info == by_name
    assert {info.dtype for path, info in by_name.items() if not path.endswith("tracked") and path[:4] != "rng/"} == {
        dtype
    }
    assert list(getattr(layers, name).own_signature.parameters).count("dtype") == 1


def _cast(array: Any, dtype: Any) -> Any:
    return array.to(dtype) if torch.is_tensor(array) else array.astype(dtype)


@pytest.mark.parametrize("name", TAKES_DTYPE)
def test_device_argument(name: str) -> None:
    """Accepted by both: `torch.nn` puts the variables there, and the values are the same."""
    use = FIRST[name]
    on_torch, _, params = models(use._replace(kwargs={**use.kwargs, "device": "cpu"}))
    for path, value in on_torch.params.items():
        assert value.device.type == "cpu"
        np.testing.assert_array_equal(np.asarray(params[path]), value.detach().numpy())


OF_EVERY_FRAMEWORK = {
    "float16": ["float16", torch.float16, jnp.float16, np.float16, np.dtype("float16"), jnp.dtype("float16")],
    "float32": ["float32", torch.float32, jnp.float32, np.float32, np.dtype("float32")],
    "bfloat16": ["bfloat16", torch.bfloat16, jnp.bfloat16, ml_dtypes.bfloat16, jnp.dtype("bfloat16")],
}
DTYPES = [(name, dtype) for name, dtypes in OF_EVERY_FRAMEWORK.items() for dtype in dtypes]


class Scaled(u.Linear):
    """A layer whose constructor passes the dtype on by position."""

    def __init__(self, width: int, dtype: Any) -> None:
        super().__init__(3, width, True, None, dtype)


@pytest.mark.parametrize("backend", ["torch", "jax"])
@pytest.mark.parametrize(("name", "dtype"), DTYPES, ids=str)
def test_a_dtype_of_any_framework(backend: str, name: str, dtype: Any) -> None:
    """Wherever one is taken, and in the calls after init too."""
    convert = torch.tensor if backend == "torch" else jnp.asarray

    def body(x: Any) -> dict[str, Any]:
        layers = (
            u.Linear(3, 4, dtype=dtype),
            u.Linear(3, 4, True, None, dtype),
            Scaled(4, dtype),
            Scaled(4, dtype=dtype),
        )
        return {
            **{f"layer {position}": layer.weight for position, layer in enumerate(layers)},
            "norm": u.LayerNorm(3, 1e-5, True, True, None, dtype).weight,
            "parameter": u.get_parameter("p", (2,), u.initializers.normal(), dtype),
            "from a function": u.get_parameter("q", (2,), torch.ones if backend == "torch" else jnp.ones, dtype),
            "state": u.get_state("s", (2,), dtype=dtype),
            "normal": u.random.normal((2,), dtype),
            "uniform": u.random.uniform((2,), dtype=dtype),
            "softmax": F.softmax(x, -1, dtype=dtype),
            "log_softmax": F.log_softmax(x, dim=-1, dtype=dtype),
            "softmin": F.softmin(x, -1, 3, dtype),
        }

    x = convert(np.ones((2, 3), np.float32))
    for rng in (None, "portable") if backend == "torch" else (None,):
        net = u.transform(body, backend=backend, rng=rng)
        params = net.init(x, rng=0)
        params = params if backend == "jax" else net.params
        for _ in range(2):
            output, _ = net.apply(params, x)
            assert {key: str(value.dtype).removeprefix("torch.") for key, value in output.items()} == dict.fromkeys(
                output, name
            )


@pytest.mark.parametrize("backend", ["torch", "jax"])
@pytest.mark.parametrize(("name", "dtype"), DTYPES, ids=str)
def test_a_policy_of_any_frameworks_dtypes(backend: str, name: str, dtype: Any) -> None:
    x = (torch.tensor if backend == "torch" else jnp.asarray)(np.ones((2, 3), np.float32))
    policy = u.Policy(param=dtype, compute=dtype, output=dtype)
    assert policy == u.Policy(name, name, name)
    net = u.transform(lambda x: u.Linear(3, 4)(x), backend=backend, policy=policy)
    params = net.init(x, rng=0)
    params = params if backend == "jax" else net.params
    found = net.apply(params, x)[0], *params.values()
    assert {str(value.dtype).removeprefix("torch.") for value in found} == {name}


@pytest.mark.parametrize("dtype", ["int32", torch.int32, jnp.int32, np.int32], ids=str)
def test_integers_of_any_framework(dtype: Any) -> None:
    def body() -> Any:
        return u.random.randint((3,), 0, 5, dtype)

    net = u.transform(body, backend="jax")
    assert net.apply(net.init(rng=0))[0].dtype == "int32"
    for rng in (None, "portable"):
        assert u.transform(body, backend="torch", rng=rng).init(rng=0)().dtype == torch.int32


def test_functions_take_any_frameworks_dtype_outside_a_model() -> None:
    for name, dtype in DTYPES:
        assert F.softmax(torch.ones(3), 0, dtype=dtype).dtype == getattr(torch, name)
        assert F.softmax(jnp.ones(3), 0, dtype=dtype).dtype == name
    with pytest.raises(TypeError, match="float31"):
        F.softmax(torch.ones(3), 0, dtype="float31")


@pytest.mark.parametrize(
    ("first", "second"),
    [(torch.float16, torch.float32), (np.float16, np.float32), (jnp.float16, jnp.bfloat16), ("float16", "float32")],
)
@pytest.mark.parametrize("backend", ["torch", "jax"])
def test_another_dtype_in_a_later_call_is_refused(backend: str, first: Any, second: Any) -> None:
    dtypes = [first]
    x = (torch.tensor if backend == "torch" else jnp.asarray)(np.ones((2, 3), np.float32))
    net = u.transform(lambda x: u.Linear(3, 4, dtype=dtypes[0]).weight, backend=backend)
    params = net.init(x, rng=0)
    params = params if backend == "jax" else net.params
    dtypes[0] = second
    with pytest.raises(u.StructureChangedError, match="'linear'"):
        net.apply(params, x)
