"""Filters, which select variables of a model.

Wherever variables are selected, a filter is one of:

* a string: the name of a collection (`"params"`, `"state"`), or a pattern of paths, in which `*` matches any
  characters including `/`, `?` matches one, and `[ab]` matches one of these (`"encoder/*"`, `"*/bias"`);
* a function from `VariableInfo` to a bool (`lambda info: info.trainable`);
* `...` or `True` for all variables, `False` for none;
* a list or tuple of filters, which accepts the variables that any of them accepts.

`any_of`, `all_of` and `not_` combine filters:

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
from typing import TYPE_CHECKING, Any, TypeAlias

from unified.core.missing import unknown_name
from unified.core.structure import VariableInfo

__all__ = ["Filter", "all_of", "any_of", "as_predicate", "not_", "of_path"]

Predicate = Callable[[VariableInfo], bool]

# What selects variables: a collection's name, a glob of paths, a predicate, a constant (`...` takes all), or any of a
# sequence of these.
Filter: TypeAlias = str | bool | EllipsisType | Predicate | Sequence["Filter"]
"""Which variables are selected, in one of the ways above."""


@functools.lru_cache(maxsize=1024)
def _pattern(text: str) -> re.Pattern[str]:
    return re.compile(fnmatch.translate(text))


def of_path(pattern: str, path: str) -> bool:
    """Return whether `path` matches `pattern`.

    Args:
        pattern: a pattern, as above; case counts.
        path: the path of a variable.

    Source: `fnmatch.fnmatchcase`.

    >>> of_path("encoder/*", "encoder/linear/bias")
    True
    """
    return _pattern(pattern).match(path) is not None


def as_predicate(filter: Filter) -> Predicate:
    """Return the filter as a function of a variable's info.

    Args:
        filter: any filter, as above.

    Raises:
        TypeError: it is none.

    Source: `flax.nnx.filterlib.to_predicate`.

    >>> import numpy as np, unified as u
    >>> params = u.Params({"head/weight": np.ones(2), "head/bias": np.ones(1)})
    >>> [u.filters.as_predicate("*/bias")(info) for info in params.info.values()]
    [False, True]
    """
    if isinstance(filter, str):
        pattern = filter
        return lambda info: info.collection == pattern or of_path(pattern, info.path)
    if filter is ... or isinstance(filter, bool):
        accepts = filter is not False
        return lambda info: accepts
    if isinstance(filter, (list, tuple)):
        return any_of(*filter)
    if callable(filter):
        return filter
    raise TypeError(
        f"a filter is the name of a collection, a pattern of paths, a function of VariableInfo, a bool, ... or a list "
        f"of these, got {filter!r}"
    )


def any_of(*filters: Filter) -> Predicate:
    """Return a filter that accepts what any of `filters` accepts.

    Source: `flax.nnx.filterlib.Any`.

    >>> import numpy as np, unified as u
    >>> params = u.Params({"encoder/weight": np.ones(2), "encoder/bias": np.ones(2), "head/bias": np.ones(1)})
    >>> list(params.filter(u.filters.any_of("head/*", "*/weight")))
    ['encoder/weight', 'head/bias']
    """
    predicates = [as_predicate(filter) for filter in filters]
    return lambda info: any(predicate(info) for predicate in predicates)


def all_of(*filters: Filter) -> Predicate:
    """Return a filter that accepts what all of `filters` accept.

    Source: `flax.nnx.filterlib.All`.

    >>> import numpy as np, unified as u
    >>> params = u.Params({"encoder/weight": np.ones(2), "encoder/bias": np.ones(2), "head/bias": np.ones(1)})
    >>> list(params.filter(u.filters.all_of("encoder/*", lambda info: info.path.endswith("bias"))))
    ['encoder/bias']
    """
    predicates = [as_predicate(filter) for filter in filters]
    return lambda info: all(predicate(info) for predicate in predicates)


def not_(filter: Filter) -> Predicate:
    """Return a filter that accepts what `filter` does not accept.

    Source: `flax.nnx.filterlib.Not`.

    >>> import numpy as np, unified as u
    >>> params = u.Params({"encoder/weight": np.ones(2), "head/bias": np.ones(1)})
    >>> list(params.filter(u.filters.not_("*/bias")))
    ['encoder/weight']
    """
    predicate = as_predicate(filter)
    return lambda info: not predicate(info)


if not TYPE_CHECKING:  # checkers would take any name for an attribute

    def __getattr__(name: str) -> Any:
        raise unknown_name("unified.filters", name, __all__)
