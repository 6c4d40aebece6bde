"""Forms of norms: over which axes, with which epsilon, with which variance."""

from __future__ import annotations

import numpy as np

from unified.compare.depth.causes.forms import Form
from unified.compare.depth.causes.subject import Subject

__all__ = ["norm_forms"]

EPSILONS = (0.0, 1e-12, 1e-8, 1e-6, 1e-5, 1e-3, 1e-2)


def norm_forms(subject: Subject) -> list[Form]:
    """Return the forms of a norm."""
    if "norm" not in subject.kinds or not subject.given or subject.given[0].ndim < 2:
        return []
    x = subject.given[0]
    own = [settings.get(name) for settings in subject.settings for name in ("eps", "epsilon")]
    epsilons = sorted({*EPSILONS, *(value for value in own if isinstance(value, float))})
    channel = x.ndim - 1 if subject.channels_last or x.ndim == 2 else 1
    weight = subject.weight("weight", "scale", "gamma")
    bias = subject.weight("bias", "offset", "beta", number=2)
    forms = []
    for statistics, (mean, variance, axis) in _statistics(subject, x, channel).items():
        shape = [1] * x.ndim
        shape[axis] = x.shape[axis]
        for epsilon in epsilons:
            with np.errstate(divide="ignore", invalid="ignore"):
                output = (x - mean) / np.sqrt(variance + epsilon)
            for array, scale in ((weight, True), (bias, False)):
                if array is not None and array.size == x.shape[axis]:
                    output = output * array.reshape(shape) if scale else output + array.reshape(shape)
            forms.append(Form((("epsilon", f"{epsilon:g}"), ("statistics", statistics)), output))
    return forms


def _statistics(subject: Subject, x: np.ndarray, channel: int) -> dict[str, tuple[np.ndarray, np.ndarray, int]]:
    """Return mean, variance and the axis of the weights, for each way that is possible."""
    running = [
        next((subject.values[name] for name in names if name in subject.values), None)
        for names in (("running_mean", "mean"), ("running_var", "var"))
    ]
    found: dict[str, tuple[np.ndarray, np.ndarray, int]] = {}
    last = x.ndim - 1
    if running[0] is not None and running[1] is not None and running[0].size == x.shape[channel]:
        shape = [1] * x.ndim
        shape[channel] = x.shape[channel]
        found["running"] = (running[0].reshape(shape), running[1].reshape(shape), channel)
        axes = tuple(axis for axis in range(x.ndim) if axis != channel)
        found["of the batch"] = (x.mean(axes, keepdims=True), x.var(axes, keepdims=True), channel)
        return found
    found["of the last axis"] = (x.mean(-1, keepdims=True), x.var(-1, keepdims=True), last)
    found["without the mean"] = (np.zeros(()), np.square(x).mean(-1, keepdims=True), last)
    if x.shape[-1] > 1:
        found["of the last axis, unbiased"] = (x.mean(-1, keepdims=True), x.var(-1, keepdims=True, ddof=1), last)
    groups = subject.setting("num_groups", "groups", "group_count")
    if isinstance(groups, int) and groups and x.shape[channel] % groups == 0:
        moved = np.moveaxis(x, channel, 1)
        grouped = moved.reshape(len(x), groups, -1)
        per = x.shape[channel] // groups
        spread = [
            np.repeat(f(grouped, axis=-1), per, axis=1).reshape([len(x), -1] + [1] * (x.ndim - 2))
            for f in (np.mean, np.var)
        ]
        found["of groups"] = (np.moveaxis(spread[0], 1, channel), np.moveaxis(spread[1], 1, channel), channel)
    return found
