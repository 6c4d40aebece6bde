"""Names of Haiku that are not offered: each raises `BackendError` with the reason when it is used.

`tools.haiku_names` writes their list into the docs.
"""

from collections.abc import Callable
from typing import Any, NoReturn

from unified.core.errors import BackendError

__all__ = ["ABSENT", "AbsentModule", "absent"]

ABSENT = {
    "to_dot": "it reads JAX's own trace of the function; draw the model of `hk.to_torch` with torch's tools, or call "
    "haiku.to_dot on JAX",
    "experimental.abstract_to_dot": "it reads JAX's own trace of the function, as to_dot does",
    "experimental.jaxpr_info": "it reads jaxprs, which are JAX's own",
    "experimental.flax": "it joins Haiku to Flax, which is JAX only",
}


def absent(name: str) -> Callable[..., NoReturn]:
    """Return a function in place of `hk.<name>`, which raises."""

    def refuse(*args: Any, **kwargs: Any) -> NoReturn:
        raise BackendError(f"hk.{name} is not offered: {ABSENT[name]}").with_page("haiku_names#not-supported")

    refuse.__name__ = refuse.__qualname__ = name.rpartition(".")[2]
    refuse.__doc__ = f"Not offered: {ABSENT[name]}."
    return refuse


class AbsentModule:
    """A module in place of `hk.<name>`, whose attributes raise."""

    def __init__(self, name: str) -> None:
        self.__name__ = name

    def __getattr__(self, attribute: str) -> NoReturn:
        if attribute.startswith("__"):
            raise AttributeError(attribute)
        raise BackendError(f"hk.{self.__name__} is not offered: {ABSENT[self.__name__]}").with_page(
            "haiku_names#not-supported"
        )
