"""Sliding windows, and channels moved to pixels and back."""
