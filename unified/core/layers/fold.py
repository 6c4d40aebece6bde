"""Sliding windows, and channels moved to pixels and back."""

__all__: list[str] = []
