"""Resizing and sampling images."""

__all__: list[str] = []
