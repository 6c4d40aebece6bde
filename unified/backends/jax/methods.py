"""Methods of JAX's arrays that others lack, for notes on errors; read also where JAX is not there."""

__all__ = ["CONVERSION", "METHODS"]

# What to write for each on every framework.
METHODS = {
    "astype": "unp.astype(x, dtype)",
    "at": "unp.at(x, index)",
}

CONVERSION = "jax.numpy.asarray(x)"  # of an array of NumPy, where JAX's functions take no others
