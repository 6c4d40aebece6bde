"""A summary of a model: a table of its layers."""

from dataclasses import dataclass
from typing import Any

from unified.core.checkpoint.files import numpy_dtype
from unified.core.layer import Layer
from unified.core.lifted.outside import OBJECTS, wrap_objects
from unified.core.model import Model
from unified.core.node import Node
from unified.core.params import Params
from unified.core.structure import VariableInfo

__all__ = ["Summary", "SummaryRow", "amount", "bytes_of", "summarize"]


@dataclass(frozen=True)
class SummaryRow:
    """A call of a layer or module.

    Attributes:
        path: its path in the model.
        kind: the name of its class.
        outputs: the shapes of the arrays that it returned.
        parameters: the number of elements of its parameters, including those below it.
        bytes: the size of all its variables, including those below it, in bytes; of the dtypes that the model
            declares, on both frameworks, though JAX keeps integers of 64 bits in 32.
        flops: the operations in its matrix products, without those of the layers it calls; `None` if unknown.
        times: the number of calls that the row counts for: those of all steps of a loop, or all elements of a `vmap`.
    """

    path: str
    kind: str
    outputs: list[tuple[int, ...]]
    parameters: int
    bytes: int
    flops: int | None
    times: int = 1


@dataclass(frozen=True)
class Summary:
    """The rows of a model in the order of its calls, and their totals. Prints as a table."""

    rows: list[SummaryRow]
    parameters: int
    trainable: int
    bytes: int

    @property
    def flops(self) -> int:
        """The operations in the products of all layers for which they are known."""
        return sum(row.flops or 0 for row in self.rows)

    def __str__(self) -> str:
        cells = [
            [
                row.path or ("(the module)" if row.kind else "(the function)"),
                row.kind if row.times == 1 else f"{row.times} x {row.kind}",
                " ".join("x".join(map(str, shape)) or "1" for shape in row.outputs),
                f"{row.parameters:,}",
                amount(row.bytes, 1024, "B"),
                "?" if row.flops is None else amount(row.flops, 1000, ""),
            ]
            for row in self.rows
        ]
        head = ["path", "class", "output", "parameters", "size", "FLOPs"]
        widths = [max(map(len, column)) for column in zip(head, *cells, strict=True)]
        lines = [_line(row, widths) for row in (head, ["─" * width for width in widths], *cells)]
        unknown = " at least" if any(row.flops is None for row in self.rows) else ""
        lines.append(
            f"{self.parameters:,} parameters, {self.trainable:,} of them trainable; "
            f"{amount(self.bytes, 1024, 'B')} of variables;{unknown} {amount(self.flops, 1000, '')} FLOPs in products"
        )
        return "\n".join(lines)

    __repr__ = __str__


def _line(cells: list[str], widths: list[int]) -> str:
    padded = [f"{c:<{w}}" if i < 3 else f"{c:>{w}}" for i, (c, w) in enumerate(zip(cells, widths, strict=True))]
    return "  ".join(padded).rstrip()


def amount(number: int, step: int, unit: str) -> str:
    """Return a number with about three digits and a unit prefix: `1.5 MB`."""
    value = float(number)
    for prefix in ("", "k", "M", "G", "T"):
        if value < step or prefix == "T":
            return f"{value:.3g} {prefix}{unit}".rstrip()
        value /= step
    raise AssertionError


def summarize(model: Any, *args: Any, **kwargs: Any) -> Summary:
    """Return the summary of a model; see `unified.summary`."""
    if not isinstance(model, Model):
        if not wrap_objects("calls", model, (), {}):
            raise TypeError(
                f"summary takes a model of unified.transform, an object of unified.nn or a module of PyTorch, got a "
                f"{type(model).__name__}: unified.display(params) shows the variables of a tree, "
                "params = unified.trees.params(model), and unified.explicit.display(graph, params) those of a graph"
            )
        params, described = OBJECTS["calls"](model, args, kwargs)
    else:
        params, calls = model.calls(*args, **kwargs)
        nodes = [(call, params.graph[call.path]) for call in calls]
        described = [(call, getattr(node.cls, "__name__", ""), _flops(node, call)) for call, node in nodes]
    rows = []
    for call, kind, flops in described:
        parameters, size = _sizes_below(params, call.path)
        rows.append(SummaryRow(call.path, kind, call.outputs, parameters, size, flops, call.times))
    parameters, size = _sizes_below(params, "")
    trainable = sum(info.size for info in params.info.values() if info.trainable)
    return Summary(rows, parameters, trainable, size)


def bytes_of(info: VariableInfo) -> int:
    """Return the bytes of a variable."""
    return info.size * numpy_dtype(info.dtype).itemsize


def _sizes_below(params: Params, path: str) -> tuple[int, int]:
    """Return the number of parameter elements below a path, and the bytes of all variables there."""
    below = [info for info in params.info.values() if not path or info.path.startswith(f"{path}/")]
    return (
        sum(info.size for info in below if info.collection == "params"),
        sum(map(bytes_of, below)),
    )


def _flops(node: Node, call: Any) -> int | None:
    if not isinstance(node.cls, type) or not issubclass(node.cls, Layer):
        return 0
    if node.cls is not node.cls._declaration:
        return None  # a user's subclass may compute anything
    flops = node.cls.flops(dict(node.arguments), call.inputs, call.outputs)
    return None if flops is None else flops * call.times
