"""`jax.profiler` by torch's profiler."""

import contextlib
from collections.abc import Iterator
from typing import Any

import torch

from unified.compat.jax.on_torch.behaviour import Behaviour

__all__ = ["StepTraceAnnotation", "TraceAnnotation", "annotate_function", "start_trace", "stop_trace", "trace"]

BEHAVIOUR = Behaviour(on_arrays=True)

_running: list[Any] = []


class TraceAnnotation:
    """A context that names a block in the profile."""

    def __init__(self, name: str, **options: Any) -> None:
        self.block = torch.autograd.profiler.record_function(name)

    def __enter__(self) -> None:
        self.block.__enter__()

    def __exit__(self, *error: Any) -> None:
        self.block.__exit__(*error)


StepTraceAnnotation = TraceAnnotation


def annotate_function(func: Any, name: str | None = None, **options: Any) -> Any:
    def run(*args: Any, **kwargs: Any) -> Any:
        with TraceAnnotation(name or func.__name__):
            return func(*args, **kwargs)

    return run


def start_trace(log_dir: Any, *args: Any, **options: Any) -> None:
    profile = torch.profiler.profile(on_trace_ready=torch.profiler.tensorboard_trace_handler(str(log_dir)))
    profile.start()
    _running.append(profile)


def stop_trace() -> None:
    _running.pop().stop()


@contextlib.contextmanager
def trace(log_dir: Any, *args: Any, **options: Any) -> Iterator[None]:
    start_trace(log_dir)
    try:
        yield
    finally:
        stop_trace()
