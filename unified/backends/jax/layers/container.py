"""Containers: layers that are given layers."""

from typing import Any

from unified.backends.jax.layers.base import JaxLayer
from unified.core.layers.container import body_function_called


class BodyFunction(JaxLayer):
    def forward(self, input: Any) -> Any:
        raise body_function_called(self._path)


class Sequential(JaxLayer):
    def forward(self, input: Any) -> Any:
        for name in self._spec.inner:
            input = self._inner(name)(input)
        return input
