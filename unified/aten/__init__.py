"""Programs of ATen, torch's operators, on JAX: what `unified.from_torch` is made of.

`torch.export` writes a call of an `nn.Module` as a list of ATen operators (`exporting`); each is a function of
`jax.numpy` in the table of `operators/`, and `module` is the model that runs them. Importing this package imports
neither framework.
"""
