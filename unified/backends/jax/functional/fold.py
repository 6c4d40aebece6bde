"""Sliding windows and rearrangements."""

__all__: list[str] = []
