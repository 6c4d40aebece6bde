"""torchvision and transformers, also where torchvision's compiled operators cannot be loaded.

torchvision's wheels on PyPI are built for CUDA: beside a torch for CPUs its library of operators does not load, and the
import fails where it names two of them. Its classifiers use none, so that declaring those two is enough.
"""

from typing import Any

import pytest
import torch

_LIBRARY: list[Any] = []  # a library of torch lives as long as its object


def _name_operators() -> None:
    if not _LIBRARY:
        _LIBRARY.append(torch.library.Library("torchvision", "FRAGMENT"))
        for name in ("nms", "qnms"):
            _LIBRARY[0].define(f"{name}(Tensor dets, Tensor scores, float iou_threshold) -> Tensor")


def torchvision_models() -> Any:
    """Return `torchvision.models`; skip the test module without it."""
    return _import("torchvision.models")


def transformers() -> Any:
    """Return `transformers`, which imports torchvision where it is installed; skip the test module without it."""
    return _import("transformers")


def _import(name: str) -> Any:
    try:
        import torchvision  # noqa: F401
    except ImportError:
        pass
    except RuntimeError:
        _name_operators()
    return pytest.importorskip(name)
