"""The own tests of JAX's libraries, run on torch: `python -m tools.library_suites optax`."""
