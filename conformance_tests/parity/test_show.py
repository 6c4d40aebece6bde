"""Summaries and trees are correct, and the same on both frameworks."""

import math
import re
import time
from typing import Any

import jax
import numpy as np
import pytest
import torch
from torch.nn.attention import SDPBackend, sdpa_kernel
from torch.utils.flop_counter import FlopCounterMode

import unified as u
import unified.explicit as bx
from unified.core.tree_text import MAX_LINES, lines, nested_for_treescope


class Block(u.Module):
    def __call__(self, x: Any) -> Any:
        return u.functional.relu(u.BatchNorm2d(None)(u.Conv2d(None, 8, 3, padding=1)(x)))


def forward(x: Any) -> Any:
    for _ in range(2):
        x = Block()(x)
    x, _ = u.LSTM(64, 16, batch_first=True)(u.Flatten(2)(x))
    return u.Sequential(u.Linear(16, 4), u.ReLU())(x)


X = np.ones((2, 3, 8, 8), np.float32)


def test_the_summary_is_the_same_and_right() -> None:
    on_jax = u.summary(u.transform(forward, backend="jax"), X)
    model = u.transform(forward, backend="torch")
    on_torch = u.summary(model, torch.tensor(X))
    assert str(on_jax) == str(on_torch) == repr(on_torch)
    assert on_jax == on_torch
    model.init(torch.tensor(X), rng=0)
    rows = {row.path: row for row in on_torch.rows}
    assert list(rows) == [
        "block/conv2d",
        "block/batch_norm2d",
        "block",
        "block_1/conv2d",
        "block_1/batch_norm2d",
        "block_1",
        "flatten",
        "lstm",
        "sequential",
    ]
    assert rows["block"].kind == "Block"
    assert rows["block"].outputs == [(2, 8, 8, 8)]
    assert rows["lstm"].outputs == [(2, 8, 16), (1, 2, 16), (1, 2, 16)]
    for path, row in rows.items():
        module = model.get_submodule(path.replace("/", "."))
        assert row.parameters == sum(p.numel() for p in module.parameters())
        tensors = [*module.parameters(), *module.buffers()]
        assert row.bytes == sum(t.numel() * t.element_size() for t in tensors)
    assert on_torch.parameters == on_torch.trainable == sum(p.numel() for p in model.parameters())
    assert rows["sequential"].flops is None
    assert "at least" in str(on_torch)


LAYERS = [
    (lambda x: u.Linear(None, 5)(x), (2, 3, 4)),
    (lambda x: u.Bilinear(4, 4, 5)(x, x), (2, 4)),
    (lambda x: u.Conv1d(4, 6, 3, groups=2)(x), (2, 4, 9)),
    (lambda x: u.Conv2d(4, 6, (3, 2), stride=2, padding=1)(x), (2, 4, 9, 8)),
    (lambda x: u.Conv3d(2, 3, 2)(x), (2, 4, 5, 3)),
    (lambda x: u.ConvTranspose2d(4, 6, 3, stride=2, groups=2)(x), (2, 4, 5, 3)),
    (lambda x: u.MultiheadAttention(8, 2, batch_first=True)(x, x, x)[0], (2, 5, 8)),
    (lambda x: u.MultiheadAttention(8, 2)(x[:3], x, x)[0], (5, 2, 8)),
    (lambda x: u.TransformerEncoderLayer(8, 2, 16, batch_first=True)(x), (2, 5, 8)),
    (lambda x: u.TransformerDecoderLayer(8, 2, 16)(x[:3], x), (5, 2, 8)),
]


@pytest.mark.parametrize(("body", "shape"), LAYERS, ids=[str(i) for i in range(len(LAYERS))])
def test_flops_are_those_that_torch_counts(body: Any, shape: tuple[int, ...]) -> None:
    x = torch.ones(shape)
    model = u.transform(body, backend="torch").init(x, rng=0)
    x.requires_grad_()  # disables the fused kernels, which torch does not count
    with FlopCounterMode(display=False) as counter, sdpa_kernel(SDPBackend.MATH):  # fused kernels are not counted
        model.eval()(x)
    expected = counter.get_total_flops()
    if "Bilinear" in str(u.summary(model, x)):  # not counted by torch
        expected = 2 * 2 * 5 * (4 + 1) * 4
    assert u.summary(model, x).flops == expected


@pytest.mark.parametrize("cell", [u.LSTM, u.GRU, u.RNN, u.LSTMCell, u.GRUCell, u.RNNCell])
def test_flops_of_recurrent_layers(cell: Any) -> None:
    """They are those of a product with each matrix in each step."""
    is_cell = cell.__name__.endswith("Cell")
    shape = (3, 4) if is_cell else (7, 3, 4)
    summary = u.summary(u.transform(lambda x: cell(4, 5)(x), backend="jax"), np.ones(shape, np.float32))
    gates = {"L": 4, "G": 3, "R": 1}[cell.__name__[0]]
    assert summary.flops == 2 * math.prod(shape[:-1]) * gates * 5 * (4 + 5)


def big(x: Any) -> Any:
    for _ in range(400):
        x = u.Linear(512, 512)(x)
    return x


def test_large_models_are_shown_fast() -> None:
    """A hundred million parameters, which are neither created nor read."""
    x = np.ones((1, 512), np.float32)
    net = u.transform(big, backend="jax")
    params = net.eval_shape(x)
    start = time.perf_counter()
    repr(params), repr(params.graph), lines(params)
    assert time.perf_counter() - start < 1
    assert len(repr(params).splitlines()) < 20
    assert u.summary(net, x).parameters == 400 * (512 * 512 + 512)


def test_the_tree(capsys: pytest.CaptureFixture[str]) -> None:
    params = u.transform(forward, backend="jax").init(X, rng=0).freeze("block/*").annotate("lstm/*", axis=1)
    u.display(params)
    model = u.transform(forward, backend="torch").init(torch.tensor(X), rng=0)
    u.display(model)
    printed = capsys.readouterr().out
    text = "\n".join(lines(params))
    assert printed.startswith(text)
    assert "├── block: Block\n│   ├── batch_norm2d: BatchNorm2d\n" in text
    assert "conv2d: Conv2d(out_channels=8, kernel_size=3, padding=1)\n" in text  # the other arguments are defaults
    assert "lstm: LSTM(input_size=64, hidden_size=16, batch_first=True)\n" in text
    assert "│   │   ├── weight  float32[8]  frozen" in text
    assert "│   │   ├── running_mean  float32[8]  state" in text
    assert "weight_hh_l0  float32[64, 16]  axis=1" in text
    with pytest.raises(TypeError, match="display takes"):
        u.display(3)


@pytest.mark.parametrize(("backend", "dtype"), [("torch", "int64"), ("jax", "int32")])
def test_dtypes_are_those_of_the_arrays(backend: str, dtype: str, capsys: pytest.CaptureFixture[str]) -> None:
    x = np.ones((4, 3), np.float32)
    x = torch.tensor(x) if backend == "torch" else x
    net = u.transform(lambda x: u.BatchNorm1d(3)(x), backend=backend)
    initial = net.init(x, rng=0)
    params = (net.params if backend == "torch" else initial).astype("bfloat16", "*/weight")
    graph = bx.Graph("net")
    _, explicit = bx.BatchNorm1d(graph, 3)(bx.params(seed=0, backend=backend), x, is_training=False)
    bx.display(graph, explicit)
    shown = [str(params), "\n".join(lines(params)), params._repr_html_(), capsys.readouterr().out]
    if backend == "jax":
        shown.append(str(net.eval_shape(x)))
        shown.append(net.bind(params)._repr_html_())
    for text in shown:
        (counter,) = (line for line in re.split("\n|<div>", text) if "num_batches_tracked" in line)
        assert f"  {dtype}[]" in counter
    assert all("bfloat16[3]" in text and "float32[3]" in text for text in shown[:3])


def test_a_long_tree_is_cut() -> None:
    params = u.Params({f"layer_{i}/weight": np.ones(1) for i in range(MAX_LINES)})
    shown = lines(params)
    assert len(shown) == MAX_LINES + 1
    assert shown[-1] == f"... and {2 * MAX_LINES + 1 - MAX_LINES:,} lines more"


def test_rows_of_loops_stand_for_all_their_steps() -> None:
    def body(x: Any) -> Any:
        def counted(x: Any) -> Any:
            u.set_state("count", u.get_state("count", ()) + 1)
            return x + u.Linear(4, 4)(x)

        x = u.layer_stack(3)(lambda x: u.scan(lambda c, _: (counted(c), None), x, length=2)[0])(x)
        x = u.vmap(lambda x: u.Linear(4, 2)(x), None, axis_size=5, variable_axes={...: 0})(x)
        x = u.cond(x.sum() > 0, lambda x: u.Linear(2, 2)(x), lambda x: u.Linear(2, 2)(-x), x)
        return u.while_loop(lambda x: x.sum() > 0, lambda x: u.Linear(2, 2)(x) - 1, x)

    x = np.ones((2, 4), np.float32)
    on_jax = u.summary(u.transform(body, backend="jax"), x)
    on_torch = u.summary(u.transform(body, backend="torch"), torch.tensor(x))
    assert str(on_jax) == str(on_torch)
    assert [(row.path, row.times, row.flops) for row in on_torch.rows if row.kind == "Linear"] == [
        ("layer_stack/linear", 6, 6 * 64),
        ("vmap/linear", 5, 5 * 32),
        ("linear", 1, 80),
        ("linear_1", 1, 80),
        ("linear_2", 1, 80),
    ]
    assert "6 x Linear" in str(on_torch)


def test_treescope_renders_the_tree() -> None:
    import treescope

    params = u.transform(forward, backend="jax").init(X, rng=0)
    nested = nested_for_treescope(params)
    text = treescope.render_to_text(nested)
    html = treescope.render_to_html(nested)
    for part in ("block_1: Block", "lstm: LSTM(input_size=64", "running_mean"):
        assert part in text
    assert "np.ndarray" in text
    assert html.count("<") > 10
    assert jax.tree.leaves(nested)
