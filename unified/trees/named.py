"""Static values of loaded programs: functions that are names, and how such a program knows those of a real module."""

from collections.abc import Callable
from typing import Any, NoReturn

from unified.trees.nodes import Static

__all__ = ["Named", "ProgramStatic"]


class Named:
    """A function or a class of a module that a loaded program returned: its name is all that the program holds."""

    __slots__ = ("name",)

    def __init__(self, name: str) -> None:
        self.name = name

    def __call__(self, *args: Any, **kwargs: Any) -> NoReturn:
        raise TypeError(
            f"this module was returned by a program of jax.export, which holds {self.name!r} by its name alone: give "
            "it to a program again, or take the module that you have, load_params(module, params(returned))"
        )

    def __eq__(self, other: object) -> bool:
        return self.name == other.name if isinstance(other, Named) else NotImplemented

    def __hash__(self) -> int:
        return hash(self.name)

    def __repr__(self) -> str:
        return self.name.rpartition(":")[2]


class ProgramStatic(Static):
    """A static value in the tree of a loaded program, equal to those with the same form in a file.

    It is in no module: it stands in a `Static`, of which it becomes the rest, and a module gets its value alone. JAX's
    caches compare by `==`, and a module that a program returned must not be taken for a whole one.
    """

    __slots__ = ("form",)

    def __init__(self, value: Any, form: Callable[[Any], str | None]) -> None:
        super().__init__(value)
        self.form = form

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Static):
            return False
        form = self.form(self.value)
        return form is not None and form == self.form(other.value)

    def __ne__(self, other: object) -> bool:  # JAX asks a plain one for it, which knows of no form
        return not self == other

    __hash__ = None  # type: ignore[assignment]  # of equal values, which are not all equal to each other

    def __reduce__(self) -> Any:
        return ProgramStatic, (self.value, self.form)
