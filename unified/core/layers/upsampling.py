"""Resizing images."""

__all__: list[str] = []
