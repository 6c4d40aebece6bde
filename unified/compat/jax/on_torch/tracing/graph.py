"""What a trace leaves: calls in order, written out as a Python function."""

from collections.abc import Callable
from typing import Any, NamedTuple

__all__ = ["Graph", "Recorder", "Step", "has_effect"]


class Step(NamedTuple):
    """One statement: `targets = text`.

    Attributes:
        targets: the left side; empty for a call without a result.
        defines: the variables in it.
        text: the right side.
        uses: the variables in that.
        has_effect: whether it stays though nothing uses its result.
    """

    targets: str
    defines: tuple[str, ...]
    text: str
    uses: tuple[str, ...]
    has_effect: bool


def has_effect(*functions: Any) -> bool:
    """Return whether calls of functions of graphs, or of what is made of them, matter where no result is used."""
    return any(getattr(function, "has_effect", False) for function in functions)


class Recorder:
    """The statements of a trace so far, and the objects that they name."""

    def __init__(self) -> None:
        self.steps: list[Step] = []
        self.constants: dict[str, Any] = {}
        self.names: dict[int, str] = {}  # of constants, by identity
        self.count = 0

    def variable(self) -> str:
        self.count += 1
        return f"v{self.count}"

    def constant(self, value: Any) -> str:
        """Return the name of an object in the code."""
        name = self.names.get(id(value))
        if name is None:
            labels = getattr(value, "__name__", ""), type(value).__name__  # a class may be called `dtype[bfloat16]`
            label = next((one for one in labels if isinstance(one, str) and one.isidentifier()), "value")
            name = f"{label.strip('_')}_{len(self.constants)}"
            self.names[id(value)], self.constants[name] = name, value
        return name

    def live(self, results: set[str]) -> list[Step]:
        """Return the steps that results and effects need."""
        needed, kept = set(results), []
        for step in reversed(self.steps):
            if step.has_effect or not needed.isdisjoint(step.defines):
                needed.update(step.uses)
                kept.append(step)
        return kept[::-1]

    def reached(self, names: list[str]) -> set[str]:
        """Return the variables that depend on these."""
        found = set(names)
        for step in self.steps:
            if not found.isdisjoint(step.uses):
                found.update(step.defines)
        return found


class Graph:
    """A function of tensors as plain calls of torch.

    Attributes:
        name: what was traced.
        captures: the values that the function closed over; an outer trace's are its tracers.
        result: the nested tuples and lists that it returns, with an `Abstract` for each array.
        source: the code.
        function: takes the captures, then the inputs.
    """

    def __init__(self, name: str, captures: list[Any], result: Any, source: str, function: Callable[..., Any]) -> None:
        self.name, self.captures, self.result = name, captures, result
        self.source, self.function = source, function
        self.varying: list[bool] = []  # for each array of the result, whether it depends on an input
        self.extra: Any = None  # what whoever traced it keeps beside it, such as the structure of the output

    def __call__(self, *tensors: Any) -> Any:
        return self.function(*self.captures, *tensors)


def written(recorder: Recorder, label: str, parameters: list[str], output: str, results: set[str]) -> tuple[str, Any]:
    """Return the code of a function, and the function; variables are deleted after their last use."""
    steps = recorder.live(results)
    last: dict[str, int] = {}
    for place, step in enumerate(steps):
        for name in (*step.defines, *step.uses):
            last[name] = place
    dying: dict[int, list[str]] = {}
    for name, place in last.items():
        if name not in results and name not in parameters and name not in recorder.constants:
            dying.setdefault(place, []).append(name)
    function_name = "".join(c if c.isalnum() else "_" for c in label)
    function_name = function_name if function_name.isidentifier() else f"_{function_name}"
    lines = [f"def {function_name}({', '.join(parameters)}):"]
    for place, step in enumerate(steps):
        lines.append(f"    {step.targets} = {step.text}" if step.targets else f"    {step.text}")
        if place in dying:
            lines.append(f"    del {', '.join(dying[place])}")
    lines.append(f"    return {output}")
    source = "\n".join(lines)
    namespace = dict(recorder.constants)
    exec(compile(source, f"<{label}>", "exec"), namespace)
    return source, namespace[function_name]
