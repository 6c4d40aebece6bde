"""A module as JSON, for the header of a checkpoint: classes by name, variables by path, everything else by value.

A value is one of:

* `null`, a boolean, a number or a string;
* `{"array": PATH}`: the variable of that path;
* `{"module": "package.models:Net", "fields": {NAME: VALUE, ...}, "kinds": [...]}`;
* `{"layer": "Linear", "arguments": {NAME: VALUE, ...}, "metadata": ..., "variables": {NAME: VALUE, ...}}`;
* `{"method": "encode", "of": "package.models:Autoencoder", "owner": VALUE}`;
* `{"spec": "Linear", "arguments": {...}}`: a layer that is an argument of another;
* `{"tuple": [...]}`, `{"list": [...]}`, `{"dict": [[KEY, VALUE], ...]}`;
* `{"function": "package.functions:gelu"}`, `{"dtype": "float32"}`.

No array, no code and no pickle is in it.
"""

import sys
import types
from typing import Any

import numpy as np

from unified.core.classes import same_class
from unified.core.layer import Spec
from unified.core.naming import join
from unified.trees.layer import Layer
from unified.trees.module import BoundMethod, Module, array_text
from unified.trees.named import Named
from unified.trees.nodes import is_array

__all__ = ["encode", "encode_spec", "name_of"]


def encode(value: Any, path: str = "") -> Any:
    """Return a value of a tree as JSON; raise `TypeError`, which names the field, for one that has no form there."""
    if value is None or type(value) in (bool, int, float, str):
        return value
    if is_array(value):
        return {"array": path}
    if isinstance(value, Layer):
        variables = {name: encode(item, join(path, name)) for name, item in value._values.items()}
        metadata = encode(value._options["metadata"], path)
        return {**encode_spec("layer", value._spec, path), "metadata": metadata, "variables": variables}
    if isinstance(value, BoundMethod):
        owner, name = value.owner, value.function.__name__
        of = next((cls for cls in type(owner).__mro__ if _function_of(cls, name) is value.function), None)
        if of is None:
            raise _error(path, value, "it is no method of its module's class")
        return {"method": name, "of": name_of(of, path), "owner": encode(owner, path)}
    if isinstance(value, Module):
        fields = {
            name: encode(getattr(value, name), path if name == value._inner else join(path, name))
            for name in value._field_names
        }
        kinds = [
            [name, encode([*kind[:2], kind[3]], path), encode(dict(kind[2]), path)]
            for name, kind in value._context().value
        ]
        return {"module": name_of(type(value), path), "fields": fields, "kinds": kinds}
    if type(value) in (tuple, list):
        items = [encode(item, join(path, str(position))) for position, item in enumerate(value)]
        return {type(value).__name__: items}
    if type(value) is dict:
        return {"dict": [[_key(key, path), encode(item, join(path, str(key)))] for key, item in value.items()]}
    if (name := _dtype(value)) is not None:
        return {"dtype": name}
    if type(value) is Named:
        return {"function": value.name}
    if callable(value) and hasattr(value, "__qualname__"):
        return {"function": name_of(value, path)}
    raise _error(path, value, "it has no form in a file")


def _function_of(cls: type, name: str) -> Any:
    return getattr(cls.__dict__.get(name), "function", None)


def encode_spec(kind: str, spec: Spec, path: str) -> dict[str, Any]:
    """Return a layer, or one that is an argument of another, by its class and its arguments."""
    arguments = {
        name: encode_spec("spec", value, path) if isinstance(value, Spec) else encode(value, join(path, name))
        for name, value in spec.arguments.items()
    }
    return {kind: spec.declaration.__name__, "arguments": arguments}


def _key(key: Any, path: str) -> Any:
    if type(key) not in (str, int, bool):
        raise _error(path, key, "a key of a dict is a string or an integer in a file")
    return key


def _dtype(value: Any) -> str | None:
    """Return the name of a dtype, also of a class of JAX or NumPy that is one; `None` for other values."""
    if isinstance(value, np.dtype) or (isinstance(value, type) and issubclass(value, np.generic)):
        return np.dtype(value).name
    text = str(value) if type(value).__name__ == "dtype" else ""
    if text.startswith("torch."):
        return text.removeprefix("torch.")
    inner = getattr(value, "dtype", None)  # jnp.float32 is an object that makes arrays
    return inner.name if isinstance(inner, np.dtype) else None


def name_of(value: Any, path: str) -> str:
    """Return the import path of a class or a function; raise `TypeError` if it has none."""
    module, name = getattr(value, "__module__", None), getattr(value, "__qualname__", "")
    if isinstance(value, types.BuiltinFunctionType):  # torch.relu is a method of a hidden class
        name = value.__name__
    if not module or not name or "<" in name:
        raise _error(
            path,
            value,
            "it is a lambda, or was made in a function, and a file can only name it: define it in a module and by "
            "`def` or `class`",
        )
    found = sys.modules.get(module)
    for part in name.split("."):
        found = getattr(found, part, None)
    if found is not value and not same_class(found, value):
        raise _error(path, value, f"there is no {name!r} in {module!r} by which a file could find it")
    return f"{module}:{name}"


def _error(path: str, value: Any, why: str) -> TypeError:
    return TypeError(f"the field {path or 'of the root'!r} holds {array_text(value)}, which cannot be saved: {why}")
