"""Parameters of dm-haiku in files and as `unified.Params`.

A pickle runs code as it is read, so that reading one has to be asked for: `load(path, allow_pickle=True)`. What `save`
writes is a safetensors file with the path of each value, `mlp/~/linear_0/w`, for its name.
"""

import collections
import io
import pickle
from pathlib import Path
from typing import Any

import numpy as np

from unified.compat.haiku.data_structures import traverse
from unified.core import backends
from unified.core.params import Params

__all__ = ["from_params", "load", "save", "to_params"]


def _flat(tree: Any) -> dict[str, Any]:
    for module_name, bundle in tree.items():
        if not hasattr(bundle, "items"):
            raise TypeError(
                f"parameters of Haiku are a dict of dicts of arrays, and {module_name!r} holds {type(bundle).__name__}"
            )
    return {f"{module_name}/{name}": value for module_name, name, value in traverse(tree)}


def _nested(flat: Any) -> dict[str, dict[str, Any]]:
    found: dict[str, dict[str, Any]] = collections.defaultdict(dict)
    for path, value in flat.items():
        module_name, _, name = path.rpartition("/")
        found[module_name or "~"][name] = value
    return dict(found)


def _host(value: Any) -> Any:
    owner = backends.of_array(value)
    return np.asarray(value) if owner is None else owner.to_numpy(value)


def _bare(values: dict[str, Any]) -> dict[str, Any]:
    """Tensors for the arrays of `unified.compat.jax` on torch, which are no arrays of a framework."""
    return {path: getattr(value, "tensor", value) for path, value in values.items()}


def to_params(tree: Any, state: Any = None) -> Params:
    """A dict of dicts, as `init` gives it, as `unified.Params`; the values of `state` are its collection `state`.

    >>> import numpy as np, unified.compat.haiku as hk
    >>> hk.to_params({"linear": {"w": np.ones((2, 3), "float32")}})["linear/w"].shape
    (2, 3)
    """
    found = Params(_bare(_flat(tree)))
    return found.merge(Params.in_collection(_bare(_flat(state)), "state")) if state else found


def from_params(params: Params) -> tuple[dict[str, dict[str, Any]], dict[str, dict[str, Any]]]:
    """Parameters and state as dicts of dicts."""
    groups: dict[bool, dict[str, Any]] = {True: {}, False: {}}
    for path in params:
        groups[params.info[path].collection == "params"][path] = params[path]
    return _nested(groups[True]), _nested(groups[False])


class _Unpickler(pickle.Unpickler):
    """Reads Haiku's own mappings as dicts, also where Haiku is not installed."""

    def find_class(self, module: str, name: str) -> Any:
        if module.partition(".")[0] in ("haiku", "unified") and name in ("FlatMapping", "FlatMap", "frozendict"):
            return _plain
        return super().find_class(module, name)


def _plain(mapping: Any) -> dict[str, Any]:
    return {key: dict(value) if hasattr(value, "items") else value for key, value in mapping.items()}


def load(path: Any, *, allow_pickle: bool = False) -> dict[str, dict[str, Any]]:
    """The dict of dicts of NumPy arrays in a file that `save` wrote, in an `.npz`, or in a pickle.

    Args:
        path: the file.
        allow_pickle: whether a pickle is read, which runs what code it holds: of trusted files alone.
    """
    data = Path(path).read_bytes()
    if data[:2] == b"PK":
        with np.load(io.BytesIO(data), allow_pickle=False) as arrays:
            return _nested({name: arrays[name] for name in arrays.files})
    if data[:1] == b"\x80":
        if not allow_pickle:
            raise ValueError(
                f"{path} is a pickle, and reading one runs what code it holds: if you trust it, give allow_pickle=True"
            )
        return _arrays(_Unpickler(io.BytesIO(data)).load())
    from safetensors.numpy import load as read

    return _nested(read(data))


def _arrays(tree: Any) -> Any:
    return {key: _arrays(value) for key, value in tree.items()} if hasattr(tree, "items") else _host(tree)


def save(path: Any, tree: Any) -> None:
    """Writes a dict of dicts of arrays, of any framework's."""
    from safetensors.numpy import save_file

    save_file({name: np.ascontiguousarray(_host(value)) for name, value in _flat(tree).items()}, str(path))
