"""Base values: weights for which two sides compute the same whichever of the candidates is right.

What may stand for each other has the same values, and what may be turned has values that do not change by turning. At
such a base the gradients of both sides are the same, and tell at once which weight is which.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np

from unified.compare.axes import Axes
from unified.compare.search.candidates import Candidates
from unified.compare.search.pairing import Pairing
from unified.compare.search.shapes import Shape

__all__ = ["base_values", "matched_values", "random_values"]

Node = tuple[int, Shape, str]  # the side, the shape and the role


def random_values(shape: Shape, role: str, scale: float, rng: np.random.Generator) -> np.ndarray:
    """Return values as an atom of that role may have: around one for scales, positive for variances."""
    noise = rng.standard_normal(shape)
    if role == "scale":
        return 1 + 0.2 * noise
    if role in ("var", "state"):  # which may be a variance
        return 1 + 0.5 * np.abs(noise)
    return (0.2 if role in ("bias", "mean") else scale) * noise


def matched_values(
    candidates: Candidates, pairing: Pairing, scales: Sequence[float], rng: np.random.Generator
) -> tuple[dict[int, np.ndarray], dict[int, np.ndarray]]:
    """Return random values of the matched atoms of both sides, by number, that the matches say are the same."""
    values: tuple[dict[int, np.ndarray], dict[int, np.ndarray]] = ({}, {})
    for match in pairing.matches:
        total: np.ndarray | None = None
        for i in match.first:
            atom = candidates.first[i]
            if not match.again:
                values[0][i] = random_values(atom.shape, atom.role, scales[i], rng)
            total = values[0][i] if total is None else total + values[0][i]
        assert total is not None
        spread = match.axes.forward(total)
        for number, j in enumerate(match.second):
            values[1][j] = spread if number == 0 else np.zeros_like(spread)
    return values


def base_values(
    candidates: Candidates, pairing: Pairing, scales: Sequence[float], rng: np.random.Generator
) -> tuple[dict[int, np.ndarray], dict[int, np.ndarray]]:
    """Return the values of the atoms of both sides, by number; atoms without a candidate are not among them."""
    values = matched_values(candidates, pairing, scales, rng)
    open_pairs = {
        pair: axes
        for pair, axes in candidates.pairs.items()
        if not pairing.has(0, pair[0]) and not pairing.has(1, pair[1])
    }
    for component in _components(candidates, open_pairs):
        members = [i for i, atom in enumerate(candidates.first) if (0, atom.shape, atom.role) in component]
        scale = float(np.mean([scales[i] for i in members])) if members else 1.0
        known = {role for _, _, role in component if role not in ("", "state")}
        is_state = any(role == "state" for _, _, role in component) or known >= {"mean", "var"}
        role = known.pop() if len(known) == 1 else "state" if is_state else ""
        arrays = _invariant(component, scale, role, rng)
        for i, j in open_pairs:
            one, two = candidates.first[i], candidates.second[j]
            for side, number, node in ((0, i, (0, one.shape, one.role)), (1, j, (1, two.shape, two.role))):
                if node in arrays:
                    values[side][number] = arrays[node]
    return values


Edges = dict[Node, dict[Node, tuple[Axes, ...]]]


def _components(candidates: Candidates, pairs: Mapping[tuple[int, int], tuple[Axes, ...]]) -> list[Edges]:
    """Return the shapes that candidates connect, each with the axes to those of the other side."""
    edges: Edges = {}
    for (i, j), axes in pairs.items():
        one, two = candidates.first[i], candidates.second[j]
        a, b = (0, one.shape, one.role), (1, two.shape, two.role)
        edges.setdefault(a, {})[b] = tuple(dict.fromkeys((*edges.get(a, {}).get(b, ()), *axes)))
        edges.setdefault(b, {})[a] = edges[a][b]
    left, components = dict.fromkeys(edges), []
    while left:
        queue = [next(iter(left))]
        component: Edges = {}
        while queue:
            node = queue.pop()
            if node in left:
                del left[node]
                component[node] = edges[node]
                queue += edges[node]
        components.append(component)
    return components


def _invariant(component: Edges, scale: float, role: str, rng: np.random.Generator) -> dict[Node, np.ndarray]:
    """Return an array for each shape, such that all axes between two shapes turn the one into the other."""
    start = next(iter(component))
    numbers = np.arange(int(np.prod(start[1])), dtype=np.int64)
    known = {start: numbers.reshape(start[1])}
    equal: list[tuple[np.ndarray, np.ndarray]] = []  # numbers whose values must be the same
    queue = [start]
    while queue:
        node = queue.pop()
        for other, axes in component[node].items():
            for each in axes:
                turned = each.forward(known[node]) if node[0] == 0 else each.backward(known[node])
                if other not in known:
                    known[other] = turned
                    queue.append(other)
                elif not np.array_equal(turned, known[other]):
                    equal.append((turned.ravel(), known[other].ravel()))
    labels = numbers.copy()
    for _ in range(200):
        before = labels.copy()
        for one, two in equal:
            smaller = np.minimum(labels[one], labels[two])
            labels[one] = smaller
            labels[two] = np.minimum(labels[two], smaller)
        labels = labels[labels]
        if np.array_equal(labels, before):
            break
    else:
        labels[:] = 0
    if role == "bias":  # sums of biases are the same as one
        by_label = np.zeros(numbers.size)
    else:
        by_label = random_values(numbers.shape, role, scale, rng)
    return {node: by_label[labels[array]] for node, array in known.items()}
