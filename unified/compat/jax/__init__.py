"""Parts of the JAX API that model code uses, on either framework: JAX itself on JAX, the same by PyTorch on torch.

So far it holds `random`.
"""
