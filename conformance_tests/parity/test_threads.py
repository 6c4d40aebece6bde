"""Eight threads over `net`, `apply`, `init` and `load` at once: every result is that of one thread, bit for bit."""

import functools
import sys
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
import pytest
import torch

import unified as u
import unified.functional as F

THREADS = 8
X = np.random.default_rng(0).standard_normal((4, 6)).astype(np.float32)

Task = Callable[[], Mapping[str, Any]]


@pytest.fixture(autouse=True)
def quick_switches() -> Iterator[None]:
    """Switch threads often, so that a race shows."""
    interval = sys.getswitchinterval()
    sys.setswitchinterval(1e-5)
    yield
    sys.setswitchinterval(interval)


def plain(x: Any) -> Any:
    x = F.relu(u.BatchNorm1d(8)(u.Linear(6, 8)(x)))
    h, _ = u.LSTM(8, 5)(x)
    return u.Linear(5, 3)(u.Dropout(0.5)(h))


def stacked(x: Any) -> Any:
    x = u.Linear(6, 8)(x)
    x = u.layer_stack(3)(lambda h: F.tanh(u.Linear(8, 8)(h)))(x)
    x, _ = u.scan(lambda carry, row: (u.LayerNorm(8)(carry + row), carry), x[0] * 0, x)
    return u.vmap(lambda row: u.Linear(8, 2)(row))(u.get_parameter("shift", (4, 8)) + x)


def recomputed(x: Any) -> Any:
    return u.remat(lambda h: F.tanh(u.Linear(6, 6)(h)))(x) + u.grad(lambda h: (u.Linear(6, 1)(h) ** 2).sum())(x)


MODELS: dict[str, tuple[Callable[[Any], Any], dict[str, Any]]] = {
    "plain": (plain, {}),
    "stacked": (stacked, {}),
    "recomputed": (recomputed, {}),
    "policy": (plain, {"policy": u.Policy(compute="float32", param="float16")}),
}


def values(params: Mapping[str, Any], **more: Any) -> dict[str, np.ndarray]:
    arrays = {**params, **more}
    return {
        path: np.asarray(v.detach()) if isinstance(v, torch.Tensor) else np.asarray(v) for path, v in arrays.items()
    }


def tasks(backend: str, file: Path) -> dict[str, Task]:
    """Return what the threads do, by name; each returns the same arrays every time."""
    result: dict[str, Task] = {}
    array = torch.from_numpy if backend == "torch" else jnp.asarray
    for name, (body, options) in MODELS.items():
        make = functools.partial(u.transform, body, backend=backend, **options)
        net, x = make(), array(X)
        params = net.init(x, rng=0) if backend == "jax" else net.init(x, rng=0).eval().params
        others = make().init(x, rng=1)
        others = others if backend == "jax" else others.params

        def apply(net: Any = net, x: Any = x, params: Any = others, training: bool = False) -> dict[str, Any]:
            output, changes = net.apply(params, x, training=training)
            return values(changes if not training else {}, output=output)

        def init(make: Any = make, x: Any = x) -> dict[str, Any]:
            fresh = make().init(x, rng=5)
            return values(fresh if backend == "jax" else fresh.params)

        result |= {f"{name}.apply": apply, f"{name}.init": init}
        if "Dropout" not in body.__code__.co_names:
            result[f"{name}.apply.training"] = functools.partial(apply, training=True)
        if backend == "torch":
            result[f"{name}.call"] = lambda net=net, x=x: values({}, output=net(x))  # type: ignore[misc]
            result[f"{name}.state_dict"] = lambda net=net: values(net.state_dict())  # type: ignore[misc]
            result[f"{name}.gradients"] = lambda net=net, x=x: gradients(net, x)  # type: ignore[misc]
        path = file / f"{backend}-{name}.safetensors"
        u.save(path, params)
        result[f"{name}.load"] = lambda path=path: values(u.load(path, backend))  # type: ignore[misc]
    return result


def gradients(net: Any, x: Any) -> dict[str, Any]:
    parameters = dict(net.named_parameters())
    found = torch.autograd.grad((net(x) ** 2).sum(), list(parameters.values()), allow_unused=True)
    return values({name: g for name, g in zip(parameters, found, strict=True) if g is not None})


def stress(backend: str, folder: Path, seconds: float) -> None:
    todo = tasks(backend, folder)
    expected = {name: task() for name, task in todo.items()}
    deadline = time.monotonic() + seconds
    barrier = threading.Barrier(THREADS)
    counts = dict.fromkeys(todo, 0)

    def work(number: int) -> None:
        torch.set_num_threads(1)
        rng = np.random.default_rng(number)
        names = list(todo)
        barrier.wait()
        while time.monotonic() < deadline:
            name = names[rng.integers(len(names))]
            actual = todo[name]()
            assert actual.keys() == expected[name].keys(), name
            for path, value in actual.items():
                np.testing.assert_array_equal(value, expected[name][path], err_msg=f"{name}: {path}")
            counts[name] += 1

    with ThreadPoolExecutor(THREADS) as pool:
        for future in [pool.submit(work, number) for number in range(THREADS)]:
            future.result()
    assert sum(counts.values()) > THREADS
    for name, task in todo.items():  # nothing is left behind
        for path, value in task().items():
            np.testing.assert_array_equal(value, expected[name][path], err_msg=f"{name} afterwards: {path}")


@pytest.mark.parametrize("backend", ["torch", "jax"])
def test_results_are_those_of_one_thread(backend: str, tmp_path: Path) -> None:
    stress(backend, tmp_path, 5)


@pytest.mark.full
@pytest.mark.parametrize("backend", ["torch", "jax"])
def test_results_are_those_of_one_thread_for_a_minute(backend: str, tmp_path: Path) -> None:
    stress(backend, tmp_path, 60)


def test_apply_leaves_hooks_and_references_to_modules_alone() -> None:
    """Modules that refer to each other in lists, closures and bound methods compute with the params of `apply`."""

    class Wrapped(torch.nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.a, self.b, self.c = (torch.nn.Linear(3, 3) for _ in range(3))
            self.all = [self.a, {"b": self.b}]  # plain attributes, no submodules
            self.then = functools.partial(self.b.forward)
            c = self.c
            self.last = lambda x: c(x)
            self.register_forward_hook(self.scale)

        def scale(self, module: Any, args: Any, output: Any) -> Any:
            return output * self.a.weight.sum()

        def forward(self, x: Any) -> Any:
            return self.last(self.then(self.all[0](self.all[1]["b"](x))))

    x = torch.randn(2, 3)
    net = u.transform(lambda x: u.wrap(Wrapped, name="inner")(x), backend="torch").init(x, rng=0)
    other = u.Params({path: torch.randn_like(value) for path, value in net.params.items()})
    before = {name: value.clone() for name, value in net.state_dict().items()}
    expected = torch.func.functional_call(net, other.state_dict(), (x,))
    output, changes = net.apply(other, x)
    torch.testing.assert_close(output, expected, rtol=0, atol=0)
    assert not changes
    torch.testing.assert_close(dict(net.state_dict()), before, rtol=0, atol=0)


def test_apply_within_transforms_of_torch() -> None:
    x = torch.randn(4, 6)
    net = u.transform(stacked, backend="torch").init(x, rng=0)
    params = net.params
    loss = lambda params: (net.apply(params, x)[0] ** 2).mean()  # noqa: E731
    gradients = torch.func.grad(loss)(params)
    net(x).square().mean().backward()
    for path, parameter in params.items():
        torch.testing.assert_close(gradients[path], parameter.grad)


def test_jax_threads_share_a_jitted_apply() -> None:
    net = u.transform(stacked, backend="jax")
    params = net.init(jnp.asarray(X), rng=0)
    step = jax.jit(net.apply)
    expected = step(params, X)[0]
    with ThreadPoolExecutor(THREADS) as pool:
        for output in pool.map(lambda _: step(params, X)[0], range(64)):
            np.testing.assert_array_equal(output, expected)
