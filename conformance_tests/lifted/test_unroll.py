"""`unroll` and recurrent cells, compared with torch.nn, Haiku and loops by hand."""

from typing import Any

import haiku as hk
import jax
import jax.numpy as jnp
import numpy as np
import pytest
import torch

import unified as u
import unified.functional as F
from unified.testing import assert_parity

RANDOM = np.random.default_rng(0)
X = RANDOM.standard_normal((3, 6, 4)).astype(np.float32)
RESET = RANDOM.random((3, 6)) < 0.4


class Decay(u.RecurrentCell):
    """A cell whose state is a tree, with a learnable initial state."""

    def initial_state(self, x: Any) -> Any:
        return {"mean": 0 * x + u.get_parameter("start", (4,), u.initializers.normal()), "last": (0 * x,)}

    def __call__(self, x: Any, state: Any) -> Any:
        mean = 0.5 * state["mean"] + u.Linear(4, 4)(x)
        return (mean, x - state["last"][0]), {"mean": mean, "last": (x,)}


CELLS: dict[str, Any] = {
    "LSTMCell": lambda: u.LSTMCell(4, 5),
    "GRUCell": lambda: u.GRUCell(4, 5),
    "RNNCell": lambda: u.RNNCell(4, 5),
    "unsized": lambda: u.LSTMCell(None, 5),
    "tree": Decay,
    "deep": lambda: u.DeepRNN([u.LSTMCell(4, 5), F.relu, u.GRUCell(5, 4), u.ResidualCell(u.RNNCell(4, 4))]),
    "skip": lambda: u.DeepRNN([u.LSTMCell(4, 5), u.GRUCell(9, 3), u.RNNCell(7, 2)], skip_connections=True),
}
OPTIONS: list[dict[str, Any]] = [
    {},
    {"reverse": True},
    {"static": True},
    {"static": True, "reverse": True},
    {"unroll": 3},
]


@pytest.mark.parametrize("cell", CELLS)
@pytest.mark.parametrize(
    "options", [{}, *(pytest.param(options, marks=pytest.mark.slow) for options in OPTIONS[1:3])], ids=str
)
def test_parity(cell: str, options: dict[str, Any]) -> None:
    def body(x: Any, reset: Any) -> Any:
        return u.unroll(CELLS[cell](), x, reset=reset, **options)

    assert_parity(body, X, RESET, rtol=1e-4, atol=1e-4)


@pytest.mark.parametrize("options", OPTIONS, ids=str)
@pytest.mark.parametrize("time_major", [True, False])
def test_options_give_one_result(options: dict[str, Any], time_major: bool) -> None:
    def body(x: Any, options: Any) -> Any:
        return u.unroll(u.LSTMCell(4, 5), x, time_major=time_major, **options)

    x = X.swapaxes(0, 1).copy() if time_major else X
    net = u.transform(body, backend="jax")
    params = net.init(x, options, rng=0)
    ys, (h, c) = net.apply(params, x, options)[0]
    layer = torch.nn.LSTM(4, 5, batch_first=not time_major)
    for name in ("weight_ih", "weight_hh", "bias_ih", "bias_hh"):
        getattr(layer, f"{name}_l0").data = torch.tensor(np.asarray(params[f"lstm_cell/{name}"]))
    inputs = torch.tensor(x)
    if options.get("reverse"):
        inputs = inputs.flip(0 if time_major else 1)
    expected, (h_n, c_n) = layer(inputs)
    if options.get("reverse"):
        expected = expected.flip(0 if time_major else 1)
    np.testing.assert_allclose(ys, expected.detach(), rtol=1e-5, atol=1e-5)
    np.testing.assert_allclose(h, h_n[0].detach(), rtol=1e-5, atol=1e-5)
    np.testing.assert_allclose(c, c_n[0].detach(), rtol=1e-5, atol=1e-5)


def test_a_given_state_is_where_it_starts() -> None:
    h, c = (RANDOM.standard_normal((3, 5)).astype(np.float32) for _ in range(2))

    def body(x: Any, h: Any, c: Any, reset: Any = None) -> Any:
        return u.unroll(u.LSTMCell(4, 5), x, (h, c), reset)

    assert_parity(body, X, h, c, rtol=1e-4, atol=1e-4)
    net = u.transform(body, backend="jax")
    params = net.init(X, h, c, rng=0)
    whole, state = net.apply(params, X, h, c)[0]
    first, middle = net.apply(params, X[:, :2], h, c)[0]
    second, end = net.apply(params, X[:, 2:], *middle)[0]
    np.testing.assert_allclose(jnp.concatenate([first, second], 1), whole, rtol=1e-5, atol=1e-6)
    np.testing.assert_allclose(end[1], state[1], rtol=1e-5, atol=1e-6)


@pytest.mark.parametrize("static", [False, True])
def test_reset_is_a_new_sequence(static: bool) -> None:
    def body(x: Any, reset: Any = None) -> Any:
        return u.unroll(u.GRUCell(4, 5), x, reset=reset, static=static)

    net = u.transform(body, backend="jax")
    params = net.init(X, rng=0)
    reset = np.zeros((3, 6), bool)
    reset[1, 2] = True
    ys, state = net.apply(params, X, reset)[0]
    whole, _ = net.apply(params, X)[0]
    tail, tail_state = net.apply(params, X[1:2, 2:])[0]
    np.testing.assert_allclose(ys[::2], whole[::2], rtol=1e-6)
    np.testing.assert_allclose(ys[1, :2], whole[1, :2], rtol=1e-6)
    np.testing.assert_allclose(ys[1, 2:], tail[0], rtol=1e-5, atol=1e-6)
    np.testing.assert_allclose(state[1], tail_state[0], rtol=1e-5, atol=1e-6)


def test_reset_is_that_of_haiku() -> None:
    def theirs(x: Any, reset: Any) -> Any:
        core = hk.ResetCore(hk.VanillaRNN(5, double_bias=True))
        return hk.dynamic_unroll(core, (x, reset), core.initial_state(3), time_major=False)

    def ours(x: Any, reset: Any) -> Any:
        return u.unroll(u.RNNCell(4, 5, nonlinearity="relu"), x, reset=reset)

    haiku = hk.without_apply_rng(hk.transform(theirs))
    haiku_params = haiku.init(jax.random.key(0), X, RESET)
    net = u.transform(ours, backend="jax")
    params = net.init(X, RESET, rng=0)
    linear = {name.rpartition("/")[2]: values for name, values in haiku_params.items()}
    params = params.update(
        {
            "rnn_cell/weight_ih": linear["linear"]["w"].T,
            "rnn_cell/bias_ih": linear["linear"]["b"],
            "rnn_cell/weight_hh": linear["linear_1"]["w"].T,
            "rnn_cell/bias_hh": linear["linear_1"]["b"],
        }
    )
    ys, state = net.apply(params, X, RESET)[0]
    expected, expected_state = haiku.apply(haiku_params, X, RESET)
    np.testing.assert_allclose(ys, expected, rtol=1e-5, atol=1e-5)
    np.testing.assert_allclose(state, expected_state, rtol=1e-5, atol=1e-5)


@pytest.mark.slow
@pytest.mark.parametrize("dimensions", [1, 2, pytest.param(3, marks=pytest.mark.full)])
def test_convolutional_lstm_is_that_of_haiku(dimensions: int) -> None:
    size = (5, 4, 3)[:dimensions]
    x = RANDOM.standard_normal((2, 4, 2, *size)).astype(np.float32)

    def ours(x: Any) -> Any:
        cell = (u.ConvLSTM1dCell, u.ConvLSTM2dCell, u.ConvLSTM3dCell)[dimensions - 1](None, 3, 3)
        return u.unroll(cell, x)

    def theirs(x: Any) -> Any:
        cell = (hk.Conv1DLSTM, hk.Conv2DLSTM, hk.Conv3DLSTM)[dimensions - 1](size, 3, 3)
        return hk.dynamic_unroll(cell, x, cell.initial_state(2), time_major=False)

    assert_parity(ours, x, rtol=1e-4, atol=1e-4)
    last = np.moveaxis(x, 2, -1)
    haiku = hk.without_apply_rng(hk.transform(theirs))
    haiku_params = haiku.init(jax.random.key(0), last)
    net = u.transform(ours, backend="jax")
    params = net.init(x, rng=0)
    prefix = f"conv_lstm{dimensions}d_cell"
    linear = {name.rpartition("/")[2]: dict(values) for name, values in haiku_params.items()}

    def convert(w: Any) -> Any:
        """Convert Haiku's gates, which have the order i, g, f, o and the channels last, to torch's order and layout."""
        i, g, f, o = np.split(np.asarray(w), 4, -1)
        kernel = np.concatenate([i, f, g, o], -1)
        return kernel if kernel.ndim == 1 else np.moveaxis(kernel, (-1, -2), (0, 1))

    first, second = sorted(linear)
    shift = np.repeat([0, 1, 0, 0], 3).astype(np.float32)  # Haiku adds 1 to the forget gate
    if linear[first]["w"].shape[-2] != 2:
        first, second = second, first
    params = params.update(
        {
            f"{prefix}/input/weight": convert(linear[first]["w"]),
            f"{prefix}/hidden/weight": convert(linear[second]["w"]),
            f"{prefix}/input/bias": convert(linear[first]["b"]) + convert(linear[second]["b"]) + shift,
        }
    )
    ys, (_, c) = net.apply(params, x)[0]
    expected, state = haiku.apply(haiku_params, last)
    np.testing.assert_allclose(np.moveaxis(np.asarray(ys), 2, -1), expected, rtol=1e-4, atol=1e-5)
    np.testing.assert_allclose(np.moveaxis(np.asarray(c), 1, -1), state.cell, rtol=1e-4, atol=1e-5)


def test_deep_cells_are_those_of_haiku() -> None:
    for skip in (False, True):

        def theirs(x: Any, skip: bool = skip) -> Any:
            make = hk.deep_rnn_with_skip_connections if skip else hk.DeepRNN
            core = make([hk.VanillaRNN(5), hk.VanillaRNN(3)])
            return hk.dynamic_unroll(core, x, core.initial_state(3), time_major=False)

        def ours(x: Any, skip: bool = skip) -> Any:
            cells = [u.RNNCell(4, 5, nonlinearity="relu"), u.RNNCell(9 if skip else 5, 3, nonlinearity="relu")]
            return u.unroll(u.DeepRNN(cells, skip_connections=skip), x)

        haiku = hk.without_apply_rng(hk.transform(theirs))
        haiku_params = haiku.init(jax.random.key(0), X)
        net = u.transform(ours, backend="jax")
        params = net.init(X, rng=0)
        updates = {}
        for ours_name, theirs_name in (("rnn_cell", "vanilla_rnn"), ("rnn_cell_1", "vanilla_rnn_1")):
            for end, part in (("ih", "linear"), ("hh", "linear_1")):
                values = haiku_params[f"{theirs_name}/{part}"]
                updates[f"{ours_name}/weight_{end}"] = values["w"].T
                updates[f"{ours_name}/bias_{end}"] = values.get("b", jnp.zeros(values["w"].shape[1]))
        ys, states = net.apply(params.update(updates), X)[0]
        expected, expected_states = haiku.apply(haiku_params, X)
        np.testing.assert_allclose(ys, expected, rtol=1e-5, atol=1e-5)
        for state, expected_state in zip(states, expected_states, strict=True):
            np.testing.assert_allclose(state, expected_state, rtol=1e-5, atol=1e-5)


def test_dropout_in_a_cell_is_fresh_at_each_step_also_when_written_out() -> None:
    class Noisy(u.RecurrentCell):
        def initial_state(self, x: Any) -> Any:
            return 0 * x

        def __call__(self, x: Any, state: Any) -> Any:
            state = state + u.Dropout(0.5)(x)
            return state, state

    def body(x: Any, static: bool) -> Any:
        return u.unroll(Noisy(), x, static=static)[0]

    x = np.ones((2, 6, 30), np.float32)
    results = []
    for static in (False, True):
        assert_parity(body, x, kwargs={"static": static})
        net = u.transform(body, static=static, backend="jax")
        results.append(net.apply(net.init(x, rng=0), x, training=True)[0])
    np.testing.assert_allclose(results[0], results[1], rtol=1e-6)
    steps = np.diff(np.asarray(results[0]), axis=1)
    assert len({steps[:, t].tobytes() for t in range(5)}) == 5


def test_state_of_a_cell_comes_out() -> None:
    class Counting(u.RecurrentCell):
        def initial_state(self, x: Any) -> Any:
            return 0 * x

        def __call__(self, x: Any, state: Any) -> Any:
            u.set_state("steps", u.get_state("steps", ()) + 1)
            return u.BatchNorm1d(4)(x), x

    for static in (False, True):
        assert_parity(lambda x, static=static: u.unroll(Counting(), x, static=static), X, atol=1e-4)


@pytest.mark.parametrize("backend", ["torch", "jax"])
def test_errors(backend: str) -> None:
    x: Any = torch.tensor(X) if backend == "torch" else jnp.asarray(X)

    class Growing(Decay):
        def __call__(self, x: Any, state: Any) -> Any:
            return x, {"mean": state["mean"], "last": (x[:, :2],)}

    def init(body: Any) -> Any:
        return u.transform(body, backend=backend).init(x, rng=0)

    with pytest.raises(ValueError, match=r"reset has shape \(6, 3\), and these inputs take \(batch, time\): \(3, 6\)"):
        init(lambda x: u.unroll(u.GRUCell(4, 5), x, reset=(x[..., 0] > 0).swapaxes(0, 1)))
    for static in (False, True):
        with pytest.raises(TypeError, match=r"u\.unroll: the .*\['last'\]\[0\] went in as float32\[3, 4\] and .*2\]"):
            init(lambda x, static=static: u.unroll(Growing(), x, static=static))
    with pytest.raises(ValueError, match=r"xs\['a'\] has 6, xs\['b'\] has 5"):
        init(lambda x: u.unroll(Decay(), {"a": x, "b": x[:, 1:]}))
    with pytest.raises(ValueError, match="no step to run"):
        init(lambda x: u.unroll(Decay(), x[:, :0]))
    with pytest.raises(ValueError, match=r"inputs are \(batch, time"):
        init(lambda x: u.unroll(Decay(), x[0, 0]))
    with pytest.raises(TypeError, match=r"takes a RecurrentCell, or an LSTMCell.*got function"):
        init(lambda x: u.unroll(lambda x, state: (x, state), x))
    with pytest.raises(ValueError, match="odd sizes"):
        init(lambda x: u.unroll(u.ConvLSTM1dCell(4, 5, 2), x))
    with pytest.raises(ValueError, match="takes only cells"):
        init(lambda x: u.unroll(u.DeepRNN([u.GRUCell(4, 4), F.relu], skip_connections=True), x))
    with pytest.raises(u.NoActiveTransformError, match="unroll was used outside"):
        u.unroll(None, x)


@pytest.mark.parametrize("backend", ["torch", "jax"])
@pytest.mark.parametrize("missing", ["initial_state", "__call__"])
def test_what_a_cell_must_have(backend: str, missing: str) -> None:
    methods = {"initial_state": lambda self, x: x, "__call__": lambda self, x, state: (x, state)}
    cell = type("Partial", (u.RecurrentCell,), {k: v for k, v in methods.items() if k != missing})
    x: Any = torch.tensor(X) if backend == "torch" else jnp.asarray(X)
    with pytest.raises(NotImplementedError, match=f"Partial must implement {missing}"):
        u.transform(lambda x: u.unroll(cell(), x), backend=backend).init(x, rng=0)


@pytest.mark.parametrize("reset", [None, torch.from_numpy(RESET)])
@pytest.mark.parametrize("reverse", [False, True])
@pytest.mark.parametrize("name", ["LSTMCell", "GRUCell", "RNNCell"])
def test_a_cell_of_torch_is_called_as_by_hand(name: str, reverse: bool, reset: Any) -> None:
    """Its hooks run in each step, and change what the next one sees."""
    net = u.transform(lambda x: u.unroll(getattr(u, name)(4, 5), x, reset=reset, reverse=reverse), backend="torch")
    x = torch.from_numpy(X)
    (cell,) = net.init(x, rng=0).children()
    calls = []

    def halve(module: Any, args: Any, output: Any) -> Any:
        calls.append(args[0])
        return tuple(part / 2 for part in output) if type(output) is tuple else output / 2

    cell.register_forward_hook(halve)
    ys, state = net(x)
    steps = range(6)[::-1] if reverse else range(6)
    assert [call.equal(x[:, step]) for call, step in zip(calls, steps, strict=True)] == [True] * 6
    zeros = torch.zeros(3, 5)
    expected: Any = (zeros, zeros) if name == "LSTMCell" else zeros
    for step in steps:
        if reset is not None and type(expected) is tuple:
            expected = tuple(torch.where(reset[:, step, None], zeros, part) for part in expected)
        elif reset is not None:
            expected = torch.where(reset[:, step, None], zeros, expected)
        expected = cell(x[:, step], expected)
        torch.testing.assert_close(ys[:, step], expected[0] if type(expected) is tuple else expected)
    torch.testing.assert_close(state, expected)


@pytest.mark.parametrize("reset", [None, torch.from_numpy(RESET)])
@pytest.mark.parametrize("name", ["LSTMCell", "RNNCell"])
def test_a_cell_of_torch_computes_under_autocast_as_by_hand(name: str, reset: Any) -> None:
    """Where a cell returns bfloat16 for a state of float32, as RNNCell does, the loop goes on with that."""
    net = u.transform(lambda x: u.unroll(getattr(u, name)(4, 5), x, reset=reset)[1], backend="torch")
    x = torch.from_numpy(X)
    (cell,) = net.init(x, rng=0).children()
    with torch.autocast("cpu", torch.bfloat16):
        zeros = torch.zeros(3, 5)
        state: Any = (zeros, zeros) if name == "LSTMCell" else zeros
        for step in range(6):
            if reset is not None and name == "LSTMCell":
                state = tuple(torch.where(reset[:, step, None], zeros, part) for part in state)
            elif reset is not None:
                state = torch.where(reset[:, step, None], zeros, state)
            state = cell(x[:, step], state)
        torch.testing.assert_close(net(x), state, rtol=0, atol=0)


class Noisy(u.GRUCell):
    """A cell of torch with random numbers of the body."""

    def forward(self, x: Any, state: Any = None) -> Any:
        return super().forward(x, state) + u.random.normal(state.shape)


def test_a_subclass_of_a_cell_draws_anew_in_each_step() -> None:
    assert_parity(lambda x: u.unroll(Noisy(4, 5), x)[0], X, rtol=1e-4, atol=1e-4)
    net = u.transform(lambda x: u.unroll(Noisy(4, 5), x)[0], backend="torch", rng="portable")
    ys = net.init(torch.zeros(1, 6, 4), rng=0)(torch.zeros(1, 6, 4))
    assert len({round(value, 4) for value in ys[0, :, 0].tolist()}) == 6


@pytest.mark.slow
@pytest.mark.parametrize("name", ["LSTMCell", "GRUCell"])
def test_a_loop_over_a_cell_compiles(name: str) -> None:
    body = lambda x, reset: u.unroll(getattr(u, name)(4, 5), x, reset=reset)  # noqa: E731
    inputs = torch.from_numpy(X), torch.from_numpy(RESET)
    net = u.transform(body, backend="torch").init(*inputs, rng=0)
    torch._dynamo.reset()
    torch.testing.assert_close(torch.compile(net, fullgraph=True)(*inputs), net(*inputs))
