"""The module that runs: its name, and whether `init` makes its variables.

Source: https://dm-haiku.readthedocs.io/en/latest/api.html#modules-parameters-and-state
"""

from typing import Any

from unified.compat.haiku.frame import assert_inside, current, local

__all__ = ["current_module", "current_name", "lifted_prefix", "module_name_of", "running_init"]


def current_module() -> Any:
    """Return the module whose method runs; `None` outside of modules."""
    calls = current().calls
    return calls[-1].module if calls else None


def module_name_of(module: Any) -> str:
    """Return a module's name; raise if it has none yet or is from outside a function that must not close over it."""
    if not hasattr(module, "module_name"):
        raise ValueError(
            f"{type(module).__name__} makes parameters or modules before it has a name: call "
            "`super().__init__(name=name)` first in its __init__"
        )
    if local.boundaries and module._frame_number < local.boundaries[-1]:
        raise ValueError(
            f"a function must not close over a module, here '{module.module_name}', that was made outside of it, if "
            "hk.transparent_lift or hk.layer_stack runs it: make the module in the function"
        )
    return module.module_name


def current_name() -> str:
    """Return the name of the running module or name scope; `~` outside of all.

    Returns:
        The path, joined by `/`.

    >>> import torch, unified.compat.haiku as hk
    >>> def forward(x):
    ...     with hk.name_scope("part"):
    ...         return hk.current_name()
    >>> hk.transform(forward, backend="torch").apply({}, None, torch.ones(1))
    'part'
    """
    assert_inside("current_name")
    module = current_module()
    return "~" if module is None else module_name_of(module)


def running_init() -> bool:
    """Return whether `init` runs, which creates the parameters; false in `apply`.

    >>> import torch, unified.compat.haiku as hk
    >>> net = hk.transform(lambda x: hk.running_init(), backend="torch")
    >>> net.apply(net.init(0, torch.ones(1)), None, torch.ones(1))
    False
    """
    if not local.frames:
        raise ValueError("`running_init` must be used as part of a transform: `hk.transform` makes one")
    return not current().frozen


def lifted_prefix() -> str | None:
    """Return the joined names of all lifted modules around in init; `None` without any, and in apply."""
    if current().frozen:
        return None
    prefixes = []
    for outer in local.frames:
        module = outer.calls[-1].module if outer.calls else None
        prefix = getattr(module, "lifting_prefix", None)
        if prefix:
            prefixes.append(prefix)
    return "".join(f"{prefix}/" for prefix in prefixes) or None
