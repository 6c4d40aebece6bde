"""What names say: the role of a value, and how alike two paths are."""

import re
from functools import cache

__all__ = ["is_recurrent", "numbers", "role", "similarity", "template"]

WORD = re.compile(r"[A-Z]+(?=[A-Z][a-z])|[A-Z]?[a-z]+|[A-Z]+|\d+")
# Words of one meaning, by the field's habits in both frameworks.
SYNONYMS = {
    "kernel": "weight", "w": "weight", "embedding": "weight", "table": "weight", "embeddings": "embed",
    "b": "bias", "beta": "bias", "offset": "bias", "shift": "bias",
    "gamma": "scale", "g": "scale",
    "running": "", "moving": "", "ema": "", "average": "", "mu": "mean",
    "avg": "mean", "variance": "var", "sigma": "var",
    "q": "query", "k": "key", "v": "value", "o": "out", "output": "out",
    "dense": "linear", "fc": "linear", "lin": "linear", "proj": "linear", "projection": "linear",
    "layernorm": "norm", "ln": "norm", "layer_norm": "norm", "bn": "norm", "batchnorm": "norm", "groupnorm": "norm",
    "rmsnorm": "norm", "gn": "norm", "convolution": "conv", "attn": "attention", "attend": "attention",
    "emb": "embed", "wte": "embed", "wpe": "position", "pos": "position", "positional": "position", "tok": "token",
    "token": "embed", "blocks": "block", "layers": "layer", "h": "layer", "dec": "decoder", "enc": "encoder",
    "shortcut": "downsample", "skip": "downsample", "logits": "head",
    "classifier": "head", "params": "", "batch": "", "stats": "", "state": "",
}  # fmt: skip
ROLES = {"weight": "weight", "bias": "bias", "scale": "scale", "mean": "mean", "var": "var"}
RECURRENT = re.compile(r"lstm|gru|rnn|weight_[ih]h|bias_[ih]h|recurrent", re.IGNORECASE)


@cache
def words(path: str) -> tuple[str, ...]:
    """Return the words of a path without numbers, those of one meaning made one.

    >>> words("params/Dense_0/kernel")
    ('linear', 'weight')
    """
    found = (SYNONYMS.get(word.lower(), word.lower()) for word in WORD.findall(path) if not word.isdigit())
    return tuple(word for word in found if word)


@cache
def numbers(path: str) -> tuple[int, ...]:
    """Return the numbers of a path."""
    return tuple(int(number) for number in re.findall(r"\d+", path))


@cache
def template(path: str) -> str:
    """Return the path with its numbers replaced by `#`."""
    return re.sub(r"\d+", "#", path)


@cache
def role(path: str, axes: int, separator: str) -> str:
    """Return `weight`, `bias`, `scale`, `mean` or `var` by the last name; empty if it does not say.

    Args:
        path: the value's path.
        axes: its number of axes that are longer than one: a weight with one axis is a scale.
        separator: what joins the names of paths.
    """
    for name in reversed(path.split(separator)[-3:]):
        for word in reversed([SYNONYMS.get(w.lower(), w.lower()) for w in WORD.findall(name)]):
            if word in ROLES:
                return "scale" if word == "weight" and axes <= 1 else ROLES[word]
    return ""


def similarity(one: str, two: str) -> float:
    """Return how alike the words and the numbers of two paths are, from 0 to 1."""
    return 0.7 * _overlap(words(one), words(two)) + 0.3 * _overlap(numbers(one), numbers(two))


def is_recurrent(path: str, layer: str) -> bool:
    """Return whether a value is a recurrent layer's, whose gates are parts of one array."""
    return bool(RECURRENT.search(path) or RECURRENT.search(layer))


def _overlap(one: tuple[object, ...], two: tuple[object, ...]) -> float:
    if not one and not two:
        return 1.0
    rest, common = list(two), 0
    for item in one:
        if item in rest:
            rest.remove(item)
            common += 1
    return 2 * common / (len(one) + len(two))
