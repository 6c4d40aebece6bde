"""What `help` and `inspect.signature` show of layers: their own arguments, then those that all layers take."""

import ast
import dataclasses
import inspect
import pydoc
import re
from pathlib import Path

import pytest

import unified as u
from unified import explicit, nn, trees

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


def stub_arguments(folder: str, options: list[str]) -> dict[str, set[str]]:
    """The arguments of each class that a stub declares, where `**extra` are the options of all layers."""
    path = Path(u.__file__).parent / folder / "layers.pyi"
    arguments = {}
    for cls in ast.parse(path.read_text()).body:
        if isinstance(cls, ast.ClassDef) and not cls.name.startswith("_"):
            init = next((f for f in cls.body if isinstance(f, ast.FunctionDef) and f.name == "__init__"), None)
            if init is not None:
                spec = init.args
                named = [argument.arg for argument in (*spec.posonlyargs, *spec.args, *spec.kwonlyargs)][1:]
                arguments[cls.name] = {*named, *([spec.vararg.arg] if spec.vararg else [])}
                if spec.kwarg is not None:
                    arguments[cls.name] |= set(options) if spec.kwarg.arg == "extra" else {spec.kwarg.arg}
    return arguments


@pytest.mark.parametrize(
    "package, folder, options",
    [
        (trees, "trees", ["init_fn", "metadata"]),
        (explicit, "explicit", ["rng", "init_fn", "metadata"]),
        (nn, "nn", ["init_fn", "metadata"]),
    ],
    ids=["trees", "explicit", "nn"],
)
def test_every_style_shows_what_its_stub_declares(package, folder, options):
    declared = stub_arguments(folder, options)
    assert len(declared) > 120
    others = {"LSTM", "GRU", "Sequential"} if package is explicit else set()  # recurrences, and a sequence of modules
    for name in declared.keys() - others:
        cls = getattr(package, name)
        shown = inspect.signature(cls).parameters
        assert declared[name] <= set(shown) | {"args"}, name
        if name == "Identity":  # it takes any arguments, as torch's does
            assert list(shown)[-1] == "kwargs" and set(options) < set(shown)
            continue
        assert set(shown) - declared[name] <= {"args"}, name
        assert [*shown][-len(options) :] == options, name
        assert next(iter(shown)) == "graph" or package is not explicit


def test_the_signature_is_that_of_a_call():
    graph = explicit.Graph("net")
    for layer in (trees.Linear(2, 3), explicit.Linear(graph / "a", 2, 3)):
        assert "in_features" not in inspect.signature(layer).parameters
        bound = inspect.signature(type(layer)).bind(*([graph] if isinstance(layer, explicit.Linear) else []), 2, 3)
        assert bound.arguments["out_features"] == 3
    with pytest.raises(TypeError):
        inspect.signature(trees.Linear).bind(2, 3, name="linear")


class Block(u.Module):
    def __init__(self, width: int, depth: int = 2) -> None: ...


class Cell(u.RecurrentCell):
    def __init__(self, size): ...


@dataclasses.dataclass
class Table(u.Module):
    rows: int


class Net(nn.Module):
    def __init__(self, width: int): ...


class Chain(nn.Sequential):
    def __init__(self, width): ...


class Part(explicit.Module):
    def __init__(self, graph, width): ...


class Narrow(explicit.Linear):
    def __init__(self, graph, width): ...


class Same(explicit.Linear):
    pass


class Leaf(trees.Module):
    scale: object

    def __init__(self, size): ...


@pytest.mark.parametrize(
    "cls, names",
    [
        (Block, ["width", "depth", "name", "init_fn"]),
        (Cell, ["size", "name", "init_fn"]),
        (Table, ["rows", "name", "init_fn"]),
        (u.Module, ["name", "init_fn"]),
        (Net, ["width"]),
        (nn.Module, []),
        (Chain, ["width"]),
        (nn.Sequential, ["modules"]),
        (nn.ModuleDict, ["items"]),
        (Part, ["graph", "width"]),
        (Narrow, ["graph", "width"]),
        (Same, [*inspect.signature(explicit.Linear).parameters]),
        (Leaf, ["size"]),
    ],
)
def test_users_classes_show_their_constructors(cls, names):
    assert [*inspect.signature(cls).parameters] == names
    text = re.sub(r"[\s|*]+", "", pydoc.render_doc(cls, renderer=pydoc.plaintext))  # Python 3.13 breaks long lines
    assert not names or f"{cls.__name__}({names[0]}" in text


@pytest.mark.parametrize("name", ["Sigmoid", "Tanh", "Softsign", "Tanhshrink", "LogSigmoid", "Softmax2d"])
def test_layers_without_arguments_refuse_them(name):
    assert not getattr(u, name).own_signature.parameters
    with pytest.raises(TypeError, match=rf"{name}\(\): too many positional arguments"):
        getattr(u, name).spec((3,), {})
    with pytest.raises(TypeError, match="'inplace'"):
        getattr(trees, name)(inplace=True)


@pytest.mark.parametrize("name", ["Linear", "LSTM", "MultiheadAttention", "BatchNorm1d"])
@pytest.mark.parametrize("style", [u, nn, explicit, trees], ids=lambda style: style.__name__)
def test_help_of_a_layer_has_its_docstring_once(style, name):
    text = pydoc.render_doc(getattr(style, name), renderer=pydoc.plaintext)
    assert text.count(inspect.getdoc(getattr(style, name)).splitlines()[0]) == 1
    assert not re.search(r"^ \|  _[a-z]", text, re.MULTILINE)  # as of named tuples, which have `_fields`
