"""`forward` has the parameters, defaults and annotations of the user's function, on a class that copies and pickles."""

import copy
import functools
import inspect
import io
import pickle
import pydoc
import typing

import cloudpickle
import pytest
import torch
from torch import Tensor

import unified as u
from unified.typing import TorchModel


def scaled(x: Tensor, /, scale: float = 2.0, *rest: int, flag: bool = False, **more: int) -> Tensor:
    """Apply a layer."""
    return u.Linear(4, 3)(x) * scale * (-1 if flag else 1) + sum(rest) + sum(more.values())


def later(x: "Tensor", mask: "Tensor | None" = None) -> "Tensor":
    return u.Linear(4, 3)(x)


def modal(x, training=True):
    return u.Linear(4, 3)(x) if training else 0 * x


def called_self(self, _self):
    return u.Linear(4, 3)(self) + _self


class Callable:
    """An object that is called like a function."""

    def __call__(self, x, shift=1.0):
        return u.Linear(4, 3)(x) + shift

    def method(self, x, shift=2.0):
        return u.Linear(4, 3)(x) + shift


X = torch.linspace(-1, 1, 8).reshape(2, 4)


def model(fn, *args, **kwargs):
    return u.transform(fn, *args, backend="torch", **kwargs).init(X, rng=0)


@pytest.mark.parametrize("fn", [scaled, later, Callable(), Callable().method, functools.partial(scaled, scale=3.0)])
def test_signature_of_the_function(fn):
    net = u.transform(fn, backend="torch")
    assert inspect.signature(net.forward) == inspect.signature(net) == inspect.signature(fn)


def test_help_shows_the_function():
    def classify(images, scale=2.0):
        """Return the logits, `(batch, 3)`."""
        return u.Linear(None, 3)(images * scale)

    net = u.transform(classify, backend="torch").init(X, rng=0)
    assert inspect.signature(net) == inspect.signature(type(net)) == inspect.signature(classify)
    text = pydoc.render_doc(net, renderer=pydoc.plaintext)
    assert "classify(images, scale=2.0)" in text and "Return the logits, `(batch, 3)`." in text
    assert "policies" not in text.partition("Method resolution order")[0]


def test_help_says_what_a_model_is_where_the_function_does_not():
    text = pydoc.render_doc(u.transform(lambda x: u.Linear(None, 3)(x), backend="torch"), renderer=pydoc.plaintext)
    assert "A model as an `nn.Module`" in text.partition("Method resolution order")[0]


def test_annotations_that_are_strings_keep_their_meaning():
    net = u.transform(later, backend="torch")
    assert typing.get_type_hints(net.forward) == typing.get_type_hints(later)
    assert net.forward.__doc__ == later.__doc__ and u.transform(scaled).forward.__doc__ == "Apply a layer."


def test_class_and_source():
    net = u.transform(scaled, backend="torch")
    assert type(net).__name__ == "scaled" and isinstance(net, TorchModel)
    assert inspect.getsource(net.forward) == inspect.getsource(scaled)
    assert type(u.transform(lambda x: x, backend="torch")).__name__ == "TorchModel"
    assert type(u.transform(scaled, backend="torch")) is type(net)  # `torch.compile` guards on the class


@pytest.mark.parametrize(
    ("args", "kwargs"),
    [((), {}), ((0.5,), {}), ((0.5, 1, 2), {}), ((), {"flag": True}), ((3.0, 1), {"flag": True, "other": 7})],
)
def test_arguments_reach_the_function(args, kwargs):
    net = model(scaled)
    arguments = inspect.signature(scaled).bind(X, *args, **kwargs)
    arguments.apply_defaults()
    scale, rest, flag, more = (arguments.arguments[name] for name in ("scale", "rest", "flag", "more"))
    expected = torch.nn.functional.linear(X, net.linear.weight, net.linear.bias) * scale * (-1 if flag else 1)
    assert torch.equal(net(X, *args, **kwargs), expected + sum(rest) + sum(more.values()))


def test_arguments_called_self():
    net = u.transform(called_self, backend="torch").init(X, 1.0, rng=0)
    assert torch.equal(net(X, 2.0), net.linear(X) + 2)
    assert list(inspect.signature(net.forward).parameters) == ["self", "_self"]


def test_a_missing_argument_is_named():
    net = model(scaled)
    with pytest.raises(TypeError, match=r"later\.forward\(\) missing 1 required positional argument: 'x'"):
        u.transform(later, backend="torch")()
    with pytest.raises(TypeError, match=r"missing 1 required positional argument: 'x'"):
        net()
    with pytest.raises(TypeError, match="unexpected keyword argument 'masks'"):
        model(later)(X, masks=None)


def test_what_transform_fixed_is_no_input_but_may_be_passed():
    net = u.transform(later_scaled, scale=3.0, backend="torch").init(X, rng=0)
    assert list(inspect.signature(net.forward).parameters) == ["x"]
    assert torch.equal(net(X), 3 * net.linear(X)) and torch.equal(net(X, scale=2.0), 2 * net.linear(X))
    assert torch.equal(torch.fx.symbolic_trace(net)(X), net(X))


def later_scaled(x, scale):
    return u.Linear(4, 3)(x) * scale


def test_the_mode_is_that_of_the_model_unless_it_is_passed():
    net = model(modal)
    assert inspect.signature(net.forward).parameters["training"].default is None
    for mode in (True, False):
        trained, zeros = net.linear(X), 0 * X
        net.train(mode)
        assert torch.equal(net(X), trained if mode else zeros)
        assert torch.equal(net(X, None), net(X)) and torch.equal(net(X, training=None), net(X))
        assert torch.equal(net(X, True), trained) and torch.equal(net(X, training=False), zeros)


def test_other_models_of_the_same_layers_have_their_own_signature():
    net = model(later)
    other = net.method(scaled)
    assert list(inspect.signature(other.forward).parameters)[1] == "scale"
    assert list(inspect.signature(net.forward).parameters)[1] == "mask"
    assert torch.equal(other(X, 1.0), net(X))


def by_pickle(net):
    return pickle.loads(pickle.dumps(net))


def by_torch(net):
    file = io.BytesIO()
    torch.save(net, file)
    file.seek(0)
    return torch.load(file, weights_only=False)


@pytest.mark.parametrize("copied", [copy.copy, copy.deepcopy, by_pickle, by_torch])
@pytest.mark.parametrize("fn", [scaled, modal, functools.partial(scaled, scale=5.0)])
def test_copies_and_pickles(copied, fn):
    net = model(fn)
    twin = copied(net)
    assert inspect.signature(twin.forward) == inspect.signature(net.forward) and repr(twin) == repr(net)
    assert torch.equal(twin(X), net(X)) and isinstance(twin, TorchModel)
    assert isinstance(fn, functools.partial) or type(twin) is type(net)


def test_a_lambda_or_closure_says_how_to_make_it_picklable():
    width = 3

    def closure(x):
        return u.Linear(4, width)(x)

    for fn, kind in ((lambda x: u.Linear(4, 3)(x), "a lambda"), (closure, "a function within another")):
        net = model(fn)
        with pytest.raises(pickle.PicklingError, match=rf"{kind}.*define it by `def` at the top of a module"):
            pickle.dumps(net)
        with pytest.raises(pickle.PicklingError, match=r"u\.transform"):
            torch.save(net, io.BytesIO())
        assert torch.equal(copy.deepcopy(net)(X), net(X))
        assert torch.equal(cloudpickle.loads(cloudpickle.dumps(net))(X), net(X))


def test_functions_without_a_signature():
    net = u.transform(functools.partial(map_max, fn=max), backend="torch").init(X, rng=0)
    assert torch.equal(net(X), net.linear(X))
    required = u.transform(required_behind_the_mode, backend="torch").init(X, y=1, rng=0)
    assert torch.equal(required(X, y=2), required.linear(X) + 2)
    assert torch.equal(required(X, True, 3), required.linear(X) + 3)


def map_max(x, fn):
    return u.Linear(4, 3)(x) * fn(0, 1)


def required_behind_the_mode(x, training, y):
    return u.Linear(4, 3)(x) + y
