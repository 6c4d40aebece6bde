"""What all backends compute of dropout: which values share one draw, and what alpha dropout keeps constant."""

import math

from unified.core.layouts import batch_rank, is_channels_last

__all__ = ["alpha_constants", "channel_mask", "check_dropout"]

# Dimensions of an input without a batch; `dropout2d` takes three for a batch of sequences, as torch does.
UNBATCHED = {"dropout1d": 2, "dropout2d": 0, "dropout3d": 4, "feature_alpha_dropout": 0}
RANKS = {"dropout1d": (2, 3), "dropout2d": (3, 4), "dropout3d": (4, 5)}


def check_dropout(p: float) -> None:
    """Raise `ValueError` unless `p` is a probability."""
    if not 0 <= p <= 1:
        raise ValueError(f"a dropout probability lies between 0 and 1, got {p!r}")


def channel_mask(name: str, shape: tuple[int, ...], data_format: str | None = None) -> tuple[int, ...]:
    """The shape of the mask, of which each value stands for a whole channel."""
    if data_format is not None:
        return _mask_of_layout(name, shape, data_format)
    ranks = RANKS.get(name)
    if (ranks is not None and len(shape) not in ranks) or len(shape) < 2:
        wanted = " or ".join(map(str, ranks)) if ranks else "at least 2"
        raise ValueError(f"{name} drops channels of an input of {wanted} dimensions, got shape {shape}")
    kept = 1 if len(shape) == UNBATCHED[name] else 2
    return shape[:kept] + (1,) * (len(shape) - kept)


def _mask_of_layout(name: str, shape: tuple[int, ...], data_format: str) -> tuple[int, ...]:
    if name not in RANKS:  # (N, ..., C)
        rank = 1
    else:
        rank = batch_rank(name, shape, max(RANKS[name]) - 2, data_format)
    spatial = (1,) * (len(shape) - rank - 1)
    return (*shape[:rank], *spatial, shape[-1]) if is_channels_last(data_format) else (*shape[: rank + 1], *spatial)


def alpha_constants(p: float) -> tuple[float, float, float]:
    """`scale`, `dropped` and `shift`: values become `scale * x + shift`, or `dropped` with probability `p`.

    They keep mean 0 and variance 1 of what a SELU returns, whose least value is `-alpha` (Klambauer et al., 2017).
    """
    if p == 1:
        return 0.0, 0.0, 0.0
    alpha = 1.7580993408473766
    scale = 1 / math.sqrt((1 - p) * (1 + p * alpha**2))
    shift = scale * alpha * p
    return scale, shift - scale * alpha, shift
