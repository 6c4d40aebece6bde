"""A module as a model of pure calls, which `unified.testing.assert_parity` runs."""

import inspect
from typing import Any

from unified.core.params import Params

__all__ = ["PureModule", "takes_mode"]


def takes_mode(module: Any) -> bool:
    """Return whether a module's call takes `is_training=`."""
    parameters = inspect.signature(type(module).__call__).parameters.values()
    return any(each.name == "is_training" or each.kind is each.VAR_KEYWORD for each in parameters)


class PureModule:
    """A module with params of one seed; see `unified.testing.observation.PureModel`."""

    def __init__(self, module: Any) -> None:
        self.module = module

    def initial(self, backend: str, rng: int, args: Any, kwargs: Any) -> Params:
        """Return the params of a first call, in which all streams of the graph have the seed too."""
        params = Params.growing(rng, backend)
        for _, module in self.module.graph.root.walk():
            if hasattr(module, "is_seeded"):
                params = module.seed(params, seed=rng)
        _, params = self.module(params, *args, **kwargs)
        return params.locked()

    def call(self, params: Params, args: Any, kwargs: Any, training: bool) -> tuple[Any, Params]:
        """Return the output of a call, and the params after it."""
        mode = {"is_training": training} if takes_mode(self.module) else {}
        output, params = self.module(params, *args, **kwargs, **mode)
        return output, params
