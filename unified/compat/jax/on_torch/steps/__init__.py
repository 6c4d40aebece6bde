"""`unified.jit` on torch, of functions outside of a body: traced once for each kind of arguments, and replayed.

* `trace`: one run of a function of tensors on arrays without values; gradients are a graph within its graph.
* `fusing`: the calls of a graph in an order and in a form that cost less: torch's fused kernels, memory used again.
* `reasons`: why a function runs as it is, for the log `unified.jit`.
* `surroundings`: what a function could change besides its results, which a trace puts back.
* `cache`: the kinds of arguments, and the calls. The modules that ran in a trace must still be as they were.

`compat/loader/view.py` registers it with `unified.backends.torch.staging`.
"""
