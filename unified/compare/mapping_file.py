"""The file of a mapping: TOML, with a line for each rule, in which numbers that count up are folded.

    format = 1
    sides = ["torch", "flax"]
    rules = [
      {torch = "blocks.{i}.fc.weight", flax = "params/blocks_{i}/fc/kernel", axes = "a b -> b a", i = "0-11"},
    ]
    [left_over]
    torch = ["norm.num_batches_tracked"]

`{i}` is each number of the range, `{i+2}` two more. Two sides of one library are called `first` and `second`.
"""

import json
import math
import re
import tomllib
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from unified.compare.axes import Axes
from unified.compare.errors import MappingError
from unified.compare.rule import Piece, Rule

__all__ = ["dumps", "loads"]

NUMBER = re.compile(r"\d+")
PATTERN = re.compile(r"\{i(?:([+-])(\d+))?\}")
LARGEST_RANGE = 100_000  # a file of a few lines must not fill the memory
LIBRARIES = ("torch", "flax", "nnx", "haiku", "equinox", "function", "unified")

Item = dict[str, Any]
Paths = tuple[tuple[str, ...], tuple[str, ...]]
Ties = tuple[Mapping[str, str], Mapping[str, str]]


def dumps(
    rules: Sequence[Rule],
    left_over: tuple[Sequence[str], Sequence[str]],
    libraries: tuple[str, str],
    tied: tuple[Mapping[str, str], Mapping[str, str]],
) -> str:
    """Return the text of a mapping."""
    names = _names(libraries)
    lines = ["# Which weights are which; written and read by unified.testing.Mapping.", "format = 1"]
    lines += [f"sides = {json.dumps(list(libraries))}", "rules = ["]
    lines += [f"  {_inline(item)}," for item in _folded([_item(rule, names) for rule in rules], names)]
    lines.append("]")
    for table, contents in (("left_over", left_over), ("tied", tied)):
        if any(contents):
            lines += ["", f"[{table}]"]
        for name, value in zip(names, contents, strict=True):
            if table == "left_over" and value:
                lines += [f"{name} = [", *(f"  {json.dumps(path)}," for path in value), "]"]
            elif isinstance(value, dict) and value:
                lines += [f"{name} = [", *(f"  {_inline({'path': p, 'like': q})}," for p, q in value.items()), "]"]
    return "\n".join(lines) + "\n"


def loads(text: str) -> tuple[tuple[Rule, ...], Paths, tuple[str, str], Ties]:
    """Return the rules, what is left over, the libraries and the ties of a text.

    Raises:
        MappingError: the text is no mapping; the message names the rule.
    """
    try:
        table = tomllib.loads(text)
    except (tomllib.TOMLDecodeError, RecursionError) as error:
        raise MappingError(f"not TOML: {error}") from None
    if table.get("format") != 1:
        raise MappingError(f"format is {table.get('format')!r}: this version of unified reads format = 1")
    sides = table.get("sides")
    if not (isinstance(sides, list) and len(sides) == 2 and all(side in LIBRARIES for side in sides)):
        raise MappingError(f"sides must be two of {', '.join(LIBRARIES)}, got {sides!r}")
    names = _names((sides[0], sides[1]))
    if unknown := set(table) - {"format", "sides", "rules", "left_over", "tied"}:
        raise MappingError(f"unknown keys: {', '.join(sorted(unknown))}")
    items = table.get("rules", [])
    if not isinstance(items, list) or not all(isinstance(item, dict) for item in items):
        raise MappingError('rules must be a list of tables, as {torch = "weight", flax = "params/kernel"}')
    rules: list[Rule] = []
    for item in items:
        rules += (_rule(each, names) for each in _unfolded(item, names))
        if len(rules) > LARGEST_RANGE:
            raise MappingError(f"the mapping has more than {LARGEST_RANGE} rules")
    left_over, tied = _tables(table, names)
    return tuple(rules), left_over, (sides[0], sides[1]), tied


def _names(libraries: tuple[str, str]) -> tuple[str, str]:
    return libraries if libraries[0] != libraries[1] else ("first", "second")


def _item(rule: Rule, names: tuple[str, str]) -> Item:
    item: Item = {}
    for name, pieces in zip(names, (rule.first, rule.second), strict=True):
        texts = [str(piece) for piece in pieces]
        item[name] = texts[0] if len(texts) == 1 else texts
    if rule.axes.text:
        item["axes"] = rule.axes.text
    item.update(rule.axes.sizes)
    if rule.axes.flip:
        item["flip"] = " ".join(rule.axes.flip)
    if rule.add:
        item["add"] = rule.add
    if rule.again:
        item["again"] = True
    return item


def _rule(item: Item, names: tuple[str, str]) -> Rule:
    known = dict(item)
    try:
        pieces = []
        for name in names:
            texts = known.pop(name, None)
            texts = [texts] if isinstance(texts, str) else texts
            if not texts or not isinstance(texts, list) or not all(isinstance(text, str) for text in texts):
                raise ValueError(f"{name} must be a path, or a list of paths whose values are summed")
            pieces.append(tuple(map(Piece.parse, texts)))
        if len(pieces[0]) > 1 and len(pieces[1]) > 1:
            raise ValueError("only one of the two sides can be a sum")
        text, flip, add = known.pop("axes", ""), known.pop("flip", ""), known.pop("add", 0.0)
        again = known.pop("again", False)
        if not (isinstance(text, str) and isinstance(flip, str) and isinstance(again, bool)):
            raise ValueError("axes and flip must be texts, and again true or false")
        if isinstance(add, bool) or not isinstance(add, int | float) or not math.isfinite(add):
            raise ValueError(f"add must be a finite number, got {add!r}")
        for key, size in known.items():
            if isinstance(size, bool) or not isinstance(size, int) or size < 1:
                raise ValueError(f"{key} is unknown, or no size of an axis: {size!r}")
        return Rule(pieces[0], pieces[1], Axes(text, tuple(known.items()), tuple(flip.split())), float(add), again)
    except ValueError as error:
        raise MappingError(f"the rule {_inline(item)}: {error}") from None


def _tables(table: Item, names: tuple[str, str]) -> tuple[Paths, Ties]:
    left_over, tied = table.get("left_over", {}), table.get("tied", {})
    if not isinstance(left_over, dict) or not isinstance(tied, dict) or set(left_over) | set(tied) > set(names):
        raise MappingError(f"left_over and tied must be tables of {' and '.join(names)}")
    if not all(isinstance(v, list) and all(isinstance(p, str) for p in v) for v in left_over.values()):
        raise MappingError("left_over must be lists of paths")
    pairs = [pair for value in tied.values() for pair in (value if isinstance(value, list) else [None])]
    if not all(
        isinstance(p, dict) and set(p) == {"path", "like"} and all(isinstance(v, str) for v in p.values())
        for p in pairs
    ):
        raise MappingError('tied must be lists of {path = "...", like = "..."}')
    one, two = names
    of = [{pair["path"]: pair["like"] for pair in tied.get(name, [])} for name in names]
    return (tuple(left_over.get(one, ())), tuple(left_over.get(two, ()))), (of[0], of[1])


def _inline(item: Item) -> str:
    return "{" + ", ".join(f"{key} = {json.dumps(value, ensure_ascii=False)}" for key, value in item.items()) + "}"


def _folded(items: Sequence[Item], names: tuple[str, str]) -> list[Item]:
    """Fold rules that differ in numbers that count up by one, where the first of them stands."""
    groups: dict[Any, list[int]] = {}
    for number, item in enumerate(items):
        groups.setdefault(_template(item, names), []).append(number)
    result: dict[int, Item] = {}
    for members in groups.values():
        for run in _runs(items, members, names):
            result[run[0]] = items[run[0]] if len(run) == 1 else _pattern([items[n] for n in run], names)
    return [result[number] for number in sorted(result)]


def _texts(item: Item, names: tuple[str, str]) -> list[str]:
    return [t for name in names for t in ([item[name]] if isinstance(item[name], str) else item[name])]


def _template(item: Item, names: tuple[str, str]) -> Any:
    rest = tuple((k, str(v)) for k, v in item.items() if k not in names)
    texts = _texts(item, names)
    literal = any("{" in text for text in texts)  # a path with braces is not folded
    return (tuple(texts) if literal else tuple(NUMBER.sub("#", text) for text in texts)), rest, literal


def _numbers(item: Item, names: tuple[str, str]) -> list[int]:
    return [int(number) for text in _texts(item, names) for number in NUMBER.findall(text)]


def _runs(items: Sequence[Item], members: Iterable[int], names: tuple[str, str]) -> Iterable[list[int]]:
    """Yield consecutive members whose numbers each stay, or all go up by one."""
    run: list[int] = []
    moving: list[int] = []
    for member in members:
        if run:
            steps = [
                b - a for a, b in zip(_numbers(items[run[-1]], names), _numbers(items[member], names), strict=True)
            ]
            if (
                any(steps)
                and set(steps) <= {0, 1}
                and (len(run) == 1 or steps == moving)
                and _unpadded(items[member], names)
            ):
                moving = steps
                run.append(member)
                continue
            yield run
        run = [member]
    if run:
        yield run


def _unpadded(item: Item, names: tuple[str, str]) -> bool:
    return not any(n[0] == "0" and len(n) > 1 for text in _texts(item, names) for n in NUMBER.findall(text))


def _pattern(run: Sequence[Item], names: tuple[str, str]) -> Item:
    first, second = _numbers(run[0], names), _numbers(run[1], names)
    moving = [a != b for a, b in zip(first, second, strict=True)]
    start = first[moving.index(True)]
    position = iter(range(len(first)))

    def replaced(match: re.Match[str]) -> str:
        here = next(position)
        offset = first[here] - start
        return match[0] if not moving[here] else "{i}" if not offset else f"{{i{offset:+d}}}"

    item = dict(run[0])
    for name in names:
        value = item[name]
        texts = [NUMBER.sub(replaced, text) for text in ([value] if isinstance(value, str) else value)]
        item[name] = texts[0] if isinstance(value, str) else texts
    return {**item, "i": f"{start}-{start + len(run) - 1}"}


def _unfolded(item: Item, names: tuple[str, str]) -> list[Item]:
    """Return the rules of a line.

    Raises:
        MappingError: the range is none.
    """
    if not isinstance(item.get("i"), str):
        return [item]
    start, _, stop = item["i"].partition("-")
    if not (start.isdecimal() and stop.isdecimal() and int(start) <= int(stop) < int(start) + LARGEST_RANGE):
        raise MappingError(f'the rule {_inline(item)}: i must be a range such as "0-11"')
    found = []
    for number in range(int(start), int(stop) + 1):

        def replaced(match: re.Match[str], number: int = number) -> str:
            return str(number + int((match[1] or "+") + (match[2] or "0")))

        each = {key: value for key, value in item.items() if key != "i"}
        for name in names:
            if isinstance(each.get(name), str):
                each[name] = PATTERN.sub(replaced, each[name])
            elif isinstance(each.get(name), list):
                each[name] = [PATTERN.sub(replaced, text) if isinstance(text, str) else text for text in each[name]]
        found.append(each)
    return found
