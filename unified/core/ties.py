"""Ties: two names of one variable, as `head.weight = embedding.weight` in a body makes them.

Of the two paths the first in the model's order is the variable's, and the other is an alias. The record of the scope
around both has the alias among its references: `{"head/weight": "embedding/weight"}`, relative to the scope.
"""

from collections.abc import Callable, Mapping

from unified.core.naming import join
from unified.core.record import ScopeRecord

__all__ = ["aliases", "check_tie", "lazy_assignment", "record_aliases", "refuse_order", "refuse_value"]


def refuse_value(path: str) -> ValueError:
    """Return the error for a value other than a variable that a body assigns over a variable."""
    return ValueError(
        f"{path!r}: the body assigned to this variable what is no variable of the model itself, and the next call "
        "would start from the old value. For an initial value pass init_fn= to the layer; for state use u.set_state; "
        "to compute with another array call the function of unified.functional. Another variable can be assigned: "
        "head.weight = embedding.weight ties them"
    )


def lazy_assignment(path: str, name: str) -> ValueError:
    """Return the error for an assignment to a variable of a layer whose size follows from its first input."""
    return ValueError(
        f"'{path}/{name}' was assigned before it exists: a size of the layer is None, and follows from its first "
        "input. Pass the size, or assign after the first call of the layer"
    )


def refuse_order(path: str) -> ValueError:
    """Return the error for an assignment over a variable to which another is tied."""
    return ValueError(
        f"{path!r}: the body assigned over this variable after it had tied another to it: assign them in the other "
        "order, each from the same variable"
    )


def check_tie(path: str, source: str, kinds: tuple[object, ...], source_kinds: tuple[object, ...]) -> None:
    """Raise `ValueError` unless two variables have the same shape, dtype, collection and stacks."""
    for what, one, other in zip(("shape", "dtype", "collection", "stack"), kinds, source_kinds, strict=True):
        if one != other:
            raise ValueError(
                f"{path!r} cannot be tied to {source!r}: the {what} of the first is {one}, and that of the second "
                f"{other}. Compute with {source!r} in a function of unified.functional instead"
            )


def record_aliases(tied: Mapping[str, str], record_of: Callable[[str], ScopeRecord | None]) -> None:
    """Record the aliases of variables, each with its variable's path, in the scopes around both."""
    for alias, path in tied.items():
        scope = alias.rpartition("/")[0].rpartition("/")[0]
        while scope and (not path.startswith(f"{scope}/") or record_of(scope) is None):
            scope = scope.rpartition("/")[0]
        record = record_of(scope)
        assert record is not None
        start = len(scope) + 1 if scope else 0
        record.references[alias[start:]] = path[start:]


def aliases(scopes: Mapping[str, ScopeRecord]) -> dict[str, str]:
    """Return the path of the variable of each alias."""
    return {
        join(scope, alias): join(scope, path)
        for scope, record in scopes.items()
        for alias, path in record.references.items()
        if "/" in alias  # other names are those of a module's arguments
    }
