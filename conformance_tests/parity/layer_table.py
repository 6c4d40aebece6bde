"""The supported part of `torch.nn`, as Markdown, from the declarations of the layers and the cases of the suite.

`make generate` writes it to `docs/layers.md`.
"""

import inspect
import re
from pathlib import Path

import torch

import unified.functional as F
from conformance_tests.parity.calls import CALLS
from conformance_tests.parity.cases import CASES
from tools.layers import families, title
from unified.backends.jax.layers import native_class
from unified.core import layers
from unified.core.errors import BackendError

__all__ = ["MISSING_FUNCTIONS", "MISSING_LAYERS", "files", "missing_functions", "missing_layers"]

ROOT = Path(__file__).parents[2]
PAGE = ROOT / "docs" / "layers.md"

MISSING_LAYERS = {
    "NLLLoss2d": "deprecated by torch: `NLLLoss`",
    "Container": "an old name for `Module`",
    "DataParallel": "wraps a whole model: use torch's own around the model",
    "ModuleDict": "a dict of layers is a plain dict",
    "ModuleList": "a list of layers is a plain list",
    "ParameterDict": "`unified.get_parameter` in the body",
    "ParameterList": "`unified.get_parameter` in the body",
    "RNNBase": "the base of `RNN`, `LSTM` and `GRU`",
    "RNNCellBase": "the base of the cells",
}

MISSING_FUNCTIONS = {
    "*_": "overwrites its argument: use the name without `_`",
    "*_with_indices": "`return_indices=True`",
    "assert_int_or_pair": "not a function of arrays",
    "boolean_dispatch": "not a function of arrays",
    "*has_torch_function*": "not a function of arrays",
    "handle_torch_function": "not a function of arrays",
    "conv_tbc": "no layer needs it: `conv1d` with the axes moved",
    "grouped_mm": "no layer needs it; CUDA only",
    "scaled_grouped_mm": "no layer needs it; CUDA only",
    "scaled_mm": "no layer needs it; float8 on CUDA",
    "native_channel_shuffle": "`channel_shuffle`",
    "upsample": "deprecated by torch: `interpolate`",
    "upsample_bilinear": "deprecated by torch: `interpolate`",
    "upsample_nearest": "deprecated by torch: `interpolate`",
}


def missing_layers() -> list[str]:
    """Return the layers of `torch.nn` that are not supported."""
    classes = [name for name, value in vars(torch.nn).items() if inspect.isclass(value)]
    modules = [name for name in classes if issubclass(getattr(torch.nn, name), torch.nn.Module) and name != "Module"]
    return sorted(set(modules) - set(layers.__all__))


def missing_functions() -> list[str]:
    """Return the functions of `torch.nn.functional` that are not supported."""
    names = [name for name, value in vars(torch.nn.functional).items() if callable(value)]
    public = [name for name in names if name[0].islower() and not inspect.isclass(getattr(torch.nn.functional, name))]
    return sorted(set(public) - set(F.__all__) - {"importlib"})


def reason(name: str, reasons: dict[str, str]) -> str | None:
    """Return the reason why `name` is missing; a `*` in a key of `reasons` matches any letters."""
    for pattern, text in reasons.items():
        if re.fullmatch(pattern.replace("*", ".*"), name):
            return text
    return None


def _families() -> dict[str, list[str]]:
    """The names of the layers of each family, in the order of the families' titles."""
    found = families()
    return {family: sorted(layer.__name__ for layer in found[family]) for family in sorted(found, key=title)}


def on_jax(name: str) -> str:
    """Return "yes" if JAX computes the layer, else the reason why it does not."""
    try:
        native_class(getattr(layers, name))
    except BackendError as error:
        return str(error)
    return "yes"


def _options(name: str) -> tuple[list[str], list[str], int]:
    """Return the constructor arguments and the call arguments that cases pass, and the number of cases."""
    signature = getattr(layers, name).own_signature
    cases = [case for case in CASES if case.layer == name]
    arguments: set[str] = set()
    for case in cases:
        arguments |= set(signature.bind(*case.args, **case.kwargs).arguments)
    call_arguments = sorted({option for case in cases for option in case.named})
    return [argument for argument in signature.parameters if argument in arguments], call_arguments, len(cases)


def _own_options() -> list[str]:
    """The lines of the section on the options of our own."""
    by_option: dict[str, list[str]] = {}
    for name in sorted(layers.__all__):
        for option in getattr(layers, name).own_options:
            if not name.startswith("Lazy"):
                by_option.setdefault(option, []).append(f"`{name}`")
    moded = [f"`{name}`" for name in sorted(layers.__all__) if getattr(layers, name).has_mode]
    by_option["is_training` (of a call)"] = [name for name in moded if not name.startswith("`Lazy")]
    return [
        "## Options that torch.nn lacks",
        "",
        "All by name; [layouts.md](layouts.md) says what they mean, and `parity/test_layouts.py` and",
        "`parity/test_paddings.py` compare them with `torch.nn`, `jax.lax` and Haiku. The `Lazy` names have those of",
        "their layers.",
        "",
        "| option | layers |",
        "|---|---|",
        *(f"| `{option}{'' if '`' in option else '`'} | {', '.join(names)} |" for option, names in by_option.items()),
    ]


def _summary() -> list[str]:
    """The lines of the table of families."""
    lines = ["| family | layers | cases |", "|---|---|---|"]
    for family, names in _families().items():
        count = sum(case.layer in names for case in CASES)
        lines.append(f"| [{title(family)}](#{_anchor(title(family))}) | {', '.join(names)} | {count} |")
    missing = [name for name in layers.__all__ if on_jax(name) != "yes"]
    frameworks = f"PyTorch; on JAX all but {', '.join(missing)}" if missing else "both frameworks"
    return [*lines, "", f"All {len(layers.__all__)} work on {frameworks}.", ""]


def _anchor(heading: str) -> str:
    """The name of a heading in a link."""
    return re.sub(r"[^\w -]", "", heading.lower()).replace(" ", "-")


def page() -> str:
    """Return the text of `docs/layers.md`."""
    lines = [
        "# Layers",
        "",
        "Written by `make generate` from the declarations and the cases that the conformance suite runs. On PyTorch",
        "each layer is the `torch.nn` class of its name. Every case checks names, shapes, initial bits, outputs,",
        "gradients and state on both frameworks against `torch.nn`, in training and in evaluation. `device=` and",
        "`dtype=` are tested for all layers together.",
        "",
        *_summary(),
    ]
    for family, names in _families().items():
        lines += [
            f"## {title(family)}",
            "",
            "| layer | JAX | arguments | call arguments | cases |",
            "|---|---|---|---|---|",
        ]
        for name in names:
            arguments, call_arguments, count = _options(name)
            cells = [
                f"`{name}`",
                on_jax(name),
                ", ".join(f"`{a}`" for a in arguments),
                ", ".join(f"`{a}`" for a in call_arguments),
            ]
            lines.append(f"| {' | '.join(cells)} | {count} |")
        lines.append("")
    lines += [*_own_options(), ""]
    lines += ["## Functions", "", "The functions of `unified.functional`, with the number of calls compared:", ""]
    counts = {name: sum(call.values[0] == name for call in CALLS) for name in F.__all__}
    lines += [", ".join(f"`{name}` {count}" for name, count in counts.items()) + ".", ""]
    lines += ["## Not supported", "", "| `torch.nn` | reason |", "|---|---|"]
    lines += [f"| `{name}` | {reason(name, MISSING_LAYERS)} |" for name in missing_layers()]
    lines += ["", "| `torch.nn.functional` | reason |", "|---|---|"]
    lines += [f"| `{name}` | {reason(name, MISSING_FUNCTIONS)} |" for name in missing_functions()]
    lines += ["", "**See also:** [layouts, paddings and other options](layouts.md), [arrays in a body](numpy.md),"]
    lines += ["[what is guaranteed](guarantees.md)."]
    return "\n".join(lines) + "\n"


def files() -> dict[Path, str]:
    """The text of each file that is written."""
    return {PAGE: page()}
