"""`torch.nn`'s names for layers whose input size is taken from the first input."""

__all__: list[str] = []
