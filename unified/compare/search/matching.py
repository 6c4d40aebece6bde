"""Matching: atoms are paired by their gradients, and by names and order where gradients do not tell."""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from unified.compare.axes import Axes
from unified.compare.search.bases import base_values, matched_values
from unified.compare.search.candidates import Candidates
from unified.compare.search.pairing import Match, Pairing
from unified.compare.search.signals import AGREES, EQUAL, Probe, Signals

__all__ = ["matched", "verified"]

STRONG = 0.01  # the gradient of a weight that outputs clearly depend on, beside the largest
BESIDE = -0.1  # how unlikely a pair is at most whose modules are matched
ROUNDS = 12
MOST_COPIES = 200  # pairs of atoms of which each may be half of a tied weight
MOST_PERTURBED = 400  # pairs of which each is a run of both sides

Values = tuple[dict[int, np.ndarray], dict[int, np.ndarray]]

Option = tuple[float, float, int, int, Axes]  # the gradients' distance, how unlikely, two atoms and axes


def matched(candidates: Candidates, probe: Probe, scales: Sequence[float]) -> Pairing:
    """Return a pairing of the atoms: those that gradients tell apart first, round by round."""
    pairing = Pairing()
    rng = np.random.default_rng(0)
    for _ in range(ROUNDS):
        signals = probe.at(base_values(candidates, pairing, scales, rng))
        progress = _settled(candidates, pairing, signals)
        _sums(candidates, pairing, signals)
        progress |= _copies(candidates, pairing, signals)
        if not _open(candidates, pairing, signals):
            break
        if not progress and not _likeliest(candidates, pairing, signals):
            break
    _by_perturbing(candidates, pairing, probe, base_values(candidates, pairing, scales, rng))
    _by_names(candidates, pairing)
    return pairing


def _open(candidates: Candidates, pairing: Pairing, signals: Signals) -> list[tuple[int, int]]:
    """Return the pairs of unmatched atoms that have gradients."""
    return [
        (i, j)
        for i, j in candidates.pairs
        if not pairing.has(0, i) and not pairing.has(1, j) and not signals.silent(0, i) and not signals.silent(1, j)
    ]


def _options(candidates: Candidates, pairing: Pairing, signals: Signals) -> list[Option]:
    modules = _modules(candidates, pairing)
    found = []
    for i, j in _open(candidates, pairing, signals):
        if signals.far(i, j):
            continue
        prior = candidates.prior(i, j, modules)
        for position, axes in enumerate(candidates.pairs[i, j]):
            found.append((signals.gap(i, j, axes), prior + 0.02 * position, i, j, axes))
    return sorted(found, key=lambda option: option[:4])


def _settled(candidates: Candidates, pairing: Pairing, signals: Signals) -> bool:
    """Match atoms whose gradients are equal, and equal to no other's; return whether there were any."""
    options = _options(candidates, pairing, signals)
    of_first: dict[int, list[Option]] = {}
    of_second: dict[int, list[Option]] = {}
    for option in options:
        of_first.setdefault(option[2], []).append(option)
        of_second.setdefault(option[3], []).append(option)
    progress = False
    for option in options:
        gap, _, i, j, axes = option
        if gap > EQUAL or pairing.has(0, i) or pairing.has(1, j):
            continue
        rivals = [*of_first[i][:8], *of_second[j][:8]]
        bound = max(4 * gap, 2e-3)
        if all(rival[2:] == option[2:] or rival[0] > bound or _summed(candidates, option, rival) for rival in rivals):
            pairing.add(Match((i,), (j,), axes, "running"))
            progress = True
    return progress


def _summed(candidates: Candidates, option: Option, rival: Option) -> bool:
    """Return whether two biases of one layer stand against the same atom: its value is their sum."""
    if option[3] == rival[3] and option[4] == rival[4]:
        one, two = candidates.first[option[2]], candidates.first[rival[2]]
    elif option[2] == rival[2] and option[4] == rival[4]:
        one, two = candidates.second[option[3]], candidates.second[rival[3]]
    else:
        return False
    return one.parent == two.parent and one.role in ("bias", "") and two.role in ("bias", "")


def _sums(candidates: Candidates, pairing: Pairing, signals: Signals) -> None:
    """Add atoms to a match whose gradient they share: the sum of two biases has that of both."""
    for side in (0, 1):
        for (i, j), axes in candidates.pairs.items():
            left, right = (i, j) if side == 0 else (j, i)
            if pairing.has(side, left) or not pairing.has(1 - side, right) or signals.silent(side, left):
                continue
            if signals.silent(1 - side, right):
                continue
            position = next(n for n, m in enumerate(pairing.matches) if right in (m.second if side == 0 else m.first))
            match = pairing.matches[position]
            others = match.first if side == 0 else match.second
            if len(match.second if side == 0 else match.first) > 1 or match.axes not in axes:
                continue
            atoms = candidates.first if side == 0 else candidates.second
            if atoms[others[0]].parent != atoms[left].parent or atoms[others[0]].role not in ("bias", ""):
                continue
            if signals.gap(i, j, match.axes) <= EQUAL:
                pairing.join(position, side, left)


def _copies(candidates: Candidates, pairing: Pairing, signals: Signals) -> bool:
    """Match one atom of the first side to two of the second, whose gradients sum to its own: a weight that is tied."""
    options: dict[int, list[int]] = {}
    if signals.distance > AGREES:
        return False
    for i, j in _open(candidates, pairing, signals):
        options.setdefault(i, []).append(j)
    progress = False
    for i, atoms in options.items():
        ways = [(j, axes) for j in atoms for axes in candidates.pairs[i, j]]
        for (one, axes), (two, other) in itertools.islice(itertools.combinations(ways, 2), MOST_COPIES):
            if one == two or pairing.has(0, i) or pairing.has(1, one) or pairing.has(1, two):
                continue
            parts = axes.backward(signals.gradients[1][one]), other.backward(signals.gradients[1][two])
            if np.linalg.norm(parts[0] + parts[1] - signals.gradients[0][i]) <= EQUAL * signals.size(0, i):
                pairing.add(Match((i,), (one,), axes, "running"))
                pairing.add(Match((i,), (two,), other, "running", again=True))
                progress = True
    return progress


def _likeliest(candidates: Candidates, pairing: Pairing, signals: Signals) -> bool:
    """Match pairs of equal gradients whose neighbours are matched, or else the likeliest; return whether there was any.

    The likeliest is so by gradient, names and order.
    """
    options = _options(candidates, pairing, signals)
    if not options:
        return False
    equal = sorted((option for option in options if option[0] <= EQUAL), key=lambda option: option[1:4])
    chosen = [option for option in equal if option[1] < BESIDE]
    if not chosen:
        chosen = equal[:1] or [min(options, key=lambda option: option[0] + option[1])]
    for _, _, i, j, axes in chosen:
        if not pairing.has(0, i) and not pairing.has(1, j):
            pairing.add(Match((i,), (j,), axes, "names"))
    return True


def _by_perturbing(candidates: Candidates, pairing: Pairing, probe: Probe, base: Values) -> None:
    """Match state of which names say too little: each is changed alone, and what changes in the outputs compared.

    So is every value, if a side cannot be differentiated.
    """
    pairs = [
        (i, j)
        for i, j in candidates.pairs
        if not pairing.has(0, i) and not pairing.has(1, j) and candidates.first[i].used and candidates.second[j].used
        if probe.without_gradients or not candidates.first[i].trained
    ]
    if not probe.without_gradients and not any(
        "state" in (candidates.first[i].role, candidates.second[j].role) for i, j in pairs
    ):
        return
    if len(pairs) > MOST_PERTURBED:
        return
    before = [probe.outputs(number, base[number]) for number in (0, 1)]
    changes: dict[tuple[int, int, int], list[np.ndarray]] = {}

    def change(number: int, atom: int, position: int, values: np.ndarray) -> list[np.ndarray]:
        key = (number, atom, position)
        if key not in changes:
            after = probe.outputs(number, {**base[number], atom: values})
            changes[key] = [a - b for a, b in zip(after, before[number], strict=True) if a.dtype.kind == "f"]
        return changes[key]

    options = []
    for i, j in pairs:
        noise = np.random.default_rng(5).random(candidates.first[i].shape)
        values = base[0][i] * (1 + 0.5 * noise)
        prior = candidates.prior(i, j, _modules(candidates, pairing))
        for position, axes in enumerate(candidates.pairs[i, j]):
            one, two = change(0, i, 0, values), change(1, j, position, axes.forward(values))
            size = max((float(np.linalg.norm(a)) for a in one), default=0.0)
            gaps = [float(np.linalg.norm(a - b)) for a, b in zip(one, two, strict=False) if a.shape == b.shape]
            if size:
                options.append((max(gaps, default=size) / size, prior, i, j, axes))
    for gap, _, i, j, axes in sorted(options, key=lambda option: option[:4]):
        if gap <= EQUAL and not pairing.has(0, i) and not pairing.has(1, j):
            pairing.add(Match((i,), (j,), axes, "running"))


def _by_names(candidates: Candidates, pairing: Pairing) -> None:
    """Match what has no gradient, or none that helps, by names, order and what its neighbours are matched to."""
    while True:
        modules = _modules(candidates, pairing)
        rest = [
            (candidates.prior(i, j, modules), i, j)
            for i, j in candidates.pairs
            if not pairing.has(0, i) and not pairing.has(1, j)
        ]
        rest = [option for option in rest if option[0] < 1.2]
        if not rest:
            return
        _, i, j = min(rest)
        pairing.add(Match((i,), (j,), _usual_axes(candidates, pairing, i, j), "names"))


def _usual_axes(candidates: Candidates, pairing: Pairing, i: int, j: int) -> Axes:
    """Return the axes that other atoms of these shapes have, or the likeliest."""
    axes = candidates.pairs[i, j]
    one, two = candidates.first[i].shape, candidates.second[j].shape
    for match in pairing.matches:
        same = candidates.first[match.first[0]].shape == one and candidates.second[match.second[0]].shape == two
        if same and match.axes in axes:
            return match.axes
    return axes[0]


def _modules(candidates: Candidates, pairing: Pairing) -> set[tuple[str, str]]:
    """Return the pairs of modules, and of their parts, of which some values are matched."""
    found = set()
    for match in pairing.matches:
        for i in match.first:
            for j in match.second:
                one, two = candidates.first[i], candidates.second[j]
                found.add((one.module, two.module))
                found.add((f"{one.module}#{one.part}", f"{two.module}#{two.part}"))
    return found


def verified(
    candidates: Candidates, pairing: Pairing, probe: Probe, scales: Sequence[float]
) -> tuple[list[Match], float, Signals]:
    """Run both sides at random values that the matches say are the same.

    Returns:
        The matches with their evidence, how far the outputs are apart, and the signals.
    """
    rng = np.random.default_rng(2)
    values = matched_values(candidates, pairing, scales, rng)
    signals = probe.at(values)
    result = []
    for match in pairing.matches:
        i, j = match.first[0], match.second[0]
        if not candidates.first[i].trained:
            # State has no gradient: with random values on both sides, outputs agree only if the right ones are equal.
            told = signals.distance <= AGREES and candidates.first[i].used
        else:
            heard = not signals.silent(0, i) and not signals.silent(1, j)
            # Where outputs agree, a gradient may lack what a framework leaves out, as an embedding's padding.
            strong = signals.distance <= AGREES and signals.size(0, i) >= STRONG * signals.largest
            told = heard and (strong or signals.gap(i, j, match.axes) <= EQUAL)
        result.append(replace(match, evidence="running" if told else "names"))
    told_apart = {(i, j) for match in result if match.evidence == "running" for i in match.first for j in match.second}
    doubtful = {match for match in result if match.evidence != "running"}
    result = [
        replace(match, alternatives=_alternatives(candidates, pairing, match, told_apart))
        if match in doubtful
        else match
        for match in result
    ]
    return result, signals.distance, signals


def _alternatives(
    candidates: Candidates, pairing: Pairing, match: Match, told: set[tuple[int, int]]
) -> tuple[str, ...]:
    """Return what a match could be as well: atoms that nothing tells from its own, and other axes."""
    i, j = match.first[0], match.second[0]
    modules = _modules(candidates, pairing)
    chosen = candidates.prior(i, j, modules)
    settled = {number for _, number in told}
    others = [
        str(candidates.second[other].piece)
        for one, other in candidates.pairs
        if one == i and other != j and other not in settled and candidates.prior(i, other, modules) - chosen < 0.05
    ]
    one, two = candidates.first[i].shape, candidates.second[j].shape
    usual = any(candidates.first[a].shape == one and candidates.second[b].shape == two for a, b in told)
    axes = [] if usual else [each.text or "unchanged" for each in candidates.pairs[i, j] if each != match.axes]
    return (*others, *(f"axes {text}" for text in axes))
