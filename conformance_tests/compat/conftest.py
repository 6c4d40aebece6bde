"""What tests of `u.jit` on torch share."""

from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from unified.compat.jax.on_torch.steps import cache


@pytest.fixture
def traces(monkeypatch: pytest.MonkeyPatch) -> "list[cache._Entry]":
    """The traces of a test, in order."""
    from unified.compat.jax.on_torch.steps import cache

    made: list[cache._Entry] = []

    class Noted(cache._Entry):
        def __init__(self, *args: Any) -> None:
            made.append(self)
            super().__init__(*args)

    monkeypatch.setattr(cache, "_Entry", Noted)
    return made
