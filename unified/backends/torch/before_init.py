"""What a model holds before `init`: nothing, and nothing may be asked of it or put into it.

A parent module, an optimizer or a wrapper would find no parameters in the model, and train, move, freeze or save it
without them; `init` would drop what was added. Both raise, as torch's lazy modules do.
"""

from typing import Any, NoReturn

from unified.core.errors import NotInitializedError

__all__ = ["Absent", "AbsentParameters", "refuse"]


def refuse(label: str, action: str) -> NoReturn:
    """Raise because a model has not been initialised; `action` says what would be forgotten."""
    raise NotInitializedError(
        f"the model {label!r} has no layers yet, and {action} would be forgotten: call init(...) first"
    )


class Absent(dict[str, Any]):
    """The modules or the buffers of a model before init."""

    def __init__(self, label: str) -> None:
        super().__init__()
        self.label = label

    def __setitem__(self, name: str, value: Any) -> None:
        refuse(self.label, f"{name!r}, which was added to it,")

    def __reduce__(self) -> Any:
        return type(self), (self.label,)


class AbsentParameters(Absent):
    """The parameters of a model before init, which cannot be listed."""

    def items(self) -> Any:
        refuse(self.label, "what is done now with its parameters (by a parent module, an optimizer, a state_dict)")

    values = items
