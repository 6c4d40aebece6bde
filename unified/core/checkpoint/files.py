"""Atomic writes of files, and safetensors files of NumPy arrays."""

import contextlib
import math
import os
from collections.abc import Iterator
from pathlib import Path

import numpy as np

from unified.core.errors import CheckpointError

__all__ = ["atomic_write", "numpy_dtype", "open_tensors", "restore_array", "write_tensors"]

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


def open_tensors(path: Path, values: bool = True) -> tuple[dict[str, np.ndarray], dict[str, str]]:
    """Return the arrays of a safetensors file, or none if `values` is false, and its metadata.

    Raises `CheckpointError` for any other file.
    """
    from safetensors import SafetensorError, safe_open

    try:
        with safe_open(path, framework="np") as file:
            names = file.keys() if values else ()
            return {name: file.get_tensor(name) for name in names}, file.metadata() or {}
    except OSError as error:
        raise CheckpointError(f"{path} cannot be read: {error}") from error
    except (SafetensorError, ValueError, TypeError, KeyError, AttributeError, OverflowError, MemoryError) as error:
        raise CheckpointError(f"{path} is not a complete safetensors file: {error}") from None
