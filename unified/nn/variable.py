"""`Variable`: where an object keeps an array, on a framework whose arrays cannot be written in place.

A module of torch holds tensors that are written in place. On the others it holds `Variable`s, and an attribute reads
the array in one. Two modules that hold the same `Variable` are tied.
"""

import weakref
from collections.abc import Callable, Mapping
from dataclasses import replace
from types import MappingProxyType
from typing import Any, NoReturn

from unified.core.dtypes import dtype_name
from unified.core.initializers import Constant, Initializer, normal, ones, uniform, zeros
from unified.core.pending import PendingVariable
from unified.nn.versions import attributes_changed

__all__ = ["Variable", "holder", "note_read", "of_value"]

# The parameters that were read, by the ids of their arrays, so that assigning the array of one to another ties the two.
_holders: "weakref.WeakValueDictionary[int, Variable]" = weakref.WeakValueDictionary()


class Variable:
    """An array that an object owns, or what its first value will be.

    In a constructor it is what the attribute of a parameter reads, so that `nn.init` and ties find it. `parameters()`
    yields it; it converts to an array where one is needed.

    Attributes:
        pending: what its first value follows from; `None` once it has one.
        value: its array; `None` before that.
        collection: `"params"`, `"state"`, or a user's collection.
        requires_grad: whether an optimizer should update it.
        metadata: further annotations, such as `sharding`.
        declared: the name of the dtype that it was declared with, which the framework may narrow.
        origin: the framework's mark of where it was made, by which writes from inside of a transform are found.
    """

    __slots__ = (
        "__dict__",  # a user's marks, such as `weight._no_weight_decay = True`
        "__weakref__",
        "_trained",
        "collection",
        "declared",
        "metadata",
        "origin",
        "pending",
        "value",
    )

    def __init__(self, pending: PendingVariable | None, value: Any = None, origin: Any = None) -> None:
        self.pending = pending
        self.collection = "params" if pending is None else pending.collection
        self._trained = True if pending is None else pending.trainable
        self.metadata: Mapping[str, Any] = MappingProxyType({}) if pending is None else pending.metadata
        self.origin = origin
        self.declared = None if pending is None else pending.dtype
        self.value: Any = None
        if value is not None:
            self.value = value

    @property
    def requires_grad(self) -> bool:
        return self._trained

    @requires_grad.setter
    def requires_grad(self, trained: bool) -> None:
        if self._trained is not trained:
            self._trained = trained
            attributes_changed()

    @property
    def shape(self) -> tuple[int, ...]:
        known: Any = self.pending if self.value is None else self.value
        return tuple(known.shape)

    @property
    def dtype(self) -> Any:
        return self.pending.dtype if self.value is None and self.pending is not None else self.value.dtype

    @property
    def ndim(self) -> int:
        return len(self.shape)

    @property
    def data(self) -> "Variable":
        """The variable itself, as code for torch writes `weight.data.normal_()`."""
        return self

    def dim(self) -> int:
        """Return the number of dimensions."""
        return len(self.shape)

    def size(self, dim: int | None = None) -> Any:
        """Return the shape, or one size of it."""
        return self.shape if dim is None else self.shape[dim]

    def numel(self) -> int:
        """Return the number of values."""
        count = 1
        for size in self.shape:
            count *= size
        return count

    def requires_grad_(self, requires_grad: bool = True) -> "Variable":
        """Set whether an optimizer should update it; return the variable."""
        self.requires_grad = requires_grad
        return self

    def start_from(self, initializer: Any) -> "Variable":
        """Give the variable another initialiser; raise if it has a value already."""
        if self.pending is None:
            raise ValueError(
                "this parameter has a value, and an array on this framework is never written in place: give it an "
                "initialiser in the constructor or in `net.apply(fn)`, or new values by net.load_params"
            )
        self.pending = replace(self.pending, initializer=initializer)
        return self

    def normal_(self, mean: float = 0.0, std: float = 1.0) -> "Variable":
        """Start from normal values, as `nn.init.normal_` does."""
        return self.start_from(normal(mean, std))

    def uniform_(self, low: float = 0.0, high: float = 1.0) -> "Variable":
        """Start from uniform values."""
        return self.start_from(uniform(low, high))

    def zero_(self) -> "Variable":
        """Start from zeros."""
        return self.start_from(zeros)

    def fill_(self, value: float) -> "Variable":
        """Start from one number."""
        return self.start_from(ones if value == 1 else Constant(value))

    def copy_(self, values: Any) -> "Variable":
        """Start from the values of an array."""
        return self.start_from(of_value(values, self.shape))

    def _array(self) -> Any:
        if self.value is None:
            self._refuse()
        return self.value

    def _refuse(self) -> NoReturn:
        assert self.pending is not None
        self.pending._refuse()

    def __array__(self, dtype: Any = None, copy: Any = None) -> Any:
        import numpy as np

        return np.asarray(self._array(), dtype=dtype)

    def __jax_array__(self) -> Any:
        return self._array()

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__"):
            raise AttributeError(name)
        if self.value is None and self.pending is not None:
            if not hasattr(self.pending, name):
                self._refuse()
            return getattr(self.pending, name)
        return getattr(self.value, name)

    def __reduce__(self) -> Any:
        others = self.collection, self.requires_grad, dict(self.metadata), self.declared
        return _restored, (self.pending, self.value, *others), vars(self) or None

    def __deepcopy__(self, memo: Any) -> "Variable":
        import copy

        twin = Variable(self.pending, copy.deepcopy(self.value), self.origin)
        twin.collection, twin.requires_grad, twin.metadata = self.collection, self.requires_grad, self.metadata
        twin.declared = self.declared
        vars(twin).update(copy.deepcopy(vars(self), memo))
        return twin

    def __repr__(self) -> str:
        what = f"{dtype_name(self.dtype) if self.dtype is not None else 'float'}{list(self.shape)}"
        if self.value is None:
            return f"Variable({what}, without a value yet)"
        return f"Variable({what}, {self.collection})\n{self.value!r}"


def _restored(pending: Any, value: Any, collection: str, requires_grad: bool, metadata: Any, declared: Any) -> Variable:
    variable = Variable(pending)
    variable.collection, variable.requires_grad = collection, requires_grad
    variable.metadata, variable.declared = MappingProxyType(metadata), declared
    if value is not None:
        variable.value = value
    return variable


def _operator(name: str) -> Callable[..., Any]:
    def operate(self: Variable, *others: Any) -> Any:
        others = tuple(other._array() if isinstance(other, Variable) else other for other in others)
        return getattr(self._array(), name)(*others)

    operate.__name__ = name
    return operate


for _name in (
    *("add", "radd", "sub", "rsub", "mul", "rmul", "truediv", "rtruediv", "matmul", "rmatmul", "pow", "rpow"),
    *("floordiv", "rfloordiv", "mod", "rmod", "and", "or", "xor", "invert"),
    *("neg", "pos", "abs", "getitem", "len", "iter", "bool", "float", "int", "index", "lt", "le", "gt", "ge"),
):
    setattr(Variable, f"__{_name}__", _operator(f"__{_name}__"))


def note_read(variable: Variable) -> None:
    """Remember that the array of a parameter was read from this one: copies of a network may share it."""
    _holders[id(variable.value)] = variable


def holder(array: Any) -> Variable | None:
    """Return the parameter that this array was read from; `None` for any other value."""
    variable = _holders.get(id(array))
    return variable if variable is not None and variable.value is array else None


def of_value(values: Any, shape: tuple[int, ...]) -> Initializer:
    """Return the initialiser whose values are those of an array."""
    got = tuple(getattr(values, "shape", ()))
    if got != shape:
        raise ValueError(f"a parameter of shape {shape} cannot start from an array of shape {got}")
    return Constant(values)
