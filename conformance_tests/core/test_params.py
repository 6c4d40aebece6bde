"""`Params` with NumPy arrays: a mapping that never changes, and whose static half is one object."""

import copy
import pickle
from collections.abc import Mapping
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from unified.core.dtypes import dtype_name
from unified.core.naming import closest
from unified.core.params import Params
from unified.core.structure import Structure, VariableInfo


def make_params(**extra):
    """A small model's variables: two trainable, two of state."""
    infos = (
        VariableInfo("linear/weight", (3, 2), "float32"),
        VariableInfo("linear/bias", (3,), "float32"),
        VariableInfo("batch_norm1d/running_mean", (3,), "float32", "state", False),
        VariableInfo("batch_norm1d/num_batches_tracked", (), "int64", "state", False),
    )
    values = tuple(np.full(info.shape, position, info.dtype) for position, info in enumerate(infos))
    return Params._make(Structure.of(infos, tuple(info.path for info in infos), **extra), values)


@pytest.fixture
def params():
    return make_params()


PATHS = ["linear/weight", "linear/bias", "batch_norm1d/running_mean", "batch_norm1d/num_batches_tracked"]


def test_it_is_a_mapping_in_order(params):
    assert isinstance(params, Mapping)
    assert list(params) == list(params.keys()) == PATHS
    assert len(params) == 4
    assert "linear/bias" in params
    assert "linear" not in params and None not in params and 3 not in params
    assert [int(value.flat[0]) for value in params.values()] == [0, 1, 2, 3]
    assert [path for path, _ in params.items()] == PATHS
    assert params["linear/bias"] is params._values[1]
    assert params.get("linear/bias") is params["linear/bias"]
    assert params.get("nothing") is None
    assert dict(params) == dict(params.items())


def test_an_unknown_path_names_the_closest(params):
    with pytest.raises(KeyError, match=r"'linear/wieght'; the closest known paths are 'linear/weight'"):
        params["linear/wieght"]


def test_made_from_a_mapping():
    weight = np.ones((3, 2))
    params = Params({"linear/weight": weight, "scale": np.float32(2)})
    assert params["linear/weight"] is weight
    assert params.info["linear/weight"] == VariableInfo("linear/weight", (3, 2), "float64")
    assert params.info["scale"].shape == ()
    assert Params(params) is params
    assert len(Params({})) == 0
    assert not Params({})


def test_info(params):
    assert list(params.info) == PATHS
    assert [info.trainable for info in params.info.values()] == [True, True, False, False]
    assert [info.collection for info in params.info.values()] == ["params", "params", "state", "state"]
    info = params.info["linear/weight"]
    assert (info.path, info.shape, info.dtype, dict(info.metadata)) == ("linear/weight", (3, 2), "float32", {})
    with pytest.raises(AttributeError):
        info.shape = ()
    with pytest.raises(TypeError):
        info.metadata["a"] = 1


def test_equality_is_of_values_and_structure(params):
    assert params == params.update({}) and hash(params) == hash(params.update({}))
    changed = params.update({"linear/bias": params["linear/bias"] + 1})
    assert params != changed and params != params.freeze() and params != dict(params)
    assert params.pick({"linear/bias"}) != params and params != params.unlocked()
    assert len({params, params.update({}), changed}) == 2


def test_split(params):
    trainable, rest = params.split()
    assert (list(trainable), list(rest)) == (PATHS[:2], PATHS[2:])
    assert trainable["linear/bias"] is params["linear/bias"]
    biases, others = params.split(lambda info: info.path.endswith("bias"))
    assert list(biases) == ["linear/bias"]
    assert list(others) == [path for path in PATHS if path != "linear/bias"]
    everything, nothing = params.split(lambda info: True)
    assert (list(everything), list(nothing)) == (PATHS, [])


def test_what_was_split_joins_to_what_it_was(params):
    for accept in (None, lambda info: info.path.endswith(("bias", "tracked")), lambda info: False):
        a, b = params.split(accept)
        for joined in (a | b, b | a, a.merge(b), b.merge(a)):
            assert joined._structure is params._structure
            assert all(joined[path] is params[path] for path in PATHS)


def test_three_parts_join_in_any_order(params):
    a, rest = params.split(lambda info: info.path == "linear/bias")
    b, c = rest.split(lambda info: info.path == "linear/weight")
    assert (c | a | b)._structure is params._structure
    assert b.merge(c, a)._structure is params._structure
    assert b.merge() is b


def test_the_right_side_wins(params):
    new = np.full(3, 9, np.float32)
    changes = params.update({"linear/bias": new}).split(lambda info: info.path == "linear/bias")[0]
    assert (params | changes)["linear/bias"] is new
    assert (changes | params)["linear/bias"] is params["linear/bias"]
    assert (params | changes)._structure is params._structure
    assert (params | {"linear/bias": new})["linear/bias"] is new


def test_a_plain_mapping_keeps_what_is_known_of_a_variable(params):
    merged = params | {"batch_norm1d/running_mean": np.zeros(3, np.float32)}
    assert merged.info == params.info


def test_new_paths_come_last(params):
    merged = params | Params({"head/weight": np.zeros(2)})
    assert list(merged) == [*PATHS, "head/weight"]
    assert list(merged.info) == list(merged)
    assert list(Params({"head/weight": np.zeros(2)}) | params) == ["head/weight", *PATHS]


def test_or_with_something_else_is_refused(params):
    for other in (3, None, [("linear/bias", 1)]):
        with pytest.raises(TypeError):
            params | other


def test_update(params):
    new = np.full(3, 5, np.float32)
    updated = params.update({"linear/bias": new})
    assert updated["linear/bias"] is new
    assert updated._structure is params._structure
    assert params["linear/bias"][0] == 1
    assert updated["linear/weight"] is params["linear/weight"]


@pytest.mark.parametrize(
    ("path", "value", "error", "message"),
    [
        ("linear/bios", np.zeros(3, np.float32), KeyError, "closest known paths are 'linear/bias'"),
        ("linear/bias", np.zeros(4, np.float32), ValueError, r"'linear/bias' has shape \(3,\).*shape \(4,\)"),
        ("linear/bias", np.zeros((3, 1), np.float32), ValueError, r"shape \(3, 1\)"),
        ("linear/bias", np.zeros(3), ValueError, "'linear/bias' has dtype float32.*dtype float64"),
        ("linear/bias", 3.0, ValueError, "3.0, which is no array"),
        ("linear/bias", [0.0, 0.0, 0.0], ValueError, "no array"),
        ("linear/bias", None, ValueError, "None, which is no array"),
    ],
)
def test_what_does_not_fit_is_refused(params, path, value, error, message):
    with pytest.raises(error, match=message):
        params.update({"linear/weight": np.ones((3, 2), np.float32), path: value})
    assert params["linear/weight"].max() == 0


def mutations():
    yield lambda params: setattr(params, "graph", None)
    yield lambda params: setattr(params, "anything", None)
    yield lambda params: setattr(params, "_values", ())
    yield lambda params: delattr(params, "_values")
    yield lambda params: params.__setitem__("linear/bias", np.zeros(3))
    yield lambda params: params.__delitem__("linear/bias")


@pytest.mark.parametrize("mutate", list(mutations()))
def test_no_mutation(params, mutate):
    with pytest.raises(TypeError, match="immutable"):
        mutate(params)
    assert list(params) == PATHS


def test_no_methods_that_would_mutate(params):
    assert not {"popitem", "clear", "setdefault"} & set(dir(params))


def test_locked_and_unlocked(params):
    assert params.is_locked
    grown = params.unlocked(rng=3)
    assert not grown.is_locked
    assert grown.locked()._structure is params._structure
    assert grown.unlocked(3)._structure is grown._structure
    assert grown.unlocked(4)._structure is not grown._structure
    assert list(grown) == PATHS
    assert not (grown.split()[0]).is_locked


def test_state_dict(params):
    state = params.state_dict()
    assert list(state) == [path.replace("/", ".") for path in PATHS]
    assert state["linear.bias"] is params["linear/bias"]


def test_from_state_dict(params):
    state = {name: np.asarray(value, np.float64) + 10 for name, value in params.state_dict().items()}
    loaded = params.from_state_dict(state)
    assert loaded._structure is params._structure
    assert [loaded[path].dtype for path in PATHS] == [params[path].dtype for path in PATHS]
    assert all(np.array_equal(loaded[path], params[path] + 10) for path in PATHS)
    state["linear.bias"][:] = 0
    assert loaded["linear/bias"][0] == 11


def test_from_state_dict_lists_what_does_not_fit(params):
    state = params.state_dict()
    del state["linear.bias"]
    state["head.weight"] = np.zeros(3)
    with pytest.raises(KeyError, match=r"missing \['linear/bias'\], unexpected \['head/weight'\]"):
        params.from_state_dict(state)
    loaded = params.from_state_dict(state | {"linear.weight": np.full((3, 2), 7.0)}, strict=False)
    assert list(loaded) == PATHS
    assert loaded["linear/weight"].max() == 7
    assert loaded["linear/bias"] is params["linear/bias"]


def test_from_state_dict_refuses_another_shape(params):
    state = params.state_dict() | {"linear.bias": np.zeros(4, np.float32)}
    for strict in (True, False):
        with pytest.raises(ValueError, match="'linear/bias' has shape"):
            params.from_state_dict(state, strict=strict)


def test_from_state_dict_can_do_without_the_state_of_random_numbers():
    infos = (VariableInfo("weight", (2,), "float32"), VariableInfo("rng/counter", (), "uint32", "rng", False))
    values = (np.zeros(2, np.float32), np.uint32(5))
    params = Params._make(Structure.of(infos, ("weight", "rng/counter")), values)
    assert params.from_state_dict({"weight": np.ones(2, np.float32)})["rng/counter"] == 5


@pytest.mark.parametrize(
    "again", [lambda value: pickle.loads(pickle.dumps(value)), copy.deepcopy, copy.copy], ids=["pickle", "deep", "copy"]
)
def test_copies_share_the_structure(params, again):
    for original in (params, params.split()[0], params.unlocked(3)):
        twin = again(original)
        assert type(twin) is Params
        assert twin._structure is original._structure
        assert all(np.array_equal(twin[path], original[path]) for path in original)


def test_a_deep_copy_has_arrays_of_its_own(params):
    twin = copy.deepcopy(params)
    twin["linear/bias"][:] = 77
    assert params["linear/bias"][0] == 1


def test_equal_structures_are_one_object(params):
    assert make_params()._structure is params._structure
    a, b = Params({"x": np.zeros(3)}), Params({"x": np.ones(3)})
    assert a._structure is b._structure
    assert Params({"x": np.zeros(4)})._structure is not a._structure
    assert Params({"x": np.zeros(3, np.float32)})._structure is not a._structure
    assert Params({"y": np.zeros(3)})._structure is not a._structure
    assert hash(a._structure) == hash(b._structure)


def test_metadata_tells_structures_apart():
    plain, marked = VariableInfo("x", (), "float32"), VariableInfo("x", (), "float32", metadata={"axes": "a"})
    assert Structure.of((plain,), ("x",)) is not Structure.of((marked,), ("x",))
    assert Structure.of((marked,), ("x",)) is pickle.loads(pickle.dumps(Structure.of((marked,), ("x",))))


def test_to_numpy(params):
    same = params.to("numpy")
    assert same._structure is params._structure
    assert all(np.array_equal(same[path], params[path]) for path in PATHS)


def test_repr(params):
    assert repr(params).splitlines() == [
        "Params(4 variables, 13 values, numpy)",
        "  linear/weight                     float32[3, 2]",
        "  linear/bias                       float32[3]",
        "  batch_norm1d/running_mean         float32[3]",
        "  batch_norm1d/num_batches_tracked  int64[]",
    ]
    assert repr(Params({})).startswith("Params(0 variables, 0 values")


def test_repr_of_a_thousand_variables_is_short():
    params = Params({f"layer_{i}/weight": np.zeros((100, 10)) for i in range(1000)})
    text = repr(params)
    assert text.startswith("Params(1000 variables, 1,000,000 values, numpy)")
    assert len(text.splitlines()) <= 14
    assert "988 more" in text


def test_dtype_names():
    assert [dtype_name(d) for d in ("int8", np.float32, np.dtype("uint32"), bool, np.zeros(1).dtype)] == [
        "int8",
        "float32",
        "uint32",
        "bool",
        "float64",
    ]


def test_closest():
    assert closest("linear_1/weight", ["linear/weight", "zzz"]) == "; the closest known paths are 'linear/weight'"
    assert closest("q", ["linear/weight"]) == ""
    assert closest("q", []) == ""


names = st.sampled_from(["linear", "conv", "block", "block_1", "weight", "bias"])
paths = st.lists(names, min_size=1, max_size=3).map("/".join)
arrays = st.tuples(
    st.lists(st.integers(0, 3), max_size=3).map(tuple), st.sampled_from(["float32", "float16", "int64", "bool"])
).map(lambda described: np.zeros(*described))
mappings = st.dictionaries(paths, arrays, max_size=10)


@settings(deadline=None)
@given(mappings, st.data())
def test_any_split_joins_again(values, data):
    params = Params(values)
    chosen = data.draw(st.sets(st.sampled_from(sorted(values)))) if values else set()
    a, b = params.split(lambda info: info.path in chosen)
    assert set(a) == chosen and set(b) == set(values) - chosen
    for joined in (a | b, b | a):
        assert joined._structure is params._structure
        assert all(joined[path] is params[path] for path in values)


@settings(deadline=None)
@given(mappings, mappings)
def test_merge_is_a_dict_update(left, right):
    merged = Params(left) | Params(right)
    assert list(merged) == list(left | right)
    assert all(merged[path] is value for path, value in (left | right).items())
    assert list(merged.info) == list(merged)
    assert all(merged.info[path].path == path for path in merged)


@settings(deadline=None)
@given(mappings)
def test_any_round_trip(values):
    params = Params(values)
    assert pickle.loads(pickle.dumps(params))._structure is params._structure
    assert copy.deepcopy(params)._structure is params._structure
    loaded = params.from_state_dict(params.state_dict())
    assert loaded._structure is params._structure
    assert params.update(values)._structure is params._structure
    assert all(np.array_equal(loaded[path], values[path]) for path in values)


def test_variables_are_added_replaced_and_moved(params):
    """What other styles do with params: values by paths, variables that are new, other values, and a path above all."""
    first = next(iter(params))
    info = replace(params.info[first], path="new/w", shape=(3,), metadata={"tag": 1}).fixed()
    more = params.added([(info, np.ones(3))])
    assert [*more] == [*params, "new/w"] and "new/w" not in params and more["new/w"].shape == (3,)
    assert more.values_at(["new/w", "absent", first]) == [more["new/w"], None, params[first]]
    with pytest.raises(ValueError, match="there is a variable 'new/w' already"):
        more.added([(info, np.ones(3))])
    wider = more.replaced({"new/w": np.ones((2, 3))})
    assert wider.info["new/w"].shape == (2, 3) and all(wider[path] is params[path] for path in params)
    with pytest.raises(KeyError, match="there is no variable 'absent'"):
        more.replaced({"absent": np.ones(1)})
    frozen = more.with_info(replace(info, trainable=False))
    assert not frozen.info["new/w"].trainable and more.info["new/w"].trainable
    above = more.prefixed("encoder")
    assert [*above] == [f"encoder/{path}" for path in more] and above.subtree("encoder") == more


def test_params_that_grow_from_nothing():
    growing = Params.growing(7, "numpy")
    assert (len(growing), growing.growth, growing.framework, growing.is_locked) == (0, 7, "numpy", False)
    assert Params.growing().growth is None and not Params.growing().is_locked and Params.growing().locked().is_locked
    assert pickle.loads(pickle.dumps(growing))._structure is growing._structure
