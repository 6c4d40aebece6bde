"""The files of a checkpoint, opened for reading: variables one by one, or the box of one that a process needs."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np

from unified.core import backends
from unified.core.checkpoint.files import TensorFile, restore_array
from unified.core.checkpoint.header import Header, Part, checksum, overlap
from unified.core.checkpoint.index import read_index
from unified.core.dtypes import dtype_name
from unified.core.errors import CheckpointError
from unified.core.params import Params
from unified.core.structure import Structure, VariableInfo

__all__ = ["Source", "compare", "is_ours", "load_like"]


class Source:
    """A checkpoint whose header is read and whose values are read on demand.

    Attributes:
        where: its path, for messages.
        files: the open file of each tensor, by the tensor's name.
        infos: the info of each variable, by path.
        parts: the parts of each variable, by path; none in a file of other origin.
    """

    def __init__(self, where: str, files: Mapping[str, TensorFile], header: Header | None) -> None:
        self.where = where
        self.files = files
        self.infos: dict[str, VariableInfo] = {}
        self.parts: dict[str, tuple[Part, ...]] = {}
        self.names: dict[str, str] = {}  # of the tensors of a file of other origin
        if header is None:
            for name in files:
                self.names[name.replace(".", "/")] = name
            return
        expected = set()
        for info, parts in zip(header.infos, header.all_parts(), strict=True):
            self.infos[info.path], self.parts[info.path] = info, parts
            expected |= {part.name(info) for part in parts}
        if expected != files.keys():
            raise CheckpointError(f"{where} does not hold the variables that its header lists")

    @staticmethod
    def open(path: Path, index: Path | None) -> "Source":
        """Open a file, or all that an index names."""
        if index is None:
            file = TensorFile(path)
            header = Header.of_metadata(file.metadata, str(path)) if is_ours(file.metadata) else None
            return Source(str(path), dict.fromkeys(file.names, file), header)
        metadata, places = read_index(index)
        files = {place: TensorFile(place) for place in dict.fromkeys(places.values())}
        for place, file in files.items():
            if set(file.names) != {name for name, where in places.items() if where == place}:
                raise CheckpointError(f"{place} does not hold the variables that {index} lists for it")
        opened = {name: files[place] for name, place in places.items()}
        return Source(str(index), opened, Header.of_metadata(metadata, str(index)))

    def structure(self) -> Structure:
        """Return the structure of all variables."""
        for path, name in self.names.items():
            array = self.files[name].read(name)
            self.infos[path] = VariableInfo(path, array.shape, array.dtype.name)
        return Structure.of(tuple(self.infos.values()), tuple(self.infos))

    def read(self, path: str) -> np.ndarray:
        """Return the values of a variable, whose checksums are compared."""
        if path in self.names:
            return self.files[self.names[path]].read(self.names[path])
        info, parts = self.infos[path], self.parts[path]
        if len(parts) == 1:
            return self._read_part(info, parts[0])
        whole: np.ndarray | None = None
        for part in parts:
            values = self._read_part(info, part)
            whole = np.empty(info.shape, values.dtype) if whole is None else whole
            whole[_box(part.start, part.shape)] = values
        assert whole is not None
        return whole

    def read_box(self, path: str, start: tuple[int, ...], shape: tuple[int, ...]) -> np.ndarray:
        """Return the values of a box; checksums are compared of parts that it needs all of."""
        info = self.infos[path]
        if path in self.names:
            return self.files[self.names[path]].read_box(self.names[path], start, shape) if shape else self.read(path)
        result: np.ndarray | None = None
        for part in self.parts[path]:
            common = overlap(part.start, part.shape, start, shape) if 0 not in shape else (part.start, shape)
            if common is None:
                continue
            first, size = common
            inner = tuple(a - b for a, b in zip(first, part.start, strict=True))
            name = part.name(info)
            if size != part.shape and self.files[name].is_native(name, part.shape):
                values = restore_array(self.files[name].read_box(name, inner, size), info.dtype, size, self.where)
            else:
                values = self._read_part(info, part)[_box(inner, size)]
            if size == shape:
                return values
            result = np.empty(shape, values.dtype) if result is None else result
            result[_box([a - b for a, b in zip(first, start, strict=True)], size)] = values
        assert result is not None
        return result

    def _read_part(self, info: VariableInfo, part: Part) -> np.ndarray:
        name = part.name(info)
        array = restore_array(self.files[name].read(name), info.dtype, part.shape, f"{self.where}: {name!r}")
        if checksum(array) != part.crc32:
            raise CheckpointError(f"{self.where}: the values of {name!r} are damaged: their checksum does not match")
        return array


def _box(start: Any, shape: Any) -> tuple[slice, ...]:
    return tuple(slice(first, first + size) for first, size in zip(start, shape, strict=True))


def load_like(source: Source, framework: str, placements: Mapping[str, Any]) -> Params:
    """Return the variables of a checkpoint, placed as `placements` are: each process reads what it holds of them."""
    structure = source.structure()
    targets = {}
    for path, place in placements.items():
        owner = backends.of_array(place) or (None if framework == "numpy" else backends.load(framework))
        if owner is None:
            raise ValueError(
                f"like= has no array at {path!r}: say whose arrays are loaded, load(path, 'jax', like=...)"
            )
        targets[path] = owner
    expected = {}
    for path, place in placements.items():
        known = structure.by_path.get(path)
        shape, dtype = getattr(place, "shape", known and known.shape), getattr(place, "dtype", None)
        if shape is None and not path.startswith("rng/"):
            raise CheckpointError(f"{source.where} does not hold {path!r}, which like= has")
        collection = "rng" if path.startswith("rng/") else "params"
        expected[path] = VariableInfo(path, tuple(shape or ()), "" if dtype is None else dtype_name(dtype), collection)
    compare(expected, structure.by_path, source.where)
    infos, values = [], []
    for path, place in placements.items():
        if path in structure.by_path:
            info = structure.by_path[path]

            def read(start: tuple[int, ...], shape: tuple[int, ...], path: str = path) -> np.ndarray:
                return source.read_box(path, start, shape)

            values.append(targets[path].from_parts(info.shape, info.dtype, place, read))
            infos.append(info)
    return Params._make(Structure.of(tuple(infos), tuple(info.path for info in infos)), tuple(values))


def is_ours(metadata: dict[str, str]) -> bool:
    """Return whether `unified.save` wrote a file, even if a key of its metadata is damaged."""
    return any("unified" in key or value.startswith('{"format":') for key, value in metadata.items())


def compare(expected: Mapping[str, VariableInfo], infos: Mapping[str, VariableInfo], where: str) -> None:
    """Raise a `CheckpointError` that names the first difference between a model and a file, if there is one."""
    for path, info in expected.items():
        if info.collection == "rng":
            continue
        if path not in infos:
            raise CheckpointError(
                f"{where} does not hold {path!r}, which the model has as {info.dtype}{list(info.shape)}"
            )
        if infos[path].shape != info.shape:
            raise CheckpointError(
                f"{where} holds {path!r} with shape {infos[path].shape}, but in the model its shape is {info.shape}"
            )
    for path, info in infos.items():
        if path not in expected and info.collection != "rng":
            raise CheckpointError(f"{where} holds {path!r}, which the model does not have")
