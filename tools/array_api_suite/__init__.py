"""The array API standard's own tests, run on `unified.numpy` with each framework: `python -m tools.array_api_suite`."""
