"""Versions and their bounds, as far as the requirements of this package use them."""

import re
from dataclasses import dataclass
from itertools import zip_longest

__all__ = ["Requirement", "is_older", "parse"]

_REQUIREMENT = re.compile(r"(?P<name>[\w.-]+)\s*(\[[^]]*\])?\s*\(?(?P<bounds>[^;)]*)\)?\s*(;(?P<marker>.*))?$")


@dataclass(frozen=True)
class Requirement:
    """A distribution and the versions of it that are accepted.

    Attributes:
        name: the distribution's name.
        bounds: pairs of an operator (`>=`, `<`, `==`, `!=`, `<=`, `>`) and a version.
        extra: the extra that asks for it; empty for a dependency.
    """

    name: str
    bounds: tuple[tuple[str, str], ...]
    extra: str

    def accepts(self, version: str) -> bool:
        """Return whether a version is within the bounds.

        >>> parse("jax<0.11,>=0.10").accepts("0.11.0")
        False
        """
        return all(_holds(_compare(version, bound), operator) for operator, bound in self.bounds)

    @property
    def specifier(self) -> str:
        """The bounds as pip writes them, empty if there are none."""
        return ",".join(f"{operator}{bound}" for operator, bound in sorted(self.bounds, reverse=True))

    def __str__(self) -> str:
        return self.specifier or "any"


def parse(text: str) -> Requirement:
    """Return a requirement as `importlib.metadata.requires` has it.

    >>> str(parse('torch<3,>=2.13; extra == "torch"'))
    '>=2.13,<3'

    Raises:
        ValueError: it is no requirement.
    """
    match = _REQUIREMENT.match(text.strip())
    if match is None:
        raise ValueError(f"{text!r} is no requirement")
    bounds = re.findall(r"(>=|<=|==|!=|>|<)\s*([\w.+*]+)", match["bounds"])
    extra = re.search(r"extra\s*==\s*['\"]([\w.-]+)['\"]", match["marker"] or "")
    return Requirement(match["name"], tuple(bounds), extra[1] if extra else "")


def is_older(version: str, other: str) -> bool:
    """Return whether a release comes before another; suffixes (`+cpu`, `rc1`) are not looked at.

    >>> is_older("0.9.1", "0.12"), is_older("2.13.0+cpu", "2.13")
    (True, False)
    """
    return _compare(version, other) < 0


def _release(version: str) -> list[int]:
    match = re.match(r"\d+(\.\d+)*", version)
    return [int(number) for number in match[0].split(".")] if match else []


def _compare(version: str, other: str) -> int:
    for mine, theirs in zip_longest(_release(version), _release(other), fillvalue=0):
        if mine != theirs:
            return 1 if mine > theirs else -1
    return 0


def _holds(order: int, operator: str) -> bool:
    return {">=": order >= 0, "<=": order <= 0, "==": order == 0, "!=": order != 0, ">": order > 0, "<": order < 0}[
        operator
    ]
