"""How a function is told whether it trains: by the argument that it has for that."""

import inspect
from collections.abc import Callable, Mapping
from typing import Any

__all__ = ["Mode"]

TRUE_IN_TRAINING = ("train", "training", "is_training")
TRUE_IN_EVALUATION = ("deterministic", "use_running_average", "inference")


class Mode:
    """The argument of a function that says whether it trains; none if it has no such argument.

    Raises:
        ValueError: `name` is no argument of the function.
    """

    def __init__(self, function: Callable[..., Any], name: str | None = None) -> None:
        try:
            parameters = inspect.signature(function).parameters
        except (TypeError, ValueError):
            parameters = {}  # type: ignore[assignment]
        any_keyword = any(each.kind is inspect.Parameter.VAR_KEYWORD for each in parameters.values())
        if name is not None and name not in parameters and not any_keyword:
            raise ValueError(
                f"training={name!r} is no argument of the model, which has {', '.join(parameters) or 'none'}"
            )
        known = (*TRUE_IN_TRAINING, *TRUE_IN_EVALUATION)
        self.name = name if name is not None else next((each for each in known if each in parameters), None)
        self.position = list(parameters).index(self.name) if self.name is not None and self.name in parameters else None

    def keywords(
        self, args: tuple[Any, ...], kwargs: Mapping[str, Any], training: bool, leading: int = 0
    ) -> dict[str, Any]:
        """Return the keywords with the mode among them, unless the caller says it.

        Args:
            leading: how many arguments the function has before `args`.
        """
        if self.name is None or self.name in kwargs:
            return dict(kwargs)
        if self.position is not None and self.position < len(args) + leading:
            return dict(kwargs)
        return {**kwargs, self.name: training != (self.name in TRUE_IN_EVALUATION)}
