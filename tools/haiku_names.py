"""Writes `docs/haiku_names.md`: what of Haiku and JAX is offered on torch, and what is not."""

import textwrap
from pathlib import Path

import unified.compat.haiku as hk
from unified.compat.haiku.absent import ABSENT
from unified.compat.jax.names import NAMES

__all__ = ["files"]

FILE = Path(__file__).parents[1] / "docs" / "haiku_names.md"


def _names(names: list[str]) -> str:
    text = ", ".join(f"`{name}`" for name in sorted(names))
    return "\n".join(textwrap.wrap(text, 118, break_on_hyphens=False, break_long_words=False))


def files() -> dict[Path, str]:
    """The text of the page."""
    lines = [
        "# Names of Haiku and JAX on PyTorch",
        "",
        "Written by `make generate`; [haiku.md](haiku.md) is the guide.",
        "",
        "## Not supported",
        "",
        "These names raise `BackendError` when they are used.",
        "",
        *(f"* `hk.{name}`: {reason}." for name, reason in ABSENT.items()),
        "",
        "A name of JAX that is not listed below is JAX's own on the jax backend, and raises `BackendError` on torch.",
        "",
        "## `unified.compat.haiku`",
        "",
        _names([name for name in hk.__all__ if name not in ABSENT]),
        "",
    ]
    for module, names in NAMES.items():
        lines += [f"## `unified.compat.jax{'.' if module else ''}{module}`", "", _names(list(names)), ""]
    return {FILE: "\n".join(lines)}
