"""Filters: which variables of a model are meant.

Wherever variables are selected, a filter is one of:

* a text: the name of a collection (`"params"`, `"state"`), or a pattern of paths, in which `*` stands for any
  characters, `/` too, `?` for one, and `[ab]` for one of these (`"encoder/*"`, `"*/bias"`);
* a function from `VariableInfo` to a truth value (`lambda info: info.trainable`);
* `...` for all variables, or a bool;
* a list or tuple of filters, any of which may hold.

`any_of`, `all_of` and `not_` put filters together:

>>> import numpy as np, unified as u
>>> params = u.Params({"encoder/weight": np.ones(2), "encoder/bias": np.ones(2), "head/bias": np.ones(1)})
>>> list(params.filter(u.filters.all_of("encoder/*", u.filters.not_("*/bias"))))
['encoder/weight']
"""

import fnmatch
import functools
import re
from collections.abc import Callable, Sequence
from types import EllipsisType
from typing import TypeAlias

from unified.core.structure import VariableInfo

__all__ = ["Filter", "all_of", "any_of", "as_predicate", "not_", "of_path"]

Predicate = Callable[[VariableInfo], bool]
Filter: TypeAlias = str | bool | EllipsisType | Predicate | Sequence["Filter"]


@functools.lru_cache(maxsize=1024)
def _pattern(text: str) -> re.Pattern[str]:
    return re.compile(fnmatch.translate(text))


def of_path(pattern: str, path: str) -> bool:
    """Whether `path` is what `pattern` describes."""
    return _pattern(pattern).match(path) is not None


def as_predicate(filter: Filter) -> Predicate:
    """The filter as a function of a variable's info; raises `TypeError` for what is no filter."""
    if isinstance(filter, str):
        text = filter
        return lambda info: info.collection == text or of_path(text, info.path)
    if filter is ... or isinstance(filter, bool):
        answer = filter is not False
        return lambda info: answer
    if isinstance(filter, (list, tuple)):
        return any_of(*filter)
    if callable(filter):
        return filter
    raise TypeError(
        f"a filter is the name of a collection, a pattern of paths, a function of VariableInfo, a bool, ... or a list "
        f"of these, got {filter!r}"
    )


def any_of(*filters: Filter) -> Predicate:
    """What any of `filters` accepts."""
    predicates = [as_predicate(filter) for filter in filters]
    return lambda info: any(predicate(info) for predicate in predicates)


def all_of(*filters: Filter) -> Predicate:
    """What all of `filters` accept."""
    predicates = [as_predicate(filter) for filter in filters]
    return lambda info: all(predicate(info) for predicate in predicates)


def not_(filter: Filter) -> Predicate:
    """What `filter` does not accept."""
    predicate = as_predicate(filter)
    return lambda info: not predicate(info)
