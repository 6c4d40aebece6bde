"""`unified port`: change the imports of a JAX file or package so that it also runs on PyTorch.

`imports` rewrites the imports and reports names that are not covered, `splitting` keeps the layout of an import that
becomes two, `coverage` decides which names are covered. `files` reads and writes, `package` does so for a folder.
`check` runs the original and its port and compares them: `inputs` makes what both are called with, `siblings` loads
the ported modules beside the original ones.
"""

from unified.port.check import check
from unified.port.coverage import is_covered
from unified.port.files import PortError
from unified.port.imports import Missing, port
from unified.port.inputs import parse_inputs
from unified.port.package import port_package

__all__ = ["Missing", "PortError", "check", "is_covered", "parse_inputs", "port", "port_package"]
