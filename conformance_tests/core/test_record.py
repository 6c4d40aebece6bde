"""The record of init: later calls must match it, and errors name the difference."""

# Bodies are lambdas, because layers exist only while a body runs.

import copy
import pickle
import re

import numpy as np
import pytest

import unified as u
from conformance_tests.core.numpy_backend import NumpyModel, transform
from unified.core.record import LayerRecord, OpaqueArgument, ScopeRecord, check_same, describe_call, freeze
from unified.core.scope import current
from unified.core.structure import Scopes

X = np.ones((2, 4), np.float32)


@pytest.fixture(params=[True, False], ids=["live", "created anew"])
def live(request):
    """Whether the backend keeps its layers, as torch does, or creates them in each call, as JAX does."""
    return request.param


class Block(u.Module):
    def __call__(self, x):
        return u.Linear(4, 4)(x)

    def encode(self, x):
        return u.Linear(4, 4)(x)


class Other(u.Module):
    def __call__(self, x):
        return u.Linear(4, 4)(x)


def linears(x, *names):
    for name in names:
        x = u.Linear(4, 4, name=name)(x)
    return x


# The body during init, the body of a later call, and phrases of the error message.
CHANGES = {
    "renamed": (
        lambda x: linears(x, "encoder", "decoder"),
        lambda x: linears(x, "encoder", "decodre"),
        [r"'decodre'", r"closest known paths are 'decoder'"],
    ),
    "reordered": (
        lambda x: u.Linear(4, 3)(u.Linear(3, 4)(x[:, :3])),
        lambda x: u.Linear(3, 4)(u.Linear(4, 3)(x)),
        [r"'linear'", r"Linear\(4, 3\)", r"Linear\(3, 4\)"],
    ),
    "another class": (
        lambda x: u.LayerNorm(4, name="first")(x),
        lambda x: u.Linear(4, 4, name="first")(x),
        [r"'first'", r"LayerNorm\(4, name='first'\)", r"Linear\(4, 4, name='first'\)"],
    ),
    "another size": (
        lambda x: u.Linear(4, 8)(x),
        lambda x: u.Linear(4, 6)(x),
        [r"'linear'", r"Linear\(4, 8\)", r"Linear\(4, 6\)"],
    ),
    "another option": (
        lambda x: u.Linear(4, 4)(x),
        lambda x: u.Linear(4, 4, bias=False)(x),
        [r"'linear'", r"Linear\(4, 4\)", r"Linear\(4, 4, bias=False\)"],
    ),
    "one more layer": (
        lambda x: u.Linear(4, 4)(x),
        lambda x: u.Linear(4, 4)(u.Linear(4, 4)(x)),
        [r"'linear_1'", r"closest known paths are 'linear'", r"init again"],
    ),
    "one more module": (
        lambda x: Block()(x),
        lambda x: Block()(Block()(x)),
        [r"'block_1'", r"a Block", r"'block'"],
    ),
    "another module": (
        lambda x: Block(name="net")(x),
        lambda x: Other(name="net")(x),
        [r"'net'", r"Block\(\)", r"Other\(\)"],
    ),
    "a module for a layer": (
        lambda x: u.Linear(4, 4, name="net")(x),
        lambda x: Block(name="net")(x),
        [r"'net'", r"Linear\(4, 4, name='net'\)", r"Block\(\)"],
    ),
    "a layer in a module": (
        lambda x: Block()(x),
        lambda x: [Block()(x), u.Linear(4, 4, name="blok")(x)][0],
        [r"'blok'", r"closest known paths are 'block'"],
    ),
    "a new method": (
        lambda x: Block()(x),
        lambda x: Block().encode(x),
        [r"'block/encode'", r"method of Block"],
    ),
    "a new variable": (
        lambda x: x * u.get_parameter("scale", 4),
        lambda x: x * u.get_parameter("scael", 4),
        [r"'scael'", r"closest known paths are 'scale'"],
    ),
    "another shape of a variable": (
        lambda x: x * u.get_parameter("scale", 4),
        lambda x: x * u.get_parameter("scale", (2, 4)),
        [r"'scale'", r"float32\[4\]", r"float32\[2, 4\]"],
    ),
    "another dtype of a variable": (
        lambda x: x * u.get_parameter("scale", 4),
        lambda x: x * u.get_parameter("scale", 4, dtype="float64"),
        [r"'scale'", r"float32\[4\]", r"float64\[4\]"],
    ),
    "state for a parameter": (
        lambda x: x * u.get_parameter("scale", 4),
        lambda x: x * u.get_state("scale", 4),
        [r"'scale'", r"'params'", r"'state'"],
    ),
}


@pytest.mark.parametrize("what", CHANGES)
def test_a_changed_structure(live, what):
    first, then, messages = CHANGES[what]
    bodies = [first]
    model = transform(lambda x: bodies[0](x), live)
    params = model.init(X)
    expected, _ = model.apply(params, X)
    bodies[0] = then
    for _ in range(2):
        with pytest.raises(u.StructureChangedError) as raised:
            model.apply(params, X)
        for message in messages:
            assert re.search(message, str(raised.value)), str(raised.value)
        assert current.scope is None
    bodies[0] = first
    assert np.array_equal(model.apply(params, X)[0], expected)


def test_a_change_deep_inside_names_the_whole_path(live):
    width = [4]

    class Inner(u.Module):
        def encode(self, x):
            return u.Linear(4, width[0])(x)

    class Middle(u.Module):
        def __call__(self, x):
            return Inner().encode(x)

    model = transform(lambda x: Middle()(x), live)
    params = model.init(X)
    width[0] = 5
    with pytest.raises(u.StructureChangedError, match="'middle/inner/encode/linear'"):
        model.apply(params, X)


def test_fewer_layers_are_no_error(live):
    """A branch that does not run leaves its layers unchanged."""
    model = transform(lambda x, deep: u.Linear(4, 4)(u.Tanh()(x)) if deep else u.Tanh()(x), live)
    params = model.init(X, True)
    assert np.allclose(model.apply(params, X, False)[0], np.tanh(X))
    assert model.apply(params, X, True)[0].shape == (2, 4)


def test_a_skipped_layer_shifts_no_names_of_other_classes(live):
    def forward(x, norm):
        x = u.Linear(4, 4)(x)
        if norm:
            x = u.Identity()(x)
        x = u.Linear(4, 4)(x)
        return Block()(x)

    model = transform(forward, live)
    params = model.init(X, True)
    assert np.array_equal(model.apply(params, X, True)[0], model.apply(params, X, False)[0])


def test_an_optional_layer_that_init_saw_by_name(live):
    def forward(x, first, second):
        if first:
            x = u.Linear(4, 4, name="a")(x)
        if second:
            x = u.Linear(4, 4, name="b")(x)
        return u.Linear(4, 4)(x)

    model = transform(forward, live)
    params = model.init(X, True, True)
    for first in (True, False):
        for second in (True, False):
            x = X
            for name in ["a"] * first + ["b"] * second + ["linear"]:
                x = x @ params[f"{name}/weight"].T + params[f"{name}/bias"]
            assert np.allclose(model.apply(params, X, first, second)[0], x)


def test_a_second_run_of_a_scope_that_differs(live):
    """The same module is called with another flag: each run counts names from the start."""

    class Net(u.Module):
        def __call__(self, x, skip):
            if not skip:
                x = u.ReLU()(u.Linear(4, 4, name="first")(x))
            return u.Linear(4, 4)(x)

    def forward(x, flags):
        net = Net()
        for skip in flags:
            x = net(x, skip)
        return x

    model = transform(forward, live)
    params = model.init(X, [False, True])
    assert list(params) == [f"net/{name}/{leaf}" for name in ("first", "linear") for leaf in ("weight", "bias")]
    twice = transform(forward, live)
    assert list(twice.init(X, [True, False])) == list(params)[2:] + list(params)[:2]
    outputs = {}
    for flags in ([True], [False], [True, True], [False, True], [True, False]):
        x = X
        for skip in flags:
            if not skip:
                x = np.maximum(x @ params["net/first/weight"].T + params["net/first/bias"], 0)
            x = x @ params["net/linear/weight"].T + params["net/linear/bias"]
        outputs[tuple(flags)] = x
        assert np.allclose(model.apply(params, X, flags)[0], x, atol=1e-6)


CLASHES = {
    "a variable after a layer": (lambda x: [u.Linear(4, 4)(x), u.get_parameter("linear", 4)], "'linear'.*variable"),
    "a variable after a module": (lambda x: [Block()(x), u.get_state("block", 4)], "'block'.*variable"),
    "a variable after a method": (lambda x: Clashing()("method", "variable", x), "'clashing/encode'.*variable"),
    "a method after a layer": (lambda x: Clashing()("layer", "method", x), "'clashing/encode'.*Clashing.encode"),
    "a method after a variable": (lambda x: Clashing()("variable", "method", x), "'clashing/encode'.*encode"),
}


class Clashing(u.Module):
    def __call__(self, first, second, x):
        for what in (first, second):
            if what == "method":
                self.encode(x)
            elif what == "layer":
                u.Linear(4, 4, name="encode")(x)
            else:
                u.get_parameter("encode", 4)
        return x

    def encode(self, x):
        return u.Linear(4, 4)(x)


@pytest.mark.parametrize("what", CLASHES)
def test_a_clash_of_names(live, what):
    body, message = CLASHES[what]
    with pytest.raises(ValueError, match=message):
        transform(body, live).init(X)
    assert current.scope is None


@pytest.mark.parametrize("first", ["method", "variable"])
def test_a_layer_gives_way_to_what_has_its_name(live, first):
    """A layer's `name=` is a preference: rule 2 skips names in use."""
    model = transform(lambda x: Clashing()(first, "layer", x), live)
    params = model.init(X)
    assert "clashing/encode_1/weight" in params
    model.apply(params, X)


@pytest.mark.parametrize(
    "declare",
    [
        lambda name: u.Linear(4, 4, name=name),
        lambda name: Block(name=name),
        lambda name: u.get_parameter(name, 4),
        lambda name: u.get_state(name, 4),
        lambda name: u.set_state(name, X),
        lambda name: u.wrap(lambda: None, name=name),
    ],
)
@pytest.mark.parametrize("name", ["", "a/b", "a.b", "1a", "a b", 3.0, -3, True])
def test_what_is_no_name(live, declare, name):
    with pytest.raises(ValueError, match=re.escape(repr(name)) + " cannot be a name"):
        transform(lambda x: declare(name), live).init(X)
    assert current.scope is None


@pytest.mark.parametrize("declare", [u.get_parameter, u.get_state, u.set_state])
def test_a_number_names_no_variable(live, declare):
    with pytest.raises(ValueError, match="3 cannot be a name"):
        transform(lambda x: declare(3, X), live).init(X)


def test_a_name_given_too_late(live):
    class Late(u.Module):
        def __init__(self):
            self.layer = u.Linear(4, 4)
            super().__init__(name="late_name")

    with pytest.raises(ValueError, match=r"'late' has its name already.*'late_name'.*before it builds a layer"):
        transform(lambda x: Late(), live).init(X)


def test_arrays_and_functions_among_the_arguments(live):
    """They are compared by description, because each call may create new ones."""

    def forward(x):
        return u.Identity(np.ones(3), key=lambda: 3, nested=[np.zeros(2), {"a": np.ones(())}])(x)

    model = transform(forward, live)
    params = model.init(X)
    assert np.array_equal(model.apply(params, X)[0], X)


def test_freeze():
    array, function = np.ones((2, 3), np.float32), lambda: 3
    frozen = freeze((1, "a", None, array, [array, {"f": function}]))
    assert frozen[:3] == (1, "a", None)
    assert isinstance(frozen[3], OpaqueArgument)
    assert frozen == (1, "a", None, np.zeros((2, 3), np.float32), [array, {"f": function}])
    assert frozen[3] != np.ones((2, 4), np.float32)
    assert frozen[3] != np.ones((2, 3), np.float64)
    assert frozen[4][1]["f"] != test_describe_call
    assert hash(frozen[3]) == hash(freeze(array))
    assert pickle.loads(pickle.dumps(frozen)) == frozen


def test_freeze_copies_what_could_change():
    original = [1, {"a": [2]}]
    frozen = freeze(original)
    original[1]["a"].append(3)
    assert frozen == [1, {"a": [2]}]


def test_describe_call():
    call = describe_call(u.Linear, (10, 64), {"bias": False, "name": "head", "dtype": np.zeros(3)})
    assert call == "Linear(10, 64, bias=False, name='head', dtype=<array float64 (3,)>)"


def test_check_same():
    entry = LayerRecord(u.Linear, (3, 4), {}, "linear", "linear")
    check_same("a/linear", entry, u.Linear, (3, 4), {})
    for cls, args, kwargs in ((u.Bilinear, (3, 4), {}), (u.Linear, (3, 5), {}), (u.Linear, (3, 4), {"bias": True})):
        with pytest.raises(u.StructureChangedError, match=r"'a/linear'.*Linear\(3, 4\)"):
            check_same("a/linear", entry, cls, args, kwargs)


def make_record():
    record = ScopeRecord()
    record.add(LayerRecord(u.Linear, (3, 4), {}, "linear", "linear"))
    record.add(LayerRecord(u.ReLU, (), {}, "relu", "relu"))
    return record


def test_declared_is_a_value():
    record = make_record()
    assert list(record.by_name) == ["linear", "relu"]
    assert record == make_record() != ScopeRecord()
    for twin in (pickle.loads(pickle.dumps(record)), copy.deepcopy(record)):
        assert twin == record


def test_graph_is_a_value():
    graph = Scopes({"": make_record()})
    twin = Scopes({"": make_record()})
    assert graph == twin and hash(graph) == hash(twin)
    assert graph != Scopes({}) and graph and not Scopes({})
    assert pickle.loads(pickle.dumps(graph)) == graph


def test_params_of_a_model_survive_a_pickle(live):
    def forward(x):
        return Block()(u.Linear(4, 4)(x))

    params = transform(forward, live).init(X)
    for twin in (pickle.loads(pickle.dumps(params)), copy.deepcopy(params)):
        assert twin._structure is params._structure
        assert twin.graph == params.graph
        fresh = NumpyModel(forward, live=False)
        assert np.array_equal(fresh.apply(twin, X)[0], fresh.apply(params, X)[0])


def test_two_inits_have_one_structure(live):
    model = transform(lambda x: Block()(u.Linear(4, 4)(x)), live)
    assert model.init(X, rng=0)._structure is model.init(X, rng=1)._structure
