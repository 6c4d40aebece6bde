"""`jax.monitoring` on torch, where nothing is compiled and so no event is recorded: events of users reach listeners."""

from collections.abc import Callable
from typing import Any

from unified.compat.jax.on_torch.behaviour import Behaviour

__all__ = [
    "clear_event_listeners",
    "record_event",
    "record_event_duration_secs",
    "record_scalar",
    "register_event_duration_secs_listener",
    "register_event_listener",
    "register_scalar_listener",
]

BEHAVIOUR = Behaviour(on_arrays=True)

_listeners: dict[str, list[Callable[..., None]]] = {"event": [], "duration": [], "scalar": []}


def record_event(event: str, **kwargs: Any) -> None:
    for listener in _listeners["event"]:
        listener(event, **kwargs)


def record_event_duration_secs(event: str, duration: float, **kwargs: Any) -> None:
    for listener in _listeners["duration"]:
        listener(event, duration, **kwargs)


def record_scalar(event: str, value: Any, **kwargs: Any) -> None:
    for listener in _listeners["scalar"]:
        listener(event, value, **kwargs)


def register_event_listener(callback: Callable[..., None]) -> None:
    _listeners["event"].append(callback)


def register_event_duration_secs_listener(callback: Callable[..., None]) -> None:
    _listeners["duration"].append(callback)


def register_scalar_listener(callback: Callable[..., None]) -> None:
    _listeners["scalar"].append(callback)


def clear_event_listeners() -> None:
    for listeners in _listeners.values():
        listeners.clear()
