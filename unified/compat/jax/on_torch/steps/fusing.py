"""The calls of a graph in an order and in a form that cost less, as XLA chooses them for a compiled function.

Arithmetic of optimizers reads and writes each array many times. Here what leads to one result follows upon each other,
so that it is in the processor's caches; multiplications and additions become torch's fused kernels (`lerp`, `add` with
`alpha`, `addcmul`, `addcdiv`), and memory of a value that nothing needs any more, a gradient's too, takes the next one.
A fused kernel rounds once where two calls round twice; `x + 0` is `x`, also for the zero with a sign.
"""

import re
from collections.abc import Callable, Iterable
from typing import Any, NamedTuple

import torch

from unified.compat.jax.on_torch.tracing.abstract import Abstract
from unified.compat.jax.on_torch.tracing.graph import Recorder, Step, written

__all__ = ["Call", "compiled", "fused"]

T = torch.Tensor


class Call(NamedTuple):
    """A call of torch, with the texts of its arguments and what is known of its result."""

    function: Any
    operands: tuple[str, ...]
    named: dict[str, str]
    result: Abstract


# Functions of arrays of one shape, and of numbers: element by element, into new memory.
FUNCTIONS: dict[Any, Callable[..., Any]] = {
    getattr(owner, name): function
    for function, names in (
        (torch.mul, ("mul", "__mul__", "__rmul__", "multiply")),
        (torch.add, ("add", "__add__", "__radd__")),
        (torch.sub, ("sub", "__sub__", "subtract")),
        (torch.div, ("div", "__truediv__", "true_divide", "divide")),
        (torch.sqrt, ("sqrt",)),
        (torch.rsqrt, ("rsqrt",)),
        (torch.neg, ("neg", "negative", "__neg__")),
        (torch.abs, ("abs", "absolute", "__abs__")),
        (torch.square, ("square",)),
        (torch.sign, ("sign",)),
        (torch.exp, ("exp",)),
        (torch.pow, ("pow",)),
        (torch.maximum, ("maximum",)),
        (torch.minimum, ("minimum",)),
    )
    for name in names
    for owner in (torch, T)
    if hasattr(owner, name)
}


def _is_elementwise(call: Call) -> bool:
    """Return whether a call writes a result to new memory, element by element, that is no view of an operand."""
    return call.function in FUNCTIONS and not call.named and call.result.dtype.is_floating_point


def _number(text: str) -> float | None:
    """Return the number that a text writes out, if it does."""
    try:
        return float(text)
    except ValueError:
        return None


class _Fusion:
    """The rewriting of one graph."""

    def __init__(
        self, calls: dict[str, Call], kinds: dict[str, Abstract], results: Iterable[str], owned: set[str]
    ) -> None:
        self.kinds, self.results, self.owned = kinds, set(results), owned
        self.calls = {
            name: call._replace(function=FUNCTIONS[call.function])
            for name, call in calls.items()
            if _is_elementwise(call)
        }
        self.count: dict[str, int] = {}  # of uses
        self.viewed: set[str] = set()  # used by calls that may return a view
        self.alias: dict[str, str] = {}

    def is_like(self, name: str, other: Abstract) -> bool:
        kind = self.kinds.get(name)
        return kind is not None and kind == other

    def producer(self, name: str, function: Any) -> tuple[str, str] | None:
        """Return the operands of the call that makes a value, if it is this function and the value has one use."""
        call = self.calls.get(name)
        if call is None or call.function is not function or self.count.get(name) != 1 or name in self.results:
            return None
        if len(call.operands) != 2 or call.named:
            return None
        return call.operands[0], call.operands[1]

    def scaled(self, name: str, kind: Abstract) -> tuple[float, str] | None:
        """Return a number and an array whose product a value is."""
        pair = self.producer(name, torch.mul)
        for a, b in (pair, pair[::-1]) if pair else ():
            number = _number(a)
            if number is not None and self.is_like(b, kind):
                return number, b
        return None

    def pair(self, name: str, function: Any, kind: Abstract) -> tuple[str, str] | None:
        """Return two arrays of which a value is the product or the quotient."""
        pair = self.producer(name, function)
        return pair if pair and self.is_like(pair[0], kind) and self.is_like(pair[1], kind) else None

    def take(self, *names: str) -> None:
        for name in names:
            del self.calls[name]

    def rewrite(self, name: str) -> None:
        """Replace a call by one of a fused kernel that takes what led to it along."""
        call = self.calls[name]
        operands, kind = call.operands, call.result
        if call.function is torch.pow and len(operands) == 2 and self.is_like(operands[0], kind):
            power = _number(operands[1])
            if power == 2:
                self.calls[name] = Call(torch.mul, (operands[0], operands[0]), {}, kind)
                self.count[operands[0]] += 1
            elif power == 1:
                self.rename(name, operands[0])
        elif call.function is torch.mul and len(operands) == 2:
            one = next((x for n, x in (operands, operands[::-1]) if _number(n) == 1 and self.is_like(x, kind)), None)
            if one is not None:
                self.rename(name, one)
        elif call.function in (torch.add, torch.sub) and len(operands) == 2:
            self.rewrite_sum(name, *operands, kind, 1.0 if call.function is torch.add else -1.0)

    def rename(self, name: str, other: str) -> None:
        """Let a value be another: what uses it uses that. A result, or a view of one, has memory of its own."""
        if name in self.results or name in self.viewed:
            return
        self.alias[name] = other
        self.count[other] += self.count.get(name, 0) - 1
        del self.calls[name]

    def rewrite_sum(self, name: str, a: str, b: str, kind: Abstract, sign: float) -> None:
        zero = next((other for zero, other in ((b, a), (a, b)) if _number(zero) == 0), None)
        if zero is not None:
            if sign == 1 and self.is_like(zero, kind):
                self.rename(name, zero)
            return
        orders = ((b, a), (a, b)) if sign == 1 else ((b, a),)
        for part, rest in orders:
            if part == rest or not self.is_like(rest, kind) or not self.is_like(part, kind):
                continue
            scale = self.scaled(part, kind)
            number, inner = scale if scale else (1.0, part)
            for function, kernel in ((torch.mul, torch.addcmul), (torch.div, torch.addcdiv)):
                pair = self.pair(inner, function, kind)
                if pair:
                    self.take(*{part, inner})
                    self.calls[name] = Call(kernel, (rest, *pair), {"value": repr(sign * number)}, kind)
                    return
        if sign == 1 and self.is_like(a, kind) and self.is_like(b, kind) and a != b:
            one, two = self.scaled(a, kind), self.scaled(b, kind)
            if one and two and 0 < one[0] < 1 and abs(one[0] + two[0] - 1) < 1e-9:
                self.take(a, b)
                self.calls[name] = Call(torch.lerp, (two[1], one[1], repr(one[0])), {}, kind)
                return
        for part, rest in orders:
            scale = self.scaled(part, kind) if part != rest and self.is_like(rest, kind) else None
            if scale:
                self.take(part)
                self.calls[name] = Call(torch.add, (rest, scale[1]), {"alpha": repr(sign * scale[0])}, kind)
                return

    def run(self, steps: list[Step], recorder: Recorder) -> list[Step]:
        """Return the steps rewritten, in the order in which they are given."""
        for step in steps:
            for name in step.uses:
                self.count[name] = self.count.get(name, 0) + 1
            if step.targets not in self.calls:
                self.viewed.update(step.uses)
        before = dict(self.calls)
        for step in steps:
            if step.targets in self.calls:
                call = self.calls[step.targets]
                self.calls[step.targets] = call._replace(operands=tuple(map(self._now, call.operands)))
                self.rewrite(step.targets)
        kept = [step for step in steps if step.targets in self.calls or step.targets not in before]
        return self._placed(kept, recorder)

    def _now(self, name: str) -> str:
        while name in self.alias:
            name = self.alias[name]
        return name

    def _placed(self, steps: list[Step], recorder: Recorder) -> list[Step]:
        """Return the steps, each with a result in the memory of an operand that dies with it, where there is one."""
        last: dict[str, int] = {}
        reserved = set(self.results)  # what others may look at
        uses = []
        for place, step in enumerate(steps):
            call = self.calls.get(step.targets)
            names = tuple(filter(self.kinds.__contains__, call.operands)) if call else tuple(map(self._now, step.uses))
            uses.append(names)
            last.update(dict.fromkeys(names, place))
            if call is None:
                reserved.update(names)
        written = []
        for place, (step, names) in enumerate(zip(steps, uses, strict=True)):
            call = self.calls.get(step.targets)
            if call is None:
                text = step.text
                if step.uses != names:
                    text = _renamed(text, dict(zip(step.uses, names, strict=True)))
                written.append(step._replace(text=text, uses=names))
                continue
            parts = [*call.operands, *[f"{name}={text}" for name, text in call.named.items()]]
            for name in names:
                is_ours = name in self.calls or name in self.owned
                dies = is_ours and name not in reserved and last[name] == place
                if dies and self.is_like(name, call.result):
                    parts.append(f"out={name}")
                    break
            text = f"{recorder.constant(call.function)}({', '.join(parts)})"
            written.append(Step(step.targets, step.defines, text, names, False))
        return written


def _renamed(text: str, names: dict[str, str]) -> str:
    return re.sub(r"\bv\d+\b", lambda match: names.get(match[0], match[0]), text)


def _ordered(steps: list[Step], results: list[str]) -> list[Step]:
    """Return the steps so that those which lead to one result follow upon each other."""
    makers = {name: step for step in steps for name in step.defines}
    done: set[int] = set()
    ordered: list[Step] = []
    for result in results:
        stack = [(makers[result], False)] if result in makers else []
        while stack:
            step, is_ready = stack.pop()
            if id(step) in done:
                continue
            if is_ready:
                done.add(id(step))
                ordered.append(step)
                continue
            stack.append((step, True))
            stack += [(makers[name], False) for name in reversed(step.uses) if name in makers]
    return ordered


def compiled(
    recorder: Recorder, calls: dict[str, Call], kinds: dict[str, Abstract], results: list[str], gradients: set[str]
) -> list[Step]:
    """Return the steps of a graph with those after the last effect or gradient as one compiled function."""
    steps = recorder.live(set(results))
    start = max([n for n, step in enumerate(steps) if step.has_effect or len(step.defines) > 1], default=-1) + 1
    tail = steps[start:]
    if not tail:
        return steps
    defined = {name for step in tail for name in step.defines}
    inputs = list(
        dict.fromkeys(n for step in tail for n in step.uses if n not in defined and n not in recorder.constants)
    )
    outputs = [name for name in dict.fromkeys(results) if name in defined]
    elementwise = {name for name, call in calls.items() if _is_elementwise(call)}
    seen = {name for step in steps if step.targets not in elementwise for name in step.uses}
    free = [name for name in inputs if name in gradients and name not in seen and name not in results]
    into: dict[str, str] = {}
    for output in outputs:
        place = next((name for name in free if kinds[name] == kinds.get(output)), None)
        if place is not None and output in elementwise:
            into[output] = place
            free.remove(place)
    inner = Recorder()
    inner.constants = recorder.constants
    inner.steps = [*tail, *[Step("", (), f"{at}.copy_({name})", (at, name), True) for name, at in into.items()]]
    others = [name for name in outputs if name not in into]
    _, function = written(inner, "update", inputs, f"[{', '.join(others)}]", set(others))
    update = _in_place(
        torch.compile(function, dynamic=False), [inputs.index(into[n]) if n in into else -1 for n in outputs]
    )
    text = f"{recorder.constant(update)}({', '.join(inputs)})"
    return [*steps[:start], Step(f"[{', '.join(outputs)}]", tuple(outputs), text, tuple(inputs), False)]


def _in_place(function: Callable[..., Any], places: list[int]) -> Callable[..., Any]:
    """Return a function of the same inputs, for all results: those that are written to inputs, and the others."""

    def update(*inputs: torch.Tensor) -> list[torch.Tensor]:
        others = iter(function(*inputs))
        return [next(others) if place < 0 else inputs[place] for place in places]

    return update


def fused(
    recorder: Recorder, calls: dict[str, Call], kinds: dict[str, Abstract], results: list[str], gradients: set[str]
) -> list[Step]:
    """Return the steps of a graph with these results, in another order and form; those until the last effect stay."""
    steps = recorder.live(set(results))
    start = max([place for place, step in enumerate(steps) if step.has_effect], default=-1) + 1
    tail = _ordered(steps[start:], results)
    inner = {step.targets: calls[step.targets] for step in tail if step.targets in calls}
    owned = gradients.difference(*[step.uses for step in steps[:start]])
    return steps[:start] + _Fusion(inner, kinds, results, owned).run(tail, recorder)
