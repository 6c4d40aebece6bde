"""Merging of what init recorded of two models, for `params | others`."""

from collections.abc import Mapping
from typing import NoReturn

from unified.core.classes import key_of, name_of, same_class
from unified.core.errors import StructureChangedError
from unified.core.naming import join
from unified.core.record import LayerRecord, ScopeRecord, describe_call, with_class

__all__ = ["merge_scopes"]


def merge_scopes(left: Mapping[str, ScopeRecord], right: Mapping[str, ScopeRecord]) -> dict[str, ScopeRecord]:
    """Return the records of all scopes of two models, by path.

    Raises:
        StructureChangedError: the models declare something else at one path; the message names it.
    """
    merged = {**left, **right}
    for path in left.keys() & right.keys():
        if left[path] != right[path]:
            merged[path] = _merge(path, left[path], right[path])
    return merged


def _refuse(path: str, left: str, right: str) -> NoReturn:
    raise StructureChangedError(
        f"the params to merge are of two models that differ at {path!r}: it is {left} in the first and {right} in the "
        "second. Give the models different names, by a unified.Module around each, or keep their params apart"
    ).with_page("state#selecting")


def _merge(path: str, left: ScopeRecord, right: ScopeRecord) -> ScopeRecord:
    """Return the record of a scope that two models share."""
    if left.arguments and right.arguments and left.arguments != right.arguments:
        _refuse(path, _arguments(left), _arguments(right))
    if left.stack and right.stack and left.stack != right.stack:
        _refuse(path, str(left.stack), str(right.stack))
    for name in left.by_name.keys() & right.by_name.keys():
        one, other = left.by_name[name], right.by_name[name]
        if not (same_class(one.cls, other.cls) and one[1:] == other[1:]):
            _refuse(join(path, name), *_calls(one, other))
    for name in left.variables.keys() & right.variables.keys():
        one_variable, other_variable = left.variables[name], right.variables[name]
        if one_variable[:-1] != other_variable[:-1]:  # which of them are trainable may differ
            _refuse(join(path, name), f"a variable {one_variable[1:-1]}", f"a variable {other_variable[1:-1]}")
    for one_record, other_record, swapped in ((left, right, False), (right, left, True)):
        for name in one_record.by_name.keys() & other_record.reserved:
            kinds = describe_call(*one_record.by_name[name][:3]), "a variable or a method"
            _refuse(join(path, name), *(reversed(kinds) if swapped else kinds))
    if right.branches and left.branches:
        raise StructureChangedError(
            f"the params to merge are of two models that both choose between branches (u.cond, u.switch) in "
            f"{path or 'the function'!r}, whose layers cannot be told apart: put each into a unified.Module, or keep "
            "the params apart"
        ).with_page("state#selecting")
    first, second = (right, left) if right.branches else (left, right)  # positions of branches are those of the first
    merged = ScopeRecord()
    merged.branches = dict(first.branches)
    merged.arguments, merged.references = left.arguments or right.arguments, {**left.references, **right.references}
    merged.stack = left.stack or right.stack
    merged.variables = {**left.variables, **right.variables}
    merged.by_name = {**left.by_name, **right.by_name}
    merged.reserved, merged.written = left.reserved | right.reserved, left.written | right.written
    known = [with_class(entry, key_of) for entry in first.recording]
    more = [entry for entry in second.recording[:-1] if with_class(entry, key_of) not in known]
    merged.recording[:-1] = [*first.recording[:-1], *more]
    return merged


def _arguments(record: ScopeRecord) -> str:
    return f"called with ({', '.join(f'{name}={value!r}' for name, value in record.arguments.items())})"


def _calls(one: LayerRecord, other: LayerRecord) -> tuple[str, str]:
    left, right = describe_call(*one[:3]), describe_call(*other[:3])
    return (left, right) if left != right else (name_of(one.cls), name_of(other.cls))
