"""Writing one checkpoint by several processes: each writes a file with the parts that it holds.

The files have new names. When each process has written its own, it leaves a note beside it, with the boxes and their
checksums. Process 0 waits for all notes, writes the index, which names all files, in one step, and removes the files of
earlier saves. Whatever is killed on the way, the old index and its files are whole.
"""

import functools
import json
import os
import re
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import numpy as np

from unified.core import backends
from unified.core.checkpoint.files import atomic_write, numpy_dtype, write_tensors
from unified.core.checkpoint.header import Part, checksum, header_of, parse_json
from unified.core.checkpoint.index import INDEX, read_index
from unified.core.errors import CheckpointError
from unified.core.params import Params

__all__ = ["Save", "host", "writer"]

Own = list[tuple[str, tuple[int, ...], np.ndarray]]  # the path, where a part begins, and its values

PAUSE = 0.02  # seconds between two looks at the folder


def host(array: Any, declared: str, copies: bool) -> np.ndarray:
    """Return a contiguous NumPy array, whose integers have their declared width even if JAX narrowed them.

    It may share the memory of the array, unless `copies`.
    """
    backend = backends.of_array(array)
    view = array if backend is None else backend.host_view(array)
    result = np.ascontiguousarray(view).reshape(np.shape(view))
    if result.dtype.kind in "iu" and declared in ("int64", "uint64"):
        result = result.astype(declared)
    return result.copy() if copies and np.may_share_memory(result, view) else result


def writer(
    path: Path, params: Params, parts: Mapping[str, Any], fn: Any, tree: Any, copies: bool, timeout: float
) -> Callable[[], None]:
    """Return a function that writes what this process holds; `parts` are `None` for what every process has all of."""
    framework = params.framework
    assert framework is not None
    number, count, token = backends.load(framework).processes(int.from_bytes(os.urandom(4), "big"))
    infos, own = params.info, Own()
    for name, boxes in parts.items():
        declared, shape = infos[name].dtype, infos[name].shape
        if infos[name].size == 0 or boxes is None:
            if number == 0:
                whole = params[name] if boxes is None else np.empty(shape, numpy_dtype(declared))
                own.append((name, (0,) * len(shape), host(whole, declared, copies)))
        else:
            own += [(name, start, host(array, declared, copies)) for start, array in boxes if 0 not in array.shape]
    save = Save(path, f"{token:08x}", number, count, timeout)
    return lambda: save.run(params, own, fn, tree)


class Save:
    """One save, of which `name` is in the names of its files."""

    def __init__(self, path: Path, name: str, number: int, count: int, timeout: float) -> None:
        self.path, self.name, self.number, self.count, self.timeout = path, name, number, count, timeout
        self.index = path.with_name(path.name + INDEX)
        self.deadline = 0.0

    def file(self, number: int) -> Path:
        name = f"{self.path.stem}-{self.name}-{number + 1:05}-of-{self.count:05}{self.path.suffix}"
        return self.path.with_name(name)

    def note(self, number: int) -> Path:
        return self.path.with_name(f".{self.file(number).name}.json")

    def run(self, params: Params, own: Own, fn: Any, tree: Any) -> None:
        """Write the own file; as process 0 wait for the others and write the index, as another wait for that."""
        try:
            self._write_file(params, own)
        except BaseException as error:
            self.file(self.number).unlink(missing_ok=True)
            self._leave({"error": f"{type(error).__name__}: {error}"})
            raise
        self.deadline = time.monotonic() + self.timeout
        if self.number:
            self._wait_for_index()
            return
        try:
            self._write_index(params, fn, tree)
        except BaseException as error:
            self._leave({"error": f"{type(error).__name__}: {error}"})  # for those that wait for the index
            for number in range(self.count):
                self.file(number).unlink(missing_ok=True)
                if number:
                    self.note(number).unlink(missing_ok=True)
            raise
        self._tidy()

    def _write_file(self, params: Params, own: Own) -> None:
        infos, tensors, boxes = params.info, {}, []
        for name, start, array in own:
            part = Part(start, array.shape, checksum(array))
            tensors[part.name(infos[name])] = array
            boxes.append([name, array.dtype.name, *part])
        if tensors:
            with atomic_write(self.file(self.number)) as temporary:
                write_tensors(temporary, tensors, None)
        self._leave({"parts": boxes})

    def _leave(self, content: Any) -> None:
        with atomic_write(self.note(self.number)) as temporary:
            temporary.write_text(json.dumps(content))

    def _wait(self, find: Callable[[], Any], who: str) -> Any:
        """Return what `find` returns when it is not `None`; raise if that takes too long."""
        while (found := find()) is None:
            if time.monotonic() > self.deadline:
                raise CheckpointError(
                    f"{self.path} was not saved: {who} did not finish within {self.timeout:g} seconds. All processes "
                    "have to call save together, on a folder that all of them see; the old checkpoint is as it was"
                )
            time.sleep(PAUSE)
        return found

    def _read_note(self, number: int) -> Any:
        """Return the boxes of a process; `None` if it has not finished. Raise what it has raised."""
        try:
            text = self.note(number).read_text("utf-8")
        except FileNotFoundError:
            return None
        content = parse_json(text, str(self.note(number)))
        if "error" in content:
            raise CheckpointError(f"{self.path} was not saved: process {number} failed: {content['error']}")
        return content["parts"]

    def _wait_for_index(self) -> None:
        def written() -> bool | None:
            self._read_note(0)
            try:
                return True if read_index(self.index)[0].get("save") == self.name else None
            except CheckpointError:
                return None

        self._wait(written, "process 0")

    def _write_index(self, params: Params, fn: Any, tree: Any) -> None:
        infos = params.info
        parts: dict[str, list[Part]] = {name: [] for name in infos}
        dtypes: dict[str, str] = {}
        files: dict[str, str] = {}
        for number in range(self.count):
            boxes = self._wait(functools.partial(self._read_note, number), f"process {number}")
            for name, dtype, start, shape, crc in boxes:
                part = Part(tuple(start), tuple(shape), crc)
                parts[name].append(part)
                dtypes[name] = dtype
                files[part.name(infos[name])] = self.file(number).name
        header = header_of(params, dtypes, (), fn, tree, {name: tuple(sorted(parts[name])) for name in infos})
        with atomic_write(self.index) as temporary:
            temporary.write_text(json.dumps({**header.metadata(), "save": self.name, "files": files}))

    def _tidy(self) -> None:
        """Remove the files of earlier saves to this path, also of those that were killed, and the notes of this one."""
        stem, suffix = re.escape(self.path.stem), re.escape(self.path.suffix)
        ours = re.compile(rf"\.*{stem}-([0-9a-f]{{8}})-\d{{5}}-of-\d{{5}}{suffix}(\.json)?(\.[0-9a-f]{{8}}\.tmp)?")
        for file in self.path.parent.iterdir():
            match = ours.fullmatch(file.name)
            if match and (match[1] != self.name or match[2]):
                file.unlink(missing_ok=True)
        self.path.unlink(missing_ok=True)  # of a save by one process, which a load would find first
