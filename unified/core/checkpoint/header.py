"""The header of a checkpoint, as JSON: everything but the values. This page specifies the format.

A checkpoint is a safetensors file. Its tensors are named by their paths, with `/`. Its metadata has two entries:
`unified`, a JSON string, and `unified_crc32`, the CRC-32 of that string in hexadecimal digits. The JSON is an object:

* `format`: 1, or 2 if variables are stored in parts. A reader refuses a higher number.
* `variables`: a list of objects in the order of the model: `path`, `dtype`, `shape`, `collection`, `trainable`,
  `metadata`, and `crc32`, the CRC-32 of the bytes. In format 2 there are `parts` in the place of `crc32`: a list of
  objects with `start`, `shape` and `crc32`. They are the boxes of a grid that fills the variable.
* `graph`: a list of objects, depth first: `path`, `class` (`"unified.Linear"`, `"mypackage.Block"` or null),
  `arguments`. It is a description: no object is created from it.
* `function`: null, or an object with `name` (`"mypackage.models:forward"`), `args` and `kwargs`.
* `tree`: only in files of `unified.trees.save`: the module, as unified/trees/encoding.py describes it.

Values in `metadata`, `arguments`, `args` and `kwargs` are JSON values; a tuple is `{"tuple": [...]}`. A value that JSON
cannot represent is `{"repr": "..."}` in `arguments`, and an error elsewhere.

A checkpoint in several files has an index, which is JSON too: `unified` and `unified_crc32` as above, and `files`, an
object that maps the name of each tensor to the name of its file. The files are in the folder of the index, and are
safetensors files without metadata. The tensor of a part that is not all of its variable is named by its path and box,
`linear/weight[0:4,8:16]`. An index of parts has `save`, which names the save that wrote it, in its files' names too.
"""

import functools
import json
import math
import zlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise
from typing import Any, NamedTuple

import numpy as np

from unified.core.errors import CheckpointError
from unified.core.params import Params
from unified.core.structure import VariableInfo

__all__ = [
    "FORMAT",
    "Header",
    "Part",
    "check_parts",
    "checksum",
    "decode",
    "decode_info",
    "encode",
    "encode_info",
    "overlap",
    "parse_json",
]

FORMAT = 2


class Part(NamedTuple):
    """A box of a variable, which is one tensor of a checkpoint."""

    start: tuple[int, ...]
    shape: tuple[int, ...]
    crc32: int

    def name(self, info: VariableInfo) -> str:
        """Return the name of its tensor."""
        if self.shape == info.shape:
            return info.path
        ranges = (f"{first}:{first + size}" for first, size in zip(self.start, self.shape, strict=True))
        return f"{info.path}[{','.join(ranges)}]"


def checksum(data: bytes | np.ndarray) -> int:
    """Return the CRC-32 of bytes, or of the bytes of a contiguous array."""
    return zlib.crc32(data if isinstance(data, bytes) else data.reshape(-1).view(np.uint8).data)


@dataclass(frozen=True)
class Header:
    """The header of a checkpoint: everything but the values.

    Attributes:
        infos: the info of each variable, in order.
        checksums: the CRC-32 of each variable's bytes; none if there are parts.
        graph: the path, class name and constructor arguments of each module and layer, depth first.
        function: the import path and bound arguments of the model's function, or `None`.
        tree: the module of `unified.trees` that was saved, or `None`.
        parts: the parts of each variable, if several processes have written them.
    """

    infos: tuple[VariableInfo, ...]
    checksums: tuple[int, ...]
    graph: tuple[dict[str, Any], ...] = ()
    function: dict[str, Any] | None = None
    tree: Any = None
    parts: tuple[tuple[Part, ...], ...] = ()

    def all_parts(self) -> tuple[tuple[Part, ...], ...]:
        """Return the parts of each variable; one if it is stored as a whole."""
        pairs = zip(self.infos, self.checksums, strict=False)
        return self.parts or tuple((Part((0,) * len(info.shape), info.shape, crc),) for info, crc in pairs)

    def metadata(self) -> dict[str, str]:
        """Return the header as the metadata of a file."""
        stored: Any = [{"parts": [part._asdict() for part in parts]} for parts in self.parts]
        stored = stored or [{"crc32": crc} for crc in self.checksums]
        variables = [{**encode_info(info), **how} for info, how in zip(self.infos, stored, strict=True)]
        content: dict[str, Any] = {
            "format": 2 if self.parts else 1,
            "variables": variables,
            "graph": list(self.graph),
            "function": self.function,
        }
        if self.tree is not None:
            content["tree"] = self.tree
        text = json.dumps(content, separators=(",", ":"), ensure_ascii=True)
        return {"unified": text, "unified_crc32": f"{checksum(text.encode()):08x}"}

    @staticmethod
    def of_metadata(metadata: dict[str, str], where: str) -> "Header":
        """Return the header in the metadata of a file; raise `CheckpointError` if it is not valid."""
        text, crc = metadata.get("unified"), metadata.get("unified_crc32")
        if not isinstance(text, str) or f"{checksum(text.encode()):08x}" != crc:
            raise CheckpointError(f"{where}: the header is damaged: its checksum does not match")
        content = parse_json(text, where)
        version = content.get("format") if isinstance(content, dict) else None
        if type(version) is not int or not 1 <= version <= FORMAT:
            raise CheckpointError(
                f"{where} has format {version!r}, but this version of unified reads formats up to {FORMAT}"
            )
        try:
            variables = content["variables"]
            infos = tuple(map(decode_info, variables))
            in_parts = version == 2
            header = Header(
                infos,
                () if in_parts else tuple(_int(variable["crc32"]) for variable in variables),
                tuple(map(_node, content["graph"])),
                None if content["function"] is None else _function(content["function"]),
                content.get("tree"),
                tuple(map(_parts, infos, variables)) if in_parts else (),
            )
        except (KeyError, TypeError, ValueError, AttributeError) as error:
            raise CheckpointError(f"{where}: the header does not follow the format: {error!r}") from None
        if len({info.path for info in infos}) < len(infos):
            raise CheckpointError(f"{where}: the header contains a variable twice")
        return header


def parse_json(text: str, where: str) -> Any:
    """Return the value of a JSON string; raise `CheckpointError` for any other string, or for duplicate keys."""

    def unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
        result = dict(pairs)
        if len(result) < len(pairs):
            raise CheckpointError(f"{where}: the header contains a key twice")
        return result

    try:
        return json.loads(text, object_pairs_hook=unique)
    except (ValueError, RecursionError) as error:
        raise CheckpointError(f"{where}: the header is not JSON: {error}") from None


def encode_info(info: VariableInfo) -> dict[str, Any]:
    """Return what is known of a variable as JSON values; raise `TypeError` for metadata that has no form there."""
    return {
        "path": info.path,
        "dtype": info.dtype,
        "shape": list(info.shape),
        "collection": info.collection,
        "trainable": info.trainable,
        "metadata": {key: encode(value, info.path) for key, value in info.metadata.items()},
    }


def decode_info(variable: Any) -> VariableInfo:
    """Return the info that `encode_info` encoded; raise `KeyError`, `TypeError` or `AttributeError` for others."""
    path, dtype, collection = (_str(variable[name]) for name in ("path", "dtype", "collection"))
    if type(variable["trainable"]) is not bool:
        raise TypeError("trainable is not a bool")
    metadata = {_str(key): decode(value) for key, value in variable["metadata"].items()}
    return VariableInfo(
        path, tuple(map(_int, variable["shape"])), dtype, collection, variable["trainable"], metadata
    ).fixed()


def _parts(info: VariableInfo, variable: Any) -> tuple[Part, ...]:
    """Return the parts of a variable; raise `ValueError` unless they fill it."""
    parts = tuple(
        Part(tuple(map(_int, part["start"])), tuple(map(_int, part["shape"])), _int(part["crc32"]))
        for part in variable["parts"]
    )
    check_parts(info, parts)
    return parts


def check_parts(info: VariableInfo, parts: Sequence[Part]) -> None:
    """Raise `ValueError` unless the parts are the boxes of a grid that fills the variable."""
    bounds: list[set[int]] = [{0, size} for size in info.shape]
    for part in parts:
        if not len(part.start) == len(part.shape) == len(info.shape):
            raise ValueError(f"{info.path!r} has the shape {info.shape}, and a part of it is {part[:2]}")
        for ends, first, size in zip(bounds, part.start, part.shape, strict=True):
            ends |= {first, first + size}
    edges = [sorted(ends) for ends in bounds]
    following = [dict(pairwise(ends)) for ends in edges]
    in_grid = all(
        first in after and after[first] == first + size
        for part in parts
        for after, first, size in zip(following, part.start, part.shape, strict=True)
    )
    is_whole = info.size == 0 and [part[:2] for part in parts] == [((0,) * len(info.shape), info.shape)]
    fills = all(ends[-1] == size for ends, size in zip(edges, info.shape, strict=True))
    boxes = math.prod(len(ends) - 1 for ends in edges)
    if not is_whole and not (in_grid and fills and len({part.start for part in parts}) == len(parts) == boxes):
        raise ValueError(
            f"{info.path!r} has the shape {info.shape}, and its {len(parts)} parts are no grid that fills it"
        )


def overlap(start: Sequence[int], shape: Sequence[int], other: Sequence[int], size: Sequence[int]) -> Any:
    """Return where two boxes overlap, as the start and the shape of that box; `None` if they do not."""
    first = tuple(map(max, start, other))
    last = tuple(min(a + b, c + d) for a, b, c, d in zip(start, shape, other, size, strict=True))
    common = tuple(end - begin for begin, end in zip(first, last, strict=True))
    return (first, common) if all(extent > 0 for extent in common) else None


def _node(node: Any) -> dict[str, Any]:
    kind = node["class"]
    arguments = {_str(key): decode(value) for key, value in node["arguments"].items()}
    return {"path": _str(node["path"]), "class": None if kind is None else _str(kind), "arguments": arguments}


def _function(function: Any) -> dict[str, Any]:
    kwargs = {_str(key): decode(value) for key, value in function["kwargs"].items()}
    return {"name": _str(function["name"]), "args": [decode(value) for value in function["args"]], "kwargs": kwargs}


def _int(value: Any) -> int:
    if type(value) is not int or value < 0:
        raise TypeError(f"{value!r} is not a non-negative integer")
    return value


def _str(value: Any) -> str:
    if type(value) is not str:
        raise TypeError(f"{value!r} is not a string")
    return value


def encode(value: Any, what: str, strict: bool = True) -> Any:
    """Return `value` as JSON values; for others raise `TypeError`, or return a description if not `strict`."""
    if value is None or type(value) in (bool, int, float, str):
        return value
    if type(value) is tuple:
        return {"tuple": [encode(item, what, strict) for item in value]}
    if type(value) is list:
        return [encode(item, what, strict) for item in value]
    if type(value) is dict and all(type(key) is str for key in value) and not value.keys() & {"tuple", "repr"}:
        return {key: encode(item, what, strict) for key, item in value.items()}
    if strict:
        raise TypeError(
            f"{what}: {value!r} cannot be saved: expected None, a bool, int, float, str, tuple, list or dict"
        )
    return {"repr": repr(value)}


def decode(value: Any) -> Any:
    """Return the value that `encode` encoded; a description is returned as a string."""
    if isinstance(value, list):
        return [decode(item) for item in value]
    if isinstance(value, dict):
        if value.keys() == {"tuple"}:
            return tuple(decode(item) for item in value["tuple"])
        if value.keys() == {"repr"}:
            return _str(value["repr"])
        return {key: decode(item) for key, item in value.items()}
    return value


def header_of(
    params: Params,
    dtypes: Mapping[str, str],
    checksums: tuple[int, ...],
    fn: Any,
    tree: Any = None,
    parts: Mapping[str, tuple[Part, ...]] | None = None,
) -> Header:
    """Return the header for the `params` of a model of `fn`, which is `None` if it is unknown.

    `dtypes` are those that are stored. Raises `ValueError` if `parts` do not fill a variable.
    """
    graph = tuple(
        {
            "path": path,
            "class": _class_name(node.cls),
            "arguments": {key: encode(value, path, False) for key, value in node.arguments.items()},
        }
        for path, node in params.graph.walk()
    )
    infos = params.info
    for path, boxes in (parts or {}).items():
        check_parts(infos[path], boxes)
    stored = tuple(replace(info, dtype=dtypes[path]) for path, info in infos.items())
    return Header(stored, checksums, graph, _describe(fn), tree, tuple((parts or {}).values()))


def _class_name(cls: Any) -> str | None:
    if cls is None:
        return None
    module = getattr(cls, "__module__", "")
    return f"{'unified' if module.startswith('unified.') else module}.{getattr(cls, '__qualname__', cls)}"


def _describe(fn: Any) -> dict[str, Any] | None:
    """Return the import path of a function and its bound arguments; `None` if it cannot be imported."""
    args: tuple[Any, ...] = ()
    kwargs: dict[str, Any] = {}
    while isinstance(fn, functools.partial):
        args, kwargs, fn = (*fn.args, *args), {**fn.keywords, **kwargs}, fn.func
    module, name = getattr(fn, "__module__", None), getattr(fn, "__qualname__", "")
    if not module or module == "__main__" or not name or "<" in name:
        return None
    try:
        return {
            "name": f"{module}:{name}",
            "args": [encode(value, name) for value in args],
            "kwargs": {key: encode(value, name) for key, value in kwargs.items()},
        }
    except TypeError:
        return None
