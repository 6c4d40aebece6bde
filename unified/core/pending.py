"""`PendingVariable`: a variable that stands in an attribute or a field until its path, and so its value, is known."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any, NoReturn

from unified.core import initializers
from unified.core.initializer_functions import as_initializer
from unified.core.layer import LayerVariable, Spec
from unified.core.layer_call import FirstValue
from unified.core.structure import VariableInfo

__all__ = ["PendingVariable", "by_variable", "pending_variables"]


@dataclass(frozen=True, eq=False)
class PendingVariable:
    """A variable without a value: its shape, initialiser, dtype and collection.

    Initial values follow from the seed and the path. Where a style takes paths from attributes or fields, the path is
    known once the outermost object is complete; computing with the variable before that raises.
    """

    shape: tuple[int, ...]
    initializer: Any = initializers.zeros
    dtype: str | None = None
    collection: str = "params"
    trainable: bool = True
    metadata: Mapping[str, Any] = field(default_factory=lambda: MappingProxyType({}))
    device: Any = None  # where torch makes it

    @staticmethod
    def of_layer(variable: LayerVariable, device: Any = None) -> "PendingVariable":
        """Return a variable of a layer."""
        return PendingVariable(
            variable.shape,
            variable.initializer,
            variable.dtype,
            variable.collection,
            variable.trainable,
            device=device,
        )

    def first_value(self, path: str) -> FirstValue:
        """Return the request for its value at a path."""
        return FirstValue(path, self.shape, as_initializer(self.initializer), self.dtype, self.device)

    def info(self, path: str, dtype: str) -> VariableInfo:
        """Return what `Params` know of it at a path, with the dtype that its value has."""
        return VariableInfo(path, self.shape, dtype, self.collection, self.trainable, self.metadata).fixed()

    def __repr__(self) -> str:
        return f"var({', '.join(map(str, self.shape))})"

    def __reduce__(self) -> Any:
        fields = self.shape, self.initializer, self.dtype, self.collection, self.trainable
        return PendingVariable, (*fields, dict(self.metadata), self.device)

    def _refuse(self, *args: Any, **kwargs: Any) -> NoReturn:
        raise ValueError(
            f"a variable of shape {self.shape} was computed with before it has a value: initial values follow from the "
            "path, which is known when the outermost object is complete. Compute with it in a method, or give it an "
            "initialiser (unified.initializers) that makes the values that you want"
        )

    __add__ = __radd__ = __sub__ = __rsub__ = __mul__ = __rmul__ = __matmul__ = __rmatmul__ = _refuse
    __truediv__ = __rtruediv__ = __pow__ = __neg__ = __getitem__ = __iter__ = __len__ = __bool__ = _refuse
    __array__ = __float__ = __int__ = _refuse


def pending_variables(spec: Spec) -> dict[str, PendingVariable]:
    """Return the variables of a layer, by their names below it."""
    return {
        variable.name: PendingVariable.of_layer(variable, spec.device_of(variable.name)) for variable in spec.variables
    }


def by_variable(metadata: Mapping[str, Any] | None) -> dict[str, Mapping[str, Any]]:
    """Return the metadata of a layer by variable: what is no dict of dicts is `weight`'s."""
    if metadata is None:
        return {}
    return dict(metadata) if all(isinstance(value, dict) for value in metadata.values()) else {"weight": metadata}
