"""`Backend.run_layer` for every case of the layer table: against `torch.nn`, and inline layers where they draw."""

import concurrent.futures
import copy
import pickle
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
import pytest
import torch

import unified as u
from conformance_tests.parity.cases import CASES
from conformance_tests.parity.cases.recipes import Case
from conformance_tests.parity.layer_runner import MODES, arguments, given_inputs, layer_inputs, oracle
from unified.core import backends, layers
from unified.core.initializer_functions import as_initializer
from unified.core.keys import as_key
from unified.core.layer import Spec
from unified.core.layer_call import FirstValue, LayerCall, LayerResult

FRAMEWORKS = {"torch": torch.tensor, "jax": jnp.asarray}

pytestmark = [
    pytest.mark.filterwarnings("ignore:enable_nested_tensor"),
    pytest.mark.filterwarnings("ignore:keyword argument `m.._value` is deprecated"),
    pytest.mark.filterwarnings("ignore:.*dim"),
    pytest.mark.filterwarnings("ignore:Using padding='same'"),
    pytest.mark.filterwarnings("ignore:size_average and reduce"),
    pytest.mark.filterwarnings("ignore:reduction.*'mean' divides"),
    pytest.mark.filterwarnings("ignore:LSTM with projections is not supported with oneDNN"),
    pytest.mark.filterwarnings("ignore:dropout option adds dropout after all but last"),
]


class Specs:
    """The layers as a library whose constructors return specs: what a container is given."""

    def __getattr__(self, name: str) -> Any:
        return lambda *args, **kwargs: getattr(layers, name).spec(args, kwargs)


def spec_of(case: Case, convert: Any, inputs: tuple[Any, ...]) -> Spec:
    args, kwargs = arguments(case, convert, Specs())
    spec: Spec = getattr(layers, case.layer).spec(args, kwargs)
    return spec.with_sizes(inputs) if spec.is_lazy else spec


def listed(output: Any) -> list[np.ndarray]:
    if isinstance(output, (tuple, list)):
        return [array for item in output for array in listed(item)]
    if output is None:
        return []
    return [output.detach().numpy() if isinstance(output, torch.Tensor) else np.asarray(output)]


class Run:
    """A layer on one framework, with its values, which calls replace by those that they write."""

    def __init__(self, case: Case, name: str, path: str = "net/layer") -> None:
        self.case, self.path, self.convert = case, path, FRAMEWORKS[name]
        self.backend = backends.load(name)
        inputs, _ = self.inputs(0)
        self.spec = spec_of(case, self.convert, inputs)
        first = [FirstValue(f"{path}/{v.name}", v.shape, v.initializer, v.dtype) for v in self.spec.variables]
        values = self.backend.first_values(as_key(3), first)
        self.values = {variable.name: value for variable, value in zip(self.spec.variables, values, strict=True)}
        key = self.backend.from_numpy(np.array(as_key(3), np.uint32), None)
        self.rng = key, self.backend.from_numpy(np.uint32(0), None)

    def inputs(self, call: int) -> tuple[tuple[Any, ...], dict[str, Any]]:
        return given_inputs(self.case, [*map(self.convert, layer_inputs(self.case, call))])

    def call(self, number: int, training: bool) -> LayerResult:
        inputs, kwargs = self.inputs(number)
        before = dict(self.values)
        kept = {name: self.backend.to_numpy(value) for name, value in before.items()}
        result = self.backend.run_layer(
            LayerCall(self.spec, self.path, self.values, inputs, kwargs, training, self.rng, {})
        )
        for name, value in kept.items():  # nothing that was passed has changed
            assert self.values[name] is before[name]
            np.testing.assert_array_equal(self.backend.to_numpy(before[name]), value)
        self.values = {**self.values, **result.written}
        return result


def check(found: Any, expected: Any, tolerance: float) -> None:
    for one, other in zip(listed(found), listed(expected), strict=True):
        assert one.shape == other.shape
        np.testing.assert_allclose(one, other, rtol=tolerance, atol=tolerance)


def is_random(case: Case) -> bool:
    inputs, _ = given_inputs(case, [*map(torch.tensor, layer_inputs(case, 0))])
    return spec_of(case, torch.tensor, inputs).is_random


DRAWING = [case for case in CASES if is_random(case)]
EXACT = [case for case in CASES if case not in DRAWING]
# In `make test`: the first case of some layers of each family on JAX, where operations compile one by one.
QUICK = (
    "Linear",
    "Conv1d",
    "BatchNorm1d",
    "LayerNorm",
    "Embedding",
    "GRUCell",
    "PReLU",
    "NLLLoss",
)
FIRST = {id(case) for case in {case.layer: case for case in reversed(CASES)}.values() if case.layer in QUICK}


@pytest.mark.parametrize("case", EXACT, ids=map(repr, EXACT))
def test_torch_computes_what_torch_nn_does(case: Case) -> None:
    """Outputs and written buffers in training, again in training, and in evaluation."""
    run = Run(case, "torch")
    initial = {name.replace("/", "."): value.numpy().copy() for name, value in run.values.items()}
    module = oracle(case, initial)
    for call, training in enumerate(MODES):
        module.train(training)
        result = run.call(call, training)
        inputs, kwargs = run.inputs(call)
        check(result.output, module(*inputs, **kwargs), 1e-6)
        assert not result.has_drawn
        state = module.state_dict()
        assert [name.replace("/", ".") for name in run.values] == list(state)
        assert training or not result.written or "max_norm" in run.spec.arguments
        for name, value in run.values.items():
            np.testing.assert_array_equal(value.numpy(), state[name.replace("/", ".")].numpy())


@pytest.mark.parametrize(
    "case",
    [pytest.param(case, id=repr(case), marks=() if id(case) in FIRST else pytest.mark.full) for case in EXACT],
)
def test_jax_computes_what_torch_does(case: Case) -> None:
    """Initial bits, outputs and written buffers; those of torch are `torch.nn`'s by the test above."""
    on_torch, on_jax = Run(case, "torch"), Run(case, "jax")
    for name, value in on_torch.values.items():
        array = on_jax.values[name]
        assert np.asarray(array).tobytes() == value.numpy().astype(array.dtype).tobytes(), name
    for call, training in list(enumerate(MODES))[1:]:
        expected, found = on_torch.call(call, training), on_jax.call(call, training)
        check(found.output, expected.output, case.tolerance)
        assert found.written.keys() == expected.written.keys()
        check([found.written[name] for name in expected.written], list(expected.written.values()), case.tolerance)


@pytest.mark.parametrize("backend", ["torch", pytest.param("jax", marks=pytest.mark.full)])
@pytest.mark.parametrize("case", DRAWING, ids=map(repr, DRAWING))
def test_draws_are_those_of_inline_layers(case: Case, backend: str) -> None:
    """With the same key, number of the call and path: inline on torch is held to JAX by `test_layers`."""

    def forward(*inputs: Any, **options: Any) -> Any:
        args, kwargs = arguments(case, torch.tensor, u)
        return getattr(u, case.layer)(*args, **kwargs)(*inputs, **options)

    net = u.transform(forward, backend="torch", rng="portable")
    arrays = [*map(torch.tensor, layer_inputs(case, 0))]
    inputs, options = given_inputs(case, arrays)
    net.init(*inputs, rng=3, **options)
    path = next(iter(net._modules))
    run = Run(case, backend, path)
    for training in (True, False):
        expected, changes = net.apply(net.params, *inputs, training=training, **options)
        result = run.call(0, training)
        check(result.output, expected, case.tolerance)
        assert result.has_drawn == ("rng/counter" in changes)


@pytest.mark.parametrize("backend", FRAMEWORKS)
def test_a_layer_that_draws_needs_a_key(backend: str) -> None:
    spec = layers.Dropout.spec((0.5,), {})
    x = FRAMEWORKS[backend](np.ones((2, 3), np.float32))
    run = backends.load(backend).run_layer
    with pytest.raises(ValueError, match=r"'net/drop' draws random numbers.*rng="):
        run(LayerCall(spec, "net/drop", {}, (x,), {}, True))
    assert run(LayerCall(spec, "net/drop", {}, (x,))).output is not None


@pytest.mark.parametrize("backend", FRAMEWORKS)
def test_errors_name_the_layer_and_its_inputs(backend: str) -> None:
    run = Run(next(case for case in CASES if case.layer == "Linear"), backend)
    wrong = FRAMEWORKS[backend](np.ones((2, 17), np.float32))
    with pytest.raises((RuntimeError, TypeError)) as caught:
        run.backend.run_layer(LayerCall(run.spec, run.path, run.values, (wrong,)))
    assert "'net/layer' (Linear), called with float32[2, 17]" in "".join(caught.value.__notes__)


def test_specs_are_copied_without_what_backends_keep() -> None:
    """A pickle or a copy of a spec that has been called holds no module, and computes the same."""
    run = Run(next(case for case in CASES if case.layer == "Linear"), "torch")
    expected = run.call(0, False).output
    assert vars(run.spec.natives)
    for spec in (pickle.loads(pickle.dumps(run.spec)), copy.deepcopy(run.spec)):
        assert spec == run.spec and not vars(spec.natives)
        run.spec = spec
        assert torch.equal(run.call(0, False).output, expected)


INITIALIZERS = {
    "uniform": u.initializers.uniform(-1, 2),
    "normal": u.initializers.normal(),
    "truncated": u.initializers.truncated_normal(),
    "ones": u.initializers.ones,
    "constant": u.initializers.constant(np.arange(4.0, dtype=np.float32)),
    "orthogonal": u.initializers.orthogonal(),
    "eye": u.initializers.eye,
}
SHAPES = {"matrix": (3, 4), "zero size": (0, 4)}


@pytest.mark.parametrize("dtype", [None, "float32", "bfloat16", "float16", "float64"])
@pytest.mark.parametrize("shape", SHAPES.values(), ids=SHAPES)
def test_first_values_are_those_of_init(dtype: str | None, shape: tuple[int, ...]) -> None:
    """Equal bits on both frameworks, and to a function's `get_parameter` at the path."""
    wanted = [FirstValue(f"net/{name}", shape, init, dtype) for name, init in INITIALIZERS.items()]

    def body() -> None:
        with u.scope("net"):
            for name, init in INITIALIZERS.items():
                u.get_parameter(name, shape, init, dtype)

    inline = u.transform(body, backend="torch").init(rng=5).params
    inline_on_jax = u.transform(body, backend="jax").init(rng=5)
    on_torch = backends.load("torch").first_values(as_key(5), wanted)
    on_jax = backends.load("jax").first_values(as_key(5), wanted)
    for one, other, first in zip(on_torch, on_jax, wanted, strict=True):
        assert one.dtype == inline[first.path].dtype and torch.equal(one, inline[first.path])
        assert np.asarray(other).tobytes() == np.asarray(inline_on_jax[first.path]).tobytes()
        if dtype != "float64":  # in which JAX without x64 does not draw
            assert np.asarray(other).tobytes() == backends.load("torch").to_numpy(one).tobytes(), first.path


@pytest.mark.parametrize("backend", FRAMEWORKS)
def test_first_values_of_scalars_and_functions(backend: str) -> None:
    module = {"torch": torch, "jax": jnp}[backend]
    wanted = [
        FirstValue("a", (), u.initializers.normal()),
        FirstValue("b", (2,), module.ones),
        FirstValue("c", (2,), lambda shape, dtype: module.full(shape, 3.0, dtype=dtype), "float16"),
    ]
    scalar, ones, threes = backends.load(backend).first_values(as_key(0), wanted)
    other = {"torch": "jax", "jax": "torch"}[backend]
    assert scalar.shape == () and float(scalar) == float(backends.load(other).first_values(as_key(0), wanted[:1])[0])
    assert ones.tolist() == [1, 1] and threes.tolist() == [3, 3] and str(threes.dtype).endswith("float16")
    with pytest.raises(ValueError, match=r"'d': init_fn .* shape \(3,\)"):
        backends.load(backend).first_values(as_key(0), [FirstValue("d", (2,), lambda shape, dtype: module.ones(3))])


def test_functions_of_a_key_are_called_with_one_on_jax() -> None:
    init = as_initializer(jax.nn.initializers.normal())
    wanted = [FirstValue(path, (3,), init) for path in ("a", "b", "a")]
    a, b, again = backends.load("jax").first_values(as_key(0), wanted)
    assert a.tolist() == again.tolist() != b.tolist()


WANTED = [FirstValue(f"net/{name}", (3, 4), init) for name, init in INITIALIZERS.items()]


def test_first_values_under_transforms_of_jax() -> None:
    """Under jit, from a traced key, for many keys, and as shapes."""
    backend = backends.load("jax")
    expected = backend.first_values(as_key(5), WANTED)
    jitted = jax.jit(lambda: backend.first_values(as_key(5), WANTED))()
    from_key = jax.jit(lambda key: backend.first_values(key, WANTED))(jnp.array(as_key(5), jnp.uint32))
    keys = jnp.array([as_key(5), as_key(6)], jnp.uint32)
    mapped = jax.vmap(lambda key: backend.first_values(key, WANTED))(keys)
    shapes = jax.eval_shape(lambda: backend.first_values(as_key(5), WANTED))
    for position, (value, first) in enumerate(zip(expected, WANTED, strict=True)):
        exact = not first.path.endswith("orthogonal")  # LAPACK's results differ in the last bits
        for other in (jitted[position], from_key[position], mapped[position][0]):
            np.testing.assert_allclose(value, other, rtol=0, atol=0 if exact else 1e-6)
        assert shapes[position].shape == value.shape and shapes[position].dtype == value.dtype
    text = jax.jit(lambda: backend.first_values(as_key(5), WANTED[:1])).lower().as_text()
    assert "shift" in text  # the words are drawn in the graph, and the values are no constant of it


def test_first_values_without_memory_on_torch() -> None:
    """On the meta device and under `FakeTensorMode`."""
    backend = backends.load("torch")
    with torch.device("meta"):
        assert all(value.is_meta and value.shape == (3, 4) for value in backend.first_values(as_key(5), WANTED))
    on_meta = [first._replace(device="meta") for first in WANTED]
    assert all(value.is_meta for value in backend.first_values(as_key(5), on_meta))
    with torch._subclasses.FakeTensorMode():
        assert all(value.shape == (3, 4) for value in backend.first_values(as_key(5), WANTED))


def test_first_values_from_keys_that_torch_maps() -> None:
    backend = backends.load("torch")
    keys = torch.tensor([as_key(5), as_key(6)])
    mapped = torch.func.vmap(lambda key: tuple(backend.first_values(key, WANTED)))(keys)
    for position, (first, value) in enumerate(zip(WANTED, backend.first_values(as_key(5), WANTED), strict=True)):
        exact = not first.path.endswith("orthogonal")
        np.testing.assert_allclose(mapped[position][0], value, rtol=0, atol=0 if exact else 1e-6)
    assert torch.equal(backend.first_values(keys[0], WANTED[:1])[0], mapped[0][0])


@pytest.mark.slow
@pytest.mark.filterwarnings("ignore:.*_prims_common.check")
def test_first_values_are_compiled() -> None:
    """In one graph, from a seed and from a key."""
    backend = backends.load("torch")

    wanted = [first for first in WANTED if first.path.endswith(("normal", "ones", "orthogonal"))]

    def init(x: torch.Tensor) -> list[torch.Tensor]:
        return [x + value for value in backend.first_values(as_key(5), wanted)]

    zero = torch.zeros(())
    for value, expected, first in zip(torch.compile(init, fullgraph=True)(zero), init(zero), wanted, strict=True):
        exact = not first.path.endswith("orthogonal")
        np.testing.assert_allclose(value, expected, rtol=0, atol=0 if exact else 1e-6)


@pytest.mark.parametrize("backend", FRAMEWORKS)
def test_threads_do_not_disturb_each_other(backend: str) -> None:
    """Eight threads call one norm over values of their own."""
    case = next(case for case in CASES if case.layer == "BatchNorm1d" and case.args == (3,))
    run = Run(case, backend)
    (x,), _ = run.inputs(0)

    def call(number: int) -> list[np.ndarray]:
        values = dict(run.values, running_mean=run.values["running_mean"] + number)
        results = [
            run.backend.run_layer(LayerCall(run.spec, run.path, values, (x,), {}, training))
            for training in (True, False)
        ]
        return listed([result.output for result in results]) + listed(list(results[0].written.values()))

    numbers = list(range(8)) * 4
    expected = {number: call(number) for number in range(8)}
    with concurrent.futures.ThreadPoolExecutor(8) as pool:
        for number, found in zip(numbers, pool.map(call, numbers), strict=True):
            check(found, expected[number], 0)
