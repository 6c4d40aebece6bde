"""Tests that a model is the same on all frameworks: `assert_parity`, and the pytest fixture `unified_backend`."""

from unified.testing.parity import ParityError, assert_parity

__all__ = ["ParityError", "assert_parity"]
