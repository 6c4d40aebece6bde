"""What of the modules that ran in a trace must still be as it was, for the trace to hold."""

from typing import Any

from torch import nn

__all__ = ["Fingerprint", "has_hooks"]

HOOKS = (
    "_forward_hooks",
    "_forward_pre_hooks",
    "_backward_hooks",
    "_backward_pre_hooks",
)
# Values that calls and `load_params` change in place. Which tensors are there matters, and is compared.
HELD = ("_parameters", "_buffers", "_modules")


class Fingerprint:
    """The modules below some roots, and their attributes: structure, tensors by identity, options such as `p`."""

    def __init__(self, roots: list[nn.Module]) -> None:
        self.modules = [(module, type(module), *_attributes(module)) for root in roots for module in root.modules()]

    def holds(self) -> bool:
        """Return whether all is as it was."""
        for module, cls, names, values, children in self.modules:
            state = module.__dict__
            if type(module) is not cls or len(state) != len(names):
                return False
            for name, value in zip(names, values, strict=True):
                now = state.get(name, HELD)
                if now is not value and not _is_equal(now, value):
                    return False
            for name, held in zip(HELD, children, strict=True):
                now = state[name]
                if len(now) != len(held):
                    return False
                for key, value in now.items():
                    if held.get(key, HELD) is not value:
                        return False
            for name in HOOKS:
                if state[name]:
                    return False
        return True


def _attributes(module: nn.Module) -> tuple[list[str], list[Any], list[dict[str, Any]]]:
    state = module.__dict__
    return list(state), list(state.values()), [dict(state[name]) for name in HELD]


def _is_equal(a: Any, b: Any) -> bool:
    return type(a) is type(b) and type(a) in (int, float, str, bool, tuple) and bool(a == b)


def has_hooks(roots: list[nn.Module]) -> bool:
    """Return whether a module has hooks, which a replay would not run."""
    return any(module.__dict__[name] for root in roots for module in root.modules() for name in HOOKS)
