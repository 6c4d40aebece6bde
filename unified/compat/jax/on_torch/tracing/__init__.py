"""Tracing: a function of tensors runs once, on arrays without values, and becomes a graph of calls to replay.

* `abstract`: arrays without values, which stand for real ones during a trace.
* `state`: which traces the running thread is in.
* `trace`: one run of a function, which records the calls of torch.
* `graph`: what a trace leaves, a Python function of plain calls.
* `nodes`: recording more than a single call of torch: opaque functions, and transforms of traced ones.
"""

from unified.compat.jax.on_torch.tracing.abstract import Abstract, abstract_of, is_tracer
from unified.compat.jax.on_torch.tracing.graph import Graph
from unified.compat.jax.on_torch.tracing.nodes import higher_order, known, opaque, primitive, selected
from unified.compat.jax.on_torch.tracing.state import current, is_tracing, level, outside, trace_state
from unified.compat.jax.on_torch.tracing.trace import Reference, Trace, traced

__all__ = [
    "Abstract",
    "Graph",
    "Reference",
    "Trace",
    "abstract_of",
    "current",
    "higher_order",
    "is_tracer",
    "is_tracing",
    "known",
    "level",
    "opaque",
    "outside",
    "primitive",
    "selected",
    "trace_state",
    "traced",
]
