"""What `help` and `inspect.signature` show of layers: their own arguments, then those that all layers take."""

import inspect
import pydoc

import pytest

import unified as u
from unified import nn

OPTIONS = ["name", "init_fn", "metadata"]


class Own(u.Linear):
    def __init__(self, size, **kwargs):
        super().__init__(size, size, **kwargs)


class Derived(Own):
    pass


class Plain(u.Linear):
    pass


@pytest.mark.parametrize("cls", [u.Linear, u.LazyLinear, u.Conv2d, u.Sequential, u.LSTM, u.ReLU, Plain])
def test_layers_show_their_options(cls):
    shown = inspect.signature(cls).parameters
    assert list(shown) == [*cls.own_signature.parameters, *OPTIONS]
    for name in OPTIONS:
        assert shown[name].kind is inspect.Parameter.KEYWORD_ONLY and shown[name].default is None
    assert not set(OPTIONS) & set(cls.own_signature.parameters)


def test_subclasses_show_their_own_arguments():
    for cls in (Own, Derived):
        assert list(inspect.signature(cls).parameters) == ["size", *OPTIONS, "kwargs"]


def test_help():
    text = pydoc.render_doc(u.Linear, renderer=pydoc.plaintext)
    head = text[: text.index("bias` on the last")]
    assert all(f"{name}:" in head for name in ("in_features", *OPTIONS))


def test_objects_show_their_options():
    assert list(inspect.signature(nn.Linear).parameters)[-3:] == ["dtype", "init_fn", "metadata"]


def test_errors_bind_a_layers_own_arguments():
    with pytest.raises(TypeError, match=r"Linear\(in_features.*dtype: Any = None\)"):
        u.Linear.spec((1, 2, 3, 4, 5, 6), {})
