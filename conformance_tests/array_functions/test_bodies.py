"""`unified.numpy` in the bodies of models: devices, dtypes, compilers, transforms, threads and other libraries."""

import pickle
import threading
from typing import Any

import einops
import jax
import jax.numpy as jnp
import numpy as np
import pytest
import torch

import unified as u
import unified.functional as F
import unified.numpy as unp
from conformance_tests.array_functions.frameworks import array, to_numpy

X = np.random.RandomState(0).randn(4, 6).astype("float32")


def attention(x: Any) -> Any:
    """A body with functions of every family."""
    h = u.Linear(None, 8)(x)
    positions = unp.arange(h.shape[-1])
    table = unp.sin(unp.expand_dims(positions, 0) / 10.0) + unp.zeros((1, 8))
    h = h + table + unp.linspace(0, 1, 8) + unp.asarray([0.5] * 8)
    scores = unp.einsum("id,jd->ij", h, h) / unp.sqrt(8)
    mask = unp.tril(unp.ones((4, 4), dtype=unp.bool))
    weights = unp.softmax(unp.where(mask, scores, -unp.inf), axis=-1)
    mixed = unp.matmul(weights, h)
    best = unp.top_k(mixed, 2)
    mixed = unp.at(mixed, (slice(None), 0)).add(unp.mean(best.values, axis=-1))
    mixed = unp.segment_sum(mixed, unp.asarray([0, 1, 1, 0]), 2) + unp.std(mixed, axis=0, correction=1, keepdims=True)
    if mixed.dtype == unp.int32:
        raise AssertionError
    split = unp.split(unp.pad(unp.clip(mixed, -1, 1), ((0, 0), (1, 1))), 2, axis=1)
    return unp.concat([unp.maximum(part, 0) for part in split], axis=1), unp.astype(best.indices, unp.int32)


@pytest.fixture(scope="module")
def models() -> tuple[Any, Any, Any]:
    net = u.transform(attention, backend="torch").init(torch.tensor(X), rng=0)
    model = u.transform(attention, backend="jax")
    return net, model, model.init(jnp.asarray(X), rng=0)


def test_both_frameworks_and_their_compilers_agree(models: Any) -> None:
    net, model, params = models
    expected = to_numpy(net(torch.tensor(X)))
    assert isinstance(net(torch.tensor(X))[0], torch.Tensor)
    eager, compiled = model.apply(params, jnp.asarray(X))[0], jax.jit(model.apply)(params, X)[0]
    graph = torch.compile(net, fullgraph=True, backend="eager")(torch.tensor(X))
    for found in (eager, compiled, graph):
        for one, other in zip(to_numpy(found), expected, strict=True):
            assert one.dtype == other.dtype
            np.testing.assert_allclose(one, other, rtol=1e-5, atol=1e-5)


@pytest.mark.slow
def test_exported_and_compiled_kernels_agree(models: Any) -> None:
    net = models[0]
    expected = to_numpy(net(torch.tensor(X)))
    graph = torch.compile(net, fullgraph=True)(torch.tensor(X))
    exported = torch.export.export(net, (torch.tensor(X),)).module()(torch.tensor(X))
    for found in (graph, exported):
        for one, other in zip(to_numpy(found), expected, strict=True):
            np.testing.assert_allclose(one, other, rtol=1e-5, atol=1e-5)


@pytest.mark.slow
def test_gradients_of_parameters_agree(models: Any) -> None:
    net, model, params = models
    net.zero_grad()
    (net(torch.tensor(X))[0] ** 2).sum().backward()
    found = jax.grad(lambda params: (model.apply(params, X)[0][0] ** 2).sum())(params)
    for path, value in net.params.items():
        np.testing.assert_allclose(value.grad, found[path], rtol=1e-4, atol=1e-4)


def creations(x: Any) -> Any:
    h = u.Linear(None, 2)(x)
    made = [
        unp.zeros(3), unp.ones((2,)), unp.empty(1), unp.eye(2), unp.full((2,), 1.0), unp.linspace(0, 1, 3),
        unp.arange(0.0, 1.0, 0.5), unp.asarray(1.0), unp.asarray([1.0, 2]), unp.fft.fftfreq(4),
        unp.one_hot(unp.asarray([0]), 2), unp.sqrt(2.0),
    ]  # fmt: skip
    integers = [unp.arange(3), unp.asarray([1]), unp.full((2,), 1), unp.zeros_like(x, dtype=unp.int32)]
    return h, made, integers


@pytest.mark.parametrize("dtype", ["float32", "bfloat16", "float64"])
def test_creation_takes_the_device_and_dtype_of_the_model_on_torch(dtype: str) -> None:
    """The device `meta` stands for one that is not the default: what is made there is on no other."""
    native = getattr(torch, dtype)
    net = u.transform(creations, backend="torch").init(torch.ones(1, 3), rng=0).to("meta", native)
    h, made, integers = net(torch.ones(1, 3, device="meta", dtype=native))
    assert {value.device.type for value in (h, *made, *integers)} == {"meta"}
    assert {value.dtype for value in (h, *made)} == {native}
    assert all(not value.dtype.is_floating_point for value in integers)


@pytest.mark.parametrize("dtype", ["float32", "bfloat16"])
def test_creation_takes_the_dtype_of_the_model_on_jax(dtype: str) -> None:
    model = u.transform(creations, backend="jax")
    params = jax.tree.map(lambda leaf: leaf.astype(dtype), model.init(jnp.ones((1, 3)), rng=0))
    apply = jax.jit(model.apply) if dtype == "bfloat16" else model.apply
    h, made, integers = apply(params, jnp.ones((1, 3), dtype))[0]
    assert {str(value.dtype) for value in (h, *made)} == {dtype}
    assert {str(value.dtype) for value in integers} == {"int32"}
    assert not any(value.weak_type for value in (*made, *integers))


def test_init_makes_arrays_as_calls_do(backend: str) -> None:
    """Init has the parameters that were declared so far."""

    def body(x: Any) -> Any:
        before = unp.zeros(2)
        w = u.get_parameter("w", (3,), dtype="float16")
        u.set_state("last", u.get_state("last", (2,), lambda shape, dtype: unp.ones(shape), dtype="float16"))
        return before, unp.zeros(2) + w[0], unp.linspace(0, 1, 2)

    model = u.transform(body, backend=backend)
    variables = model.init(array(X, backend), rng=0)
    out = variables(array(X, backend)) if backend == "torch" else model.apply(variables, X)[0]
    assert [value.dtype == unp.float16 for value in out] == [True] * 3  # `before` too: the call knows all parameters


def test_sizes_may_be_symbols() -> None:
    def body(x: Any) -> Any:
        count = x.shape[0]
        h = u.Linear(6, 3)(x) + unp.expand_dims(unp.arange(count), 1) + unp.zeros(count)[:, None]
        return unp.reshape(h + unp.ones((count, 1)) + unp.full((count, 3), 1.0), (3 * count,))

    net = u.transform(body, backend="torch").init(torch.tensor(X), rng=0)
    program = torch.export.export(net, (torch.tensor(X),), dynamic_shapes=({0: torch.export.Dim("batch")},))
    larger = torch.ones(9, 6)
    assert torch.allclose(program.module()(larger), net(larger))
    model = u.transform(body, backend="jax")
    params = model.init(X, rng=0)
    (batch,) = jax.export.symbolic_shape("batch")
    exported = jax.export.export(jax.jit(lambda x: model.apply(params, x)[0]))(
        jax.ShapeDtypeStruct((batch, 6), np.float32)
    )
    np.testing.assert_allclose(exported.call(np.ones((9, 6), np.float32)), to_numpy(net(larger)), rtol=1e-5)


def test_like_and_the_defaults_outside_of_a_body(backend: str) -> None:
    x = array(np.ones(2, "float16"), backend)
    for made in (unp.zeros((2,), like=x), unp.asarray([1.0], like=x), unp.linspace(0, 1, 2, like=x)):
        assert made.dtype == unp.float16
    assert unp.arange(3, like=x).dtype == unp.asarray(1).dtype
    assert unp.zeros(2).dtype == unp.float32
    assert unp.zeros(2, like=np.ones(1, "float16")).dtype == unp.float16  # NumPy's arrays are on no device
    assert unp.arange(2, like=np.ones(1, "int8")).dtype == unp.asarray(1).dtype
    assert type(unp.zeros(2)) is type(array(X, backend))
    assert type(unp.exp(X)) is type(array(X, backend))  # NumPy's arrays are taken in by the default framework
    other = array(X, "jax" if backend == "torch" else "torch")
    assert type(unp.zeros(2, like=other)) is type(other)
    with pytest.raises(u.BackendError, match="like="):
        unp.asarray(array(X, backend), like=other)


def test_arrays_of_two_frameworks_are_refused(backend: str) -> None:
    own, other = array(X, backend), array(X, "jax" if backend == "torch" else "torch")
    for call in (
        lambda: unp.add(own, other),
        lambda: unp.concat([own, other]),
        lambda: unp.where(own > 0, own, other),
        lambda: unp.matmul(own, other),
        lambda: unp.at(own, 0).set(other),
    ):
        with pytest.raises(u.BackendError, match="expects an array"):
            call()
    model = u.transform(lambda x: unp.exp(other), backend=backend)
    with pytest.raises(u.BackendError, match="expects an array"):
        model.init(own, rng=0)
    with pytest.raises(TypeError, match=r"unified\.numpy\.asarray"):
        unp.add(own, [1.0])


PROMOTED = [
    ("int8", "int16", "int16"), ("uint8", "int8", "int16"), ("uint8", "int32", "int32"), ("int32", "int32", "int32"),
    ("float16", "float32", "float32"), ("float32", "complex64", "complex64"), ("bfloat16", "float32", "float32"),
]  # fmt: skip


def dtypes_of(function: Any, backend: str) -> Any:
    """What a function of nothing returns, without values: JAX would compile each operation for them."""
    if backend == "jax":
        return jax.eval_shape(function)
    with torch.device("meta"):
        return function()


@pytest.mark.parametrize(("one", "other", "expected"), PROMOTED)
def test_arrays_without_axes_are_promoted_like_others(one: str, other: str, expected: str, backend: str) -> None:
    def results() -> list[Any]:
        found = []
        for shapes in (((2,), ()), ((), (2,)), ((2,), (2,))):
            left, right = unp.ones(shapes[0], dtype=one), unp.ones(shapes[1], dtype=other)
            found += [function(left, right) for function in (unp.add, unp.multiply, unp.subtract)]
            found += [unp.where(left == 1, left, right)]
            assert unp.result_type(left, right) == getattr(unp, expected)
        return found

    assert all(value.dtype == getattr(unp, expected) for value in dtypes_of(results, backend))
    assert unp.can_cast(one, expected)
    assert not unp.can_cast("float32", "int32")


@pytest.mark.parametrize("number", [2, 2.5, True, np.float64(2.5), np.float32(2.5), np.int64(2)], ids=repr)
def test_numbers_take_the_dtype_of_arrays(number: Any, backend: str) -> None:
    def results() -> list[Any]:
        half = unp.ones(3, dtype="float16")
        assert unp.result_type(half, number) == unp.float16
        found = [unp.where(half > 0, half, number)]
        for function in (unp.add, unp.multiply, unp.maximum, unp.pow, unp.atan2, unp.divide, unp.logaddexp):
            found += [function(half, number), function(number, half)]
        assert unp.less(number, half).dtype == unp.bool
        if isinstance(number, (float, np.floating)):
            assert unp.maximum(unp.zeros(3, dtype=unp.int32), number).dtype == unp.float32
        return found

    assert all(value.dtype == unp.float16 for value in dtypes_of(results, backend))


def test_dtypes_are_those_of_every_framework() -> None:
    for name in ("float32", "bfloat16", "int32", "bool", "complex64"):
        dtype = getattr(unp, name)
        assert dtype == getattr(torch, name) and getattr(torch, name) == dtype
        assert jnp.zeros(1, dtype).dtype == dtype
        assert dtype != unp.float16 and dtype != "no dtype" and dtype is not None
        assert pickle.loads(pickle.dumps(dtype)) == dtype and hash(pickle.loads(pickle.dumps(dtype))) == hash(dtype)
    assert np.zeros(1, unp.float32).dtype == unp.float32
    assert unp.isdtype(torch.float32, "real floating") and not unp.isdtype(jnp.int32, ("bool", "real floating"))
    with pytest.raises(ValueError, match="no kind"):
        unp.isdtype(torch.float32, "real")
    for value in (torch.ones(1), jnp.ones(1)):
        assert unp.finfo(value).eps == np.finfo("float32").eps
        assert unp.iinfo(unp.astype(value, unp.int8)).max == 127


def test_einops_and_dlpack(backend: str) -> None:
    x = unp.asarray(X)
    assert einops.rearrange(unp.exp(x), "a b -> b a").shape == (6, 4)
    np.testing.assert_array_equal(to_numpy(unp.from_dlpack(np.array(X))), X)


def test_idioms_of_torch_and_numpy_say_the_name_of_the_standard(backend: str) -> None:
    x = unp.asarray(X)
    names = {
        "unsqueeze": "expand_dims", "cat": "concat", "concatenate": "concat", "transpose": "permute_dims",
        "clamp": "clip", "gather": "take_along_axis", "topk": r"top_k\(x", "power": "pow", "arctan2": "atan2",
        "relu": r"unified\.functional\.relu", "random": r"unified\.random", "softmx": "closest names are 'softmax'",
    }  # fmt: skip
    for name, hint in names.items():
        with pytest.raises(AttributeError, match=hint):
            getattr(unp, name)
    keywords: list[tuple[Any, dict[str, Any], str]] = [
        (unp.max, {"dim": 1}, "axis="), (unp.sum, {"keepdim": True}, "keepdims="),
        (unp.var, {"ddof": 1}, "correction="),
        (unp.std, {"unbiased": True}, "correction=1"), (unp.mean, {"out": x}, "no array is written"),
        (unp.sort, {"spam": 1}, "spam"),
    ]  # fmt: skip
    for function, options, hint in keywords:
        with pytest.raises(TypeError, match=hint):
            function(x, **options)
    assert set(unp.idioms.NAMES).isdisjoint(unp.__all__)


def test_threads_have_frameworks_of_their_own(models: Any) -> None:
    net, model, params = models
    expected, wrong = to_numpy(net(torch.tensor(X)))[0], []

    def run(number: int) -> None:
        for _ in range(5):
            found = net(torch.tensor(X))[0] if number % 2 else model.apply(params, X)[0][0]
            if not np.allclose(to_numpy(found), expected, atol=1e-5):
                wrong.append(number)

    threads = [threading.Thread(target=run, args=(number,)) for number in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not wrong


def test_transforms_of_the_body() -> None:
    def body(x: Any) -> Any:
        def step(carry: Any, row: Any) -> Any:
            return unp.maximum(carry, row), unp.sum(unp.where(row > 0, row, 0.0))

        last, sums = u.scan(step, unp.zeros(6), x)
        return last, sums, u.vmap(lambda row: unp.cumsum(row) + unp.at(row, 0).add(1.0))(x)

    net = u.transform(body, backend="torch").init(torch.tensor(X), rng=0)
    model = u.transform(body, backend="jax")
    found = to_numpy(model.apply(model.init(X, rng=0), X)[0])
    expected = X.copy()
    expected[:, 0] += 1
    for out in (found, to_numpy(net(torch.tensor(X)))):
        np.testing.assert_allclose(out[0], np.maximum(X.max(0), 0))
        np.testing.assert_allclose(out[1], np.maximum(X, 0).sum(1), rtol=1e-6)
        np.testing.assert_allclose(out[2], np.cumsum(X, 1) + expected, rtol=1e-5, atol=1e-6)


def test_functions_of_layers_take_what_these_return(backend: str) -> None:
    np.testing.assert_allclose(to_numpy(F.relu(unp.asarray(X))), np.maximum(X, 0))


def test_jax_code_in_a_body_returns_tensors() -> None:
    """`unified.compat.jax` has arrays of its own, which a model that is called with tensors does not return."""
    import unified.compat.jax.numpy as compat

    def body(x: Any) -> Any:
        h = compat.maximum(u.Linear(None, 3)(x), 0)
        return h, {"a": [compat.zeros(2)]}, u.Linear(None, 2)(h)

    net = u.transform(body, backend="torch").init(torch.tensor(X), rng=0)
    for out in (
        net(torch.tensor(X)),
        net.apply(net.params, torch.tensor(X))[0],
        torch.compile(net, backend="eager")(torch.tensor(X)),
    ):
        assert [type(leaf) for leaf in (out[0], out[1]["a"][0], out[2])] == [torch.Tensor] * 3
    assert isinstance(net(compat.asarray(X))[0], type(compat.zeros(1)))  # JAX code goes on with arrays
