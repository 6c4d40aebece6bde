"""A module as a model of pure calls, which `unified.testing.assert_parity` runs."""

from typing import Any

from unified.core.params import Params
from unified.trees.applying import apply
from unified.trees.variables import fill, load_params, params

__all__ = ["PureTree", "pure_model"]


class PureTree:
    """A module with first values of one seed; see `unified.testing.observation.PureModel`."""

    def __init__(self, module: Any) -> None:
        self.module = module
        self.rng: Any = 0

    def initial(self, backend: str, rng: int, args: Any, kwargs: Any) -> Params:
        """Return the params of the module with first values from the seed, from which calls draw too."""
        self.rng = rng
        self.module = fill(self.module, *args, rng=rng, backend=backend, **kwargs)
        return params(self.module)

    def call(self, values: Params, args: Any, kwargs: Any, training: bool) -> tuple[Any, Params]:
        """Return the output of a call, and the params after it."""
        model = load_params(self.module, values)
        output, new = apply(model, *args, training=training, rng=self.rng, **kwargs)
        return output, params(new)


def pure_model(module: Any) -> PureTree:
    """Return the module as `assert_parity` runs it."""
    return PureTree(module)
