"""Atomic writes of files, and safetensors files of NumPy arrays."""

import contextlib
import math
import os
from collections.abc import Iterator
from pathlib import Path

import numpy as np

from unified.core.errors import CheckpointError

__all__ = ["TensorFile", "atomic_write", "numpy_dtype", "restore_array", "write_tensors"]

# The dtypes that safetensors stores. Arrays of other dtypes are stored as bytes, and the header contains their dtypes.
NATIVE = frozenset(
    [
        "bool",
        "uint8",
        "int8",
        "uint16",
        "int16",
        "uint32",
        "int32",
        "uint64",
        "int64",
        "float16",
        "bfloat16",
        "float32",
        "float64",
        "complex64",
    ]
)


def numpy_dtype(name: str) -> np.dtype:
    """Return the NumPy dtype called `name`, also one of ml_dtypes; raise `CheckpointError` if there is none."""
    try:
        return np.dtype(name)
    except TypeError:
        try:
            import ml_dtypes

            return np.dtype(getattr(ml_dtypes, name))
        except (ImportError, AttributeError, TypeError):
            raise CheckpointError(f"there is no dtype {name!r} here (bfloat16 and float8 need ml_dtypes)") from None


@contextlib.contextmanager
def atomic_write(path: Path) -> Iterator[Path]:
    """Yield a temporary path beside `path`; on success, sync the file there to disk and rename it to `path`."""
    temporary = path.with_name(f".{path.name}.{os.urandom(4).hex()}.tmp")
    try:
        yield temporary
        with temporary.open("rb+") as file:
            os.fsync(file.fileno())
        temporary.replace(path)
        with contextlib.suppress(OSError):  # not every system can open folders
            folder = os.open(path.parent, os.O_RDONLY)
            try:
                os.fsync(folder)
            finally:
                os.close(folder)
    finally:
        temporary.unlink(missing_ok=True)


def write_tensors(path: Path, arrays: dict[str, np.ndarray], metadata: dict[str, str] | None) -> None:
    """Write a safetensors file; raise `OSError` if that fails."""
    from safetensors import SafetensorError
    from safetensors.numpy import save_file

    try:
        save_file({name: _native(array) for name, array in arrays.items()}, path, metadata)
    except SafetensorError as error:
        raise OSError(f"{path} cannot be written: {error}") from error


def _native(array: np.ndarray) -> np.ndarray:
    return array if array.dtype.name in NATIVE else np.frombuffer(array.tobytes(), np.uint8)


def restore_array(array: np.ndarray, dtype: str, shape: tuple[int, ...], where: str) -> np.ndarray:
    """Return an array of a file with its original dtype; raise `CheckpointError` if it does not match the header."""
    if dtype not in NATIVE and array.dtype == np.uint8 and array.ndim == 1:
        original = numpy_dtype(dtype)
        if array.size != original.itemsize * math.prod(shape):
            raise CheckpointError(f"{where} has {array.size} bytes, but its header declares {dtype}{list(shape)}")
        array = array.view(original).reshape(shape)
    if (array.dtype.name, array.shape) != (dtype, shape):
        raise CheckpointError(
            f"{where} is {array.dtype}{list(array.shape)}, but its header declares {dtype}{list(shape)}"
        )
    return array


class TensorFile:
    """An open safetensors file. Its tensors are read one by one, or a box of one."""

    def __init__(self, path: Path) -> None:
        from safetensors import safe_open

        self.path = path
        with _reading(path):
            self._file = safe_open(path, framework="np")
            self.names = list(self._file.keys())
            self.metadata: dict[str, str] = self._file.metadata() or {}

    def read(self, name: str) -> np.ndarray:
        """Return a tensor; raise `CheckpointError` if the file has none of that name, or is damaged."""
        with _reading(self.path):
            array: np.ndarray = self._file.get_tensor(name)
            return array

    def read_box(self, name: str, start: tuple[int, ...], shape: tuple[int, ...]) -> np.ndarray:
        """Return a box of a tensor, of which the rest is not read."""
        box = tuple(slice(first, first + size) for first, size in zip(start, shape, strict=True))
        with _reading(self.path):
            array: np.ndarray = self._file.get_slice(name)[box]
            return array

    def is_native(self, name: str, shape: tuple[int, ...]) -> bool:
        """Return whether a tensor is stored in its own dtype and shape, of which a box can be read."""
        with _reading(self.path):
            return tuple(self._file.get_slice(name).get_shape()) == shape and bool(shape)


@contextlib.contextmanager
def _reading(path: Path) -> Iterator[None]:
    """Raise `CheckpointError` for what safetensors raises."""
    from safetensors import SafetensorError

    try:
        yield
    except OSError as error:
        raise CheckpointError(f"{path} cannot be read: {error}") from error
    except (SafetensorError, ValueError, TypeError, KeyError, AttributeError, OverflowError, MemoryError) as error:
        raise CheckpointError(f"{path} is not a complete safetensors file: {error}") from None
