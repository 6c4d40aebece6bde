"""A class as a model of pure calls, which `unified.testing.assert_parity` runs."""

from typing import Any

from unified.core.params import Params
from unified.nn.construction import build

__all__ = ["PureObject"]


class PureObject:
    """An object of a class, built from one seed; see `unified.testing.observation.PureModel`."""

    def __init__(self, cls: Any, args: tuple[Any, ...], kwargs: dict[str, Any]) -> None:
        self.cls = cls
        self.args = args
        self.kwargs = kwargs
        self.net: Any = None

    def initial(self, backend: str, rng: int, args: Any, kwargs: Any) -> Params:
        """Return the params of a new object, whose lazy layers a first call completes."""
        self.net = build(self.cls, *self.args, backend=backend, rng=rng, portable=True, **self.kwargs)
        if not self.net.params or _is_lazy(self.net):
            self.net(*args, **kwargs)
        params: Params = self.net.params
        return params

    def call(self, params: Params, args: Any, kwargs: Any, training: bool) -> tuple[Any, Params]:
        """Return the output of a call, and the params after it."""
        output, changes = self.net.apply(params, *args, training=training, **kwargs)
        return output, params | changes


def _is_lazy(net: Any) -> bool:
    return any("_lazy" in module.__dict__ for module in net.modules())
