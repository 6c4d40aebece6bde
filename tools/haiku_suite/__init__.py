"""dm-haiku's own tests, with `unified.compat.haiku` in place of dm-haiku: `python -m tools.haiku_suite`."""
