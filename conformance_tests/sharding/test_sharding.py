"""Variables that are split over devices as their annotations say: the same losses, less memory on each device."""

from typing import Any

import jax
import numpy as np
import pytest
from jax.sharding import Mesh, PartitionSpec

import unified as u
from conformance_tests.sharding.model import WHOLE, annotated, forward, inputs
from conformance_tests.sharding.processes import found, run


def test_jax_on_eight_devices() -> None:
    result = found(run("conformance_tests.sharding.on_jax"))
    assert result["devices"] == 8
    np.testing.assert_allclose(result["sharded"], result["plain"], rtol=1e-5)
    assert result["plain"][-1] < result["plain"][0]
    split = {"up/weight", "up/bias", "down/weight"}
    assert result["bytes"] == {path: size // 4 if path in split else size for path, size in WHOLE.items()}


@pytest.mark.parametrize(
    "which",
    [
        pytest.param([], marks=pytest.mark.slow, id="loops"),
        pytest.param(["layers"], marks=pytest.mark.full, id="layers"),
    ],
)
def test_types_of_shard_map_and_of_explicit_axes(which: list[str]) -> None:
    result = found(run("conformance_tests.sharding.types_on_jax", *which))
    assert len(result) >= (153 if which else 14)
    for name, modes in result.items():
        for mode, outcome in modes.items():
            assert isinstance(outcome, float | int), (name, mode, outcome)
            assert outcome < 1e-5, (name, mode)


def params() -> u.Params:
    return u.transform(forward, backend="jax").init(inputs()[0], rng=0)


def mesh(*names: str) -> Mesh:
    return Mesh(np.array(jax.devices()[:1]).reshape((1,) * len(names)), names)


def test_specs_and_rules() -> None:
    shardings = annotated(params()).shardings(mesh("data", "model"), {"hidden": ("data", "model")})
    assert shardings["up/weight"].spec == PartitionSpec(("data", "model"), None)
    assert shardings["head/weight"].spec == PartitionSpec(None, None)
    none = annotated(params()).shardings(mesh("data"), {"hidden": None})
    assert none["up/weight"].spec == PartitionSpec(None, None)
    direct = params().annotate("head/weight", sharding=("data",)).shardings(mesh("data"))
    assert direct["head/weight"].spec == PartitionSpec("data", None)
    assert jax.tree.structure(shardings) == jax.tree.structure(annotated(params()))


class Wide:
    """A mesh of more devices than there are."""

    __module__ = "jax.sharding"
    shape = {"model": 5}  # noqa: RUF012


@pytest.mark.parametrize(
    ("annotation", "where", "message"),
    [
        (("model",), mesh("data"), r"'head/weight'.*'model', which is no axis of the mesh \(data\)"),
        ((None, None, "data"), mesh("data"), r"'head/weight' has shape \(4, 6\)"),
        ("data", mesh("data"), r"'head/weight' has shape \(4, 6\)"),
        (("data", "data"), mesh("data"), "uses an axis of the mesh twice"),
        (("model",), Wide(), "'head/weight': dimension 0 has size 4, and cannot be split over the 5 devices"),
    ],
)
def test_annotations_that_do_not_fit(annotation: Any, where: Any, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        params().annotate("head/weight", sharding=annotation).shardings(where)


def stacked(x: Any) -> Any:
    x = u.layer_stack(3, name="h")(lambda x: u.Linear(6, 6)(x))(x)
    return u.LayerNorm(6)(x)


def test_rules_by_path_stand_in_for_annotations() -> None:
    net = u.transform(stacked, backend="jax")
    rules = {"*norm*": (), "*/weight": ("heads", None), "heads": "model"}
    shardings = net.shardings(mesh("data", "model"), rules, inputs()[0])
    assert shardings["h/linear/weight"].spec == PartitionSpec(None, "model", None)  # the dimensions of one layer
    assert shardings["layer_norm/weight"].spec == PartitionSpec(None)
    whole = net.shardings(mesh("data", "model"), {"h/*/weight": ("data", "model", None)}, inputs()[0])
    assert whole["h/linear/weight"].spec == PartitionSpec("data", "model", None)
    overridden = annotated(params()).shardings(mesh("model"), {"hidden": None, "up/*": ("model",)})
    assert overridden["up/weight"].spec == PartitionSpec("model", None)
    separate = u.transform(stacked, backend="jax", stacks="separate")
    assert separate.shardings(mesh("model"), {"*h/*": ("model",)}, inputs()[0])["h/0/linear/weight"].spec == (
        PartitionSpec("model", None)
    )


def test_rules_that_match_nothing() -> None:
    with pytest.raises(ValueError, match=r"the rule 'up/wieght' matches the path of no variable; .*'up/weight'"):
        params().shardings(mesh("model"), {"up/wieght": ("model", None)})
    with pytest.raises(ValueError, match=r"'layer_norm/weight' has shape \(6,\)"):
        params().shardings(mesh("model"), {"*/weight": ("model", None)})


def test_shardings_are_those_of_params_with_other_metadata() -> None:
    x = inputs()[0]
    net = u.transform(forward, backend="jax")
    plain = net.init(x, rng=0)
    shardings = annotated(plain).shardings(mesh("model"), {"hidden": "model"})
    made = jax.jit(lambda: net.init(x, rng=0), out_shardings=shardings)()
    assert jax.tree.structure(made) == jax.tree.structure(plain)
    assert made["up/weight"].sharding.spec == PartitionSpec("model", None)
    assert all((np.asarray(made[path]).view("u4") == np.asarray(plain[path]).view("u4")).all() for path in plain)
    step = jax.jit(net.apply, in_shardings=(shardings, None), out_shardings=(None, shardings.pick(())))
    np.testing.assert_allclose(step(annotated(plain), x)[0], net.apply(plain, x)[0], rtol=1e-6)
    placed = jax.tree.map(jax.device_put, annotated(plain), shardings)
    assert jax.tree.structure(placed) == jax.tree.structure(annotated(plain))
    doubled = jax.tree.map(lambda sharding, value: 2 * value, shardings, plain)  # arrays, whose structure JAX caches
    assert jax.tree.structure(doubled) != jax.tree.structure(plain)
    assert jax.tree.structure(doubled) == jax.tree.structure(annotated(plain))
    other = net.shardings(mesh("data"), None, x)
    assert jax.tree.structure(jax.tree.map(lambda s: s, other)) == jax.tree.structure(plain)
    with pytest.raises(ValueError, match="pytree"):
        jax.jit(lambda: net.init(x, rng=0), out_shardings=shardings.pick({"up/weight"}))()
