"""Parameters of dm-haiku in files and as `unified.Params`.

Reading a pickle can run code, so that `load` reads one only with `allow_pickle=True`. `save` writes a safetensors file,
in which the name of a value is its path, such as `mlp/~/linear_0/w`.
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


def _flatten(tree: Any) -> dict[str, Any]:
    for module_name, bundle in tree.items():
        if not hasattr(bundle, "items"):
            raise TypeError(
                f"parameters of Haiku are a dict of dicts of arrays, and {module_name!r} holds {type(bundle).__name__}"
            )
    return {f"{module_name}/{name}": value for module_name, name, value in traverse(tree)}


def _unflatten(flat: Any) -> dict[str, dict[str, Any]]:
    tree: dict[str, dict[str, Any]] = collections.defaultdict(dict)
    for path, value in flat.items():
        module_name, _, name = path.rpartition("/")
        tree[module_name or "~"][name] = value
    return dict(tree)


def _to_numpy(value: Any) -> Any:
    owner = backends.of_array(value)
    return np.asarray(value) if owner is None else owner.to_numpy(value)


def _unwrap(values: dict[str, Any]) -> dict[str, Any]:
    """Return the values with tensors in place of `unified.compat.jax` arrays on torch, which no framework knows."""
    return {path: getattr(value, "tensor", value) for path, value in values.items()}


def to_params(tree: Any, state: Any = None) -> Params:
    """Return a dict of dicts, as `init` returns it, as `unified.Params`; `state` becomes the collection `state`.

    >>> import numpy as np, unified.compat.haiku as hk
    >>> hk.to_params({"linear": {"w": np.ones((2, 3), "float32")}})["linear/w"].shape
    (2, 3)

    Args:
        tree: parameters, a dict of dicts of arrays of any framework.
        state: state, in the same form.

    Returns:
        `Params` with the paths `module/name`.
    """
    params = Params(_unwrap(_flatten(tree)))
    return params.merge(Params.in_collection(_unwrap(_flatten(state)), "state")) if state else params


def from_params(params: Params) -> tuple[dict[str, dict[str, Any]], dict[str, dict[str, Any]]]:
    """Return parameters and state as dicts of dicts, the inverse of `to_params`.

    Args:
        params: `Params`, whose paths are modules' names, `/`, and the variable's.

    Returns:
        `(params, state)`.

    >>> import numpy as np, unified.compat.haiku as hk
    >>> params, state = hk.from_params(hk.to_params({"linear": {"b": np.zeros(3, "float32")}}))
    >>> list(params), state
    (['linear'], {})
    """
    groups: dict[bool, dict[str, Any]] = {True: {}, False: {}}
    for path in params:
        groups[params.info[path].collection == "params"][path] = params[path]
    return _unflatten(groups[True]), _unflatten(groups[False])


class _Unpickler(pickle.Unpickler):
    """An unpickler that reads Haiku's mappings as dicts, also where Haiku is not installed."""

    def find_class(self, module: str, name: str) -> Any:
        if module.partition(".")[0] in ("haiku", "unified") and name in ("FlatMapping", "FlatMap", "frozendict"):
            return _to_dicts
        return super().find_class(module, name)


def _to_dicts(mapping: Any) -> dict[str, Any]:
    return {key: dict(value) if hasattr(value, "items") else value for key, value in mapping.items()}


def load(path: Any, *, allow_pickle: bool = False) -> dict[str, dict[str, Any]]:
    """Return the dict of dicts of NumPy arrays in a file that `save` wrote, in an `.npz` file, or in a pickle.

    Args:
        path: the file.
        allow_pickle: whether to read a pickle, which runs the code in it: for trusted files only.

    Returns:
        The dict of dicts.

    >>> import pathlib, tempfile, numpy as np, unified.compat.haiku as hk
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     np.savez(pathlib.Path(folder) / "params.npz", **{"linear/w": np.ones((2, 3), "float32")})
    ...     hk.load(pathlib.Path(folder) / "params.npz")["linear"]["w"].shape
    (2, 3)
    """
    data = Path(path).read_bytes()
    if data[:2] == b"PK":
        with np.load(io.BytesIO(data), allow_pickle=False) as arrays:
            return _unflatten({name: arrays[name] for name in arrays.files})
    if data[:1] == b"\x80":
        if not allow_pickle:
            raise ValueError(
                f"{path} is a pickle, and reading one runs what code it holds: if you trust it, give allow_pickle=True"
            )
        return _tree_to_numpy(_Unpickler(io.BytesIO(data)).load())
    from safetensors.numpy import load as read

    return _unflatten(read(data))


def _tree_to_numpy(tree: Any) -> Any:
    return {key: _tree_to_numpy(value) for key, value in tree.items()} if hasattr(tree, "items") else _to_numpy(tree)


def save(path: Any, tree: Any) -> None:
    """Write a dict of dicts of arrays of any framework to a file, which `load` reads.

    Args:
        path: the file.
        tree: parameters or state.

    >>> import pathlib, tempfile, numpy as np, unified.compat.haiku as hk
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     hk.save(pathlib.Path(folder) / "params", {"linear": {"b": np.zeros(3, "float32")}})
    ...     list(hk.load(pathlib.Path(folder) / "params"))
    ['linear']
    """
    from safetensors.numpy import save_file

    save_file({name: np.ascontiguousarray(_to_numpy(value)) for name, value in _flatten(tree).items()}, str(path))
