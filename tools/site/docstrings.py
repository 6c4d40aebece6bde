"""What mkdocstrings is told of the sources that reading them does not tell (an extension of griffe).

Layers are made at run time, of declarations; their types are in stubs. Every public name gets the types of its stub and
the docstring of the object itself, under the path with which users write it.
"""

import contextlib
import inspect
import itertools
import re
from pathlib import Path
from typing import Any

import griffe

from tools.site.docstring_text import with_fenced_doctests, with_links
from tools.site.reference import MODULES, Entry, entries, layers, linked_paths

__all__ = ["Docstrings"]

MODULE = re.compile(r"\b(collections\.abc|typing)\.")


class Docstrings(griffe.Extension):
    """Completes the package `unified` when griffe has read it."""

    def on_package(self, *, pkg: griffe.Module, loader: griffe.GriffeLoader, **kwargs: Any) -> None:
        """Give every public name an object with types and a docstring, in Markdown."""
        if pkg.path != "unified":
            return
        self.known = linked_paths()
        self.layers = {name for names in layers().values() for name in names}
        self.done: set[int] = set()
        for module in MODULES:
            parent = _module(pkg, module.path)
            for entry in entries(module):
                name = entry.path.rpartition(".")[2]
                if entry.described_at or inspect.ismodule(entry.value):
                    continue
                found = (
                    _object(parent.members.get(name))
                    or _defined(pkg, entry.value)
                    or _stub(parent.members.get("layers"), name)
                    or _of_runtime(pkg, parent, entry)
                )
                if _resolved(parent.members.get(name)) is not found:
                    parent.set_member(name, griffe.Alias(name, found, parent=parent))
                if name in self.layers and isinstance(found, griffe.Class):
                    self._complete_layer(found, entry)
                else:
                    self._complete(found, entry.value)

    def _complete_layer(self, found: griffe.Class, entry: Entry) -> None:
        """Describe a layer: whole among those of bodies, and in short, with a link there, in the other styles."""
        text = _docstring(entry.value) or _text(found, entry.value) or ""
        head, _, rest = text.partition("\n\n")
        whole = f"unified.{found.name}"
        if entry.path != whole and whole in self.known and found.name not in ("GRU", "LSTM", "Sequential"):
            rest = f"`{whole}` describes its arguments, and `help` those of this style, with an example."
        found.docstring = griffe.Docstring("\n\n".join(part for part in (head, _call(found), rest) if part))
        self._complete(found, entry.value)

    def _complete(self, found: griffe.Object, value: Any) -> None:
        if id(found) in self.done:
            return
        self.done.add(id(found))
        if (text := _text(found, value)) is not None:
            self._write(found, text)
        if isinstance(found, griffe.Class):
            _with_constructor(found, value)
            for member in found.members.values():
                if isinstance(member, griffe.Object) and member.docstring and not member.name.startswith("_"):
                    self._write(member, member.docstring.value)

    def _write(self, found: griffe.Object, text: str) -> None:
        found.docstring = griffe.Docstring(with_fenced_doctests(with_links(text, self.known)), parent=found)


def _module(pkg: griffe.Module, path: str) -> griffe.Module:
    found = pkg[path.removeprefix("unified.").split(".")] if path != "unified" else pkg
    resolved = _resolved(found)
    assert isinstance(resolved, griffe.Module), path
    return resolved


def _resolved(found: Any) -> griffe.Object | None:
    """Return the object behind aliases; `None` if griffe does not know it."""
    try:
        return found.final_target if found is not None and found.is_alias else found
    except (griffe.AliasResolutionError, griffe.CyclicAliasError):
        return None


def _object(found: Any) -> griffe.Object | None:
    """Return a class, a function or a value; a function may have the name of the module beside it."""
    resolved = _resolved(found)
    return None if resolved is None or resolved.is_module else resolved


def _defined(pkg: griffe.Module, value: Any) -> griffe.Object | None:
    """Return a function as the file that defines it has it."""
    module, name = getattr(value, "__module__", None) or "", getattr(value, "__qualname__", "")
    if inspect.isfunction(value) and module.startswith("unified.") and name.isidentifier():
        with contextlib.suppress(KeyError):
            return _object(pkg[[*module.split(".")[1:], name]])
    return None


def _stub(layers: Any, name: str) -> griffe.Object | None:
    """Return a layer as the stub beside its module declares it."""
    found = _resolved(layers)
    return None if found is None else _resolved(found.members.get(name))


def _of_runtime(pkg: griffe.Module, parent: griffe.Module, entry: Entry) -> griffe.Object:
    """Return what can be told from the object itself; the layers of `unified` have a stub of their own."""
    name = entry.path.rpartition(".")[2]
    if parent is pkg and (stub := _stub(pkg["core.layers"], name)) is not None:
        return stub
    if not callable(entry.value):
        return griffe.Attribute(name, parent=parent)
    parameters = _parameters(entry.value)
    if not isinstance(entry.value, type):
        return griffe.Function(name, parameters=parameters, parent=parent)
    found = griffe.Class(name, parent=parent)
    found.set_member("__init__", griffe.Function("__init__", parameters=parameters, parent=found))
    return found


def _parameters(value: Any) -> griffe.Parameters:
    kinds = {kind: griffe.ParameterKind(kind.description) for kind in inspect._ParameterKind}
    found = []
    for parameter in inspect.signature(value).parameters.values():
        written = inspect.formatannotation(parameter.annotation)
        annotation = None if parameter.annotation is parameter.empty else MODULE.sub("", written)
        default = None if parameter.default is parameter.empty else repr(parameter.default)
        found.append(
            griffe.Parameter(parameter.name, annotation=annotation, kind=kinds[parameter.kind], default=default)
        )
    return griffe.Parameters(*found)


def _parameter(parameter: griffe.Parameter) -> str:
    kinds = griffe.ParameterKind
    star = "*" if parameter.kind is kinds.var_positional else "**" if parameter.kind is kinds.var_keyword else ""
    default = "" if star or parameter.default is None else f" = {parameter.default}"
    return f"{star}{parameter.name}: {parameter.annotation}{default}"


def _with_constructor(layer: griffe.Class, value: Any) -> None:
    """Give a class the constructor that a stub declares by overloads or for many layers, or that is made of fields."""
    methods = _declared(layer, "__init__")
    if methods and "__init__" not in layer.members:
        last = methods[-1]
        constructor = griffe.Function("__init__", parameters=last.parameters, returns=last.returns, parent=layer)
        constructor.overloads = methods if len(methods) > 1 else None
        layer.set_member("__init__", constructor)
    elif "__init__" in value.__dict__ and "__init__" not in layer.members:
        layer.set_member("__init__", griffe.Function("__init__", parameters=_parameters(value), parent=layer))


def _text(found: griffe.Object, value: Any) -> str | None:
    if found.docstring:
        return found.docstring.value
    described = isinstance(value, type) or inspect.isfunction(value)
    ours = str(getattr(value, "__module__", "")).startswith("unified")
    return _docstring(value) if found.is_class or found.is_function or (described and ours) else _comment(found)


def _docstring(value: Any) -> str | None:
    """Return a docstring that is an object's own: a number has that of `float`."""
    own = getattr(value, "__doc__", None)  # that of a layer is completed when it is read
    return None if own is None or own == type(value).__doc__ else inspect.cleandoc(own)


def _comment(found: griffe.Object) -> str | None:
    """Return the comment above a value or an alias of a type, which have no docstring of their own."""
    if found.lineno is None or not isinstance(found.filepath, Path):
        return None
    lines = found.lines_collection[found.filepath][: found.lineno - 1]
    above = list(itertools.takewhile(lambda line: line.startswith("# "), reversed(lines)))
    return "\n".join(line.removeprefix("# ") for line in reversed(above)) or None


def _declared(layer: griffe.Class, name: str) -> list[griffe.Function]:
    """Return a method of a layer of a stub, or its overloads; classes such as `_OfOne` declare it for many layers."""
    if overloads := layer.overloads.get(name):
        return overloads
    method = layer.members.get(name)
    if isinstance(method, griffe.Function):
        return [method]
    for base in layer.bases:
        parent = _resolved(layer.module.members.get(str(base).partition("[")[0]))
        if isinstance(parent, griffe.Class) and (found := _declared(parent, name)):
            return found
    return []


def _call(layer: griffe.Object) -> str:
    """Return how a layer is called, with types: `__call__` has no docstring, and therefore no entry."""
    assert isinstance(layer, griffe.Class)
    lines = []
    for method in _declared(layer, "__call__"):
        parameters = ", ".join(_parameter(parameter) for parameter in list(method.parameters)[1:])
        lines.append(f"layer({parameters}) -> {method.returns}")
    return "```python\n" + "\n".join(lines) + "\n```" if lines else ""
