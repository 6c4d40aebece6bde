"""`Overlay`: values in place of those that objects hold, for one pure call in one thread."""

import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from unified.nn.variable import Variable

__all__ = ["Overlay", "active", "laid", "read"]


class Overlay:
    """The values of a pure call.

    Attributes:
        values: by variable, those that the call was given and those that it wrote.
        written: the variables that the call wrote, in order.
        training: the mode of all modules; `None` leaves each in its own.
        origin: the framework's mark of where the call runs.
        outer: the overlay of the call around this one.
        steps: numbers of lanes, from which random draws take their keys too.
        recorder: of intermediate values.
        sown: intermediate values, by the module and the name.
    """

    def __init__(
        self, values: Mapping[Variable, Any], training: bool | None, origin: Any, recorder: Any = None
    ) -> None:
        self.values = dict(values)
        self.written: dict[Variable, None] = {}
        self.training = training
        self.origin = origin
        self.outer: Overlay | None = None
        self.recorder = recorder
        self.steps: tuple[Any, ...] = ()
        self.sown: dict[tuple[Any, str], Any] = {}


class _Active(threading.local):
    def __init__(self) -> None:
        self.overlay: Overlay | None = None


active = _Active()


@contextmanager
def laid(overlay: Overlay) -> Iterator[Overlay]:
    """Run a call of this thread over the values of `overlay`."""
    overlay.outer = outer = active.overlay
    if overlay.training is None and outer is not None:
        overlay.training = outer.training
    if outer is not None:
        overlay.steps = (*outer.steps, *overlay.steps)
    active.overlay = overlay
    try:
        yield overlay
    finally:
        active.overlay = outer


def read(variable: Variable) -> Any:
    """Return the array of a variable in the running call; in a constructor the variable itself."""
    overlay = active.overlay
    while overlay is not None:
        if variable in overlay.values:
            return overlay.values[variable]
        overlay = overlay.outer
    return variable if variable.value is None else variable.value
