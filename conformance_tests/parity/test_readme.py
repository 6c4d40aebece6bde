"""The Python of the README and of the documents runs, from top to bottom, as a newcomer would paste it."""

import pathlib
import re

import pytest
import torch

import unified

ROOT = pathlib.Path(__file__).parents[2]


def run(document: pathlib.Path) -> tuple[int, dict]:
    """How many blocks there are, and the names that they leave."""
    blocks = re.findall(r"```python\n(.*?)```", document.read_text(), re.DOTALL)
    names: dict = {}
    for block in blocks:
        exec(compile(block, str(document), "exec"), names)
    return len(blocks), names


def test_readme():
    count, names = run(ROOT / "README.md")
    assert count >= 5
    assert names["y"].shape == (8, 10)
    assert list(names["net"].state_dict())[:3] == ["linear.weight", "linear.bias", "block.linear.weight"]
    assert names["params"]["block_1/linear_1/bias"].shape == (64,)
    assert names["module"](torch.ones(2, 784)).shape == (2, 10)
    assert names["on_jax"](names["jnp"].ones((2, 32))).shape == (2, 64)
    assert names["report"].agrees


def test_readme_is_a_page():
    """What it has no room for is in `docs/`."""
    lines = (ROOT / "README.md").read_text().splitlines()
    assert len(lines) <= 120 and max(map(len, lines)) <= 120


@pytest.mark.slow
def test_transforms():
    count, names = run(ROOT / "docs" / "transforms.md")
    assert count >= 11
    assert names["y"].shape == (2,)
    assert names["code"].shape == (8, 2)


def test_state():
    count, names = run(ROOT / "docs" / "state.md")
    assert count >= 11
    assert names["output"].shape == (8, 4)


def test_pytorch():
    count, names = run(ROOT / "docs" / "pytorch.md")
    assert count >= 3
    assert names["net"](names["x"]).shape == (4, 3)
    assert list(names["empty"].state_dict())[:2] == ["block.up.weight", "block.up.bias"]


@pytest.mark.slow
def test_compare():
    count, names = run(ROOT / "docs" / "compare.md")
    assert count >= 3
    assert names["report"].agrees


def test_jax():
    count, names = run(ROOT / "docs" / "jax.md")
    assert count >= 4
    assert names["program"].call(names["params"], names["x"]).shape == (16, 3)


def test_numpy():
    count, names = run(ROOT / "docs" / "numpy.md")
    assert count >= 3
    assert names["z"].shape == (2, 5, 8)
    assert names["counts"].tolist() == [1, 0, 2, 0]
    assert not names["cleared"][:, 0].any()
    refused = re.findall(
        r"^(unp\.\S+\(.*?\))  +(\w+Error): (.*)$", (ROOT / "docs" / "numpy.md").read_text(), re.MULTILINE
    )
    assert len(refused) == 2
    for code, kind, message in refused:
        with pytest.raises((AttributeError, TypeError)) as raised:
            eval(code, names)
        assert (type(raised.value).__name__, str(raised.value)) == (kind, message)


def test_scale():
    count, names = run(ROOT / "docs" / "scale.md")
    assert count >= 4
    assert all((names["split"][path] == array).all() for path, array in names["params"].items())


def test_checkpoints():
    count, names = run(ROOT / "docs" / "checkpoints.md")
    assert count >= 6
    assert list(names["renamed"]) == ["layers/0/attention/q_proj/weight"]
    assert names["net"].state_dict()["transformer.h.0.mlp.c_fc.weight"].shape == (16, 4)


def test_styles():
    count, names = run(ROOT / "docs" / "styles.md")
    assert count == 6
    assert list(names["head"]) == ["norm/weight", "norm/bias", "out/weight", "out/bias"]
    assert int(names["tree"].norm.num_batches_tracked) == int(names["net"].norm.num_batches_tracked) == 1


def test_objects():
    count, names = run(ROOT / "docs" / "objects.md")
    assert count == 4
    assert names["y"].shape == (8, 10) and names["losses"][0] > names["losses"][-1]
    assert int(names["counter"].count) == 2 and not names["twin"].w.any()


def test_haiku():
    try:
        count, names = run(ROOT / "docs" / "haiku.md")
    finally:
        unified.set_backend(None)
    assert count >= 5
    assert names["logits"].shape == (8, 10)
    assert list(names["module"].state_dict())[:2] == ["mlp.~.linear_0.b", "mlp.~.linear_0.w"]
    assert names["params"]["mlp/~/linear_0"]["w"].shape == (784, 300)


def test_flax():
    count, names = run(ROOT / "docs" / "flax.md")
    assert count >= 6
    assert names["logits"].shape == (4, 10)
    assert set(names["net"].state_dict()) == {path.replace("/", ".") for path in names["params"]}
    assert [name for name in names["seeded"].state_dict() if "rng" in name] == ["rng_params", "rng_count"]
    assert names["collections"]["intermediates"]["hidden"][0].shape == (1, 4)
    assert names["y"].shape == (1, 4)


def test_trees():
    count, names = run(ROOT / "docs" / "trees.md")
    assert count >= 5
    assert list(names["params"])[:2] == ["layers/0/weight", "layers/0/bias"]
    assert names["same"] == names["model"] and int(names["model"].layers[1].norm.num_batches_tracked) == 3


@pytest.mark.slow
def test_from_torch():
    count, names = run(ROOT / "docs" / "from_torch.md")
    assert count == 1
    assert int(names["params"]["norm/num_batches_tracked"]) == int(names["module"].norm.num_batches_tracked) == 1
    assert [path for path in names["params"] if path.startswith("rng")] == ["rng/key", "rng/counter"]


def test_explicit():
    count, names = run(ROOT / "docs" / "explicit.md")
    assert count == 5
    assert [path for path in names["params"] if "rng" not in path] == [
        *(f"net/mlp/hidden/{name}" for name in ("weight", "bias")),
        *(f"net/out/{name}" for name in ("weight", "bias")),
    ]
    assert float(names["more"]["net/scale/count"]) == 1 and int(names["params"]["net/rng/counter"]) == 1
    assert names["outputs"].shape == (2, 5, 16) and names["state"].cell.shape == (2, 16)


def test_body():
    count, names = run(ROOT / "docs" / "body.md")
    assert count >= 7
    assert names["y"].shape == (1, 1, 16)
    assert int(names["cache"].length) == 5


def test_libraries():
    count, names = run(ROOT / "docs" / "libraries.md")
    assert count == 2
    assert torch.allclose(names["params"]["w"], torch.full((3,), 0.999))
    assert names["blaze_net"](torch.ones(2, 32)).shape == (2, 16)


def test_layouts():
    count, names = run(ROOT / "docs" / "layouts.md")
    assert count == 3
    assert names["net"].conv2d.weight.shape == names["params"]["conv2d/weight"].shape == (16, 3, 3, 3)
    rows = unified.transform(names["logits"], backend="torch").init(torch.tensor([1, 2]), rng=0)
    assert rows(torch.tensor([3])).shape == (1, 100)
    moded = unified.transform(names["forward"], backend="torch", trains=True).init(torch.ones(4, 3), rng=0)
    moded.eval()(torch.ones(4, 3))
    assert moded.batch_norm1d.num_batches_tracked == 1


def test_install():
    count, names = run(ROOT / "docs" / "install.md")
    assert count == 1
    assert names["report"].packages.keys() >= {"numpy", "torch", "jax", "libcst"} and names["report"].frameworks == ()
