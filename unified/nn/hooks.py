"""Hooks of modules around calls, as `torch.nn.Module` has them."""

import itertools
from collections import OrderedDict
from collections.abc import Callable
from typing import Any

from unified.nn.versions import attributes_changed

__all__ = ["Hooks", "RemovableHandle"]

_numbers = itertools.count()


class RemovableHandle:
    """A hook that was registered, which `remove()` takes away."""

    def __init__(self, hooks: "OrderedDict[int, Any]", number: int) -> None:
        self.hooks = hooks
        self.number = number

    def remove(self) -> None:
        """Remove the hook."""
        self.hooks.pop(self.number, None)
        attributes_changed()

    def __enter__(self) -> "RemovableHandle":
        return self

    def __exit__(self, *error: Any) -> None:
        self.remove()


class Hooks:
    """A class whose objects are called with hooks."""

    _pre_hooks: "OrderedDict[int, tuple[Any, bool]]"
    _post_hooks: "OrderedDict[int, tuple[Any, bool, bool]]"

    def _prepare_hooks(self) -> None:
        self.__dict__.update(_pre_hooks=OrderedDict(), _post_hooks=OrderedDict())

    def register_forward_pre_hook(
        self, hook: Callable[..., Any], *, prepend: bool = False, with_kwargs: bool = False
    ) -> RemovableHandle:
        """Call `hook(module, args)` before each call; what it returns, if anything, takes the arguments' place."""
        return self._register(self._pre_hooks, (hook, with_kwargs), prepend)

    def register_forward_hook(
        self,
        hook: Callable[..., Any],
        *,
        prepend: bool = False,
        with_kwargs: bool = False,
        always_call: bool = False,
    ) -> RemovableHandle:
        """Call `hook(module, args, output)` after each call; what it returns, if anything, takes the output's place."""
        return self._register(self._post_hooks, (hook, with_kwargs, always_call), prepend)

    def _register(self, hooks: Any, entry: Any, prepend: bool) -> RemovableHandle:
        number = next(_numbers)
        hooks[number] = entry
        attributes_changed()
        if prepend:
            hooks.move_to_end(number, last=False)
        return RemovableHandle(hooks, number)

    def _with_hooks(self, forward: Callable[..., Any], args: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:
        """Return `forward(*args, **kwargs)`, called with the hooks around it."""
        for hook, with_kwargs in list(self._pre_hooks.values()):
            result = hook(self, args, kwargs) if with_kwargs else hook(self, args)
            if result is not None and with_kwargs:
                args, kwargs = result
            elif result is not None:
                args = result if isinstance(result, tuple) else (result,)
        called = set()
        output = None
        try:
            output = forward(*args, **kwargs)
            for number, (hook, with_kwargs, _) in list(self._post_hooks.items()):
                called.add(number)
                result = hook(self, args, kwargs, output) if with_kwargs else hook(self, args, output)
                output = output if result is None else result
        except Exception:
            for number, (hook, with_kwargs, always) in list(self._post_hooks.items()):
                if always and number not in called:
                    _ = hook(self, args, kwargs, output) if with_kwargs else hook(self, args, output)
            raise
        return output
