"""`unified doctor`: what is installed, whether it fits together, and what to do where it does not.

`examine` runs each installed framework in a process of its own (`probe`, with the network of `network`), so that one
that cannot be imported, or that ends its process, is reported like anything else. `packages`, `versions` and
`variables` say what is installed, in which bounds, and which environment variables change what unified does;
`findings` judges it, `report` prints it, and `command` is the command.

>>> from unified.doctor import examine
>>> examine(frameworks=()).frameworks  # none is run
()
"""

from unified.doctor.findings import Finding
from unified.doctor.report import Report, examine

__all__ = ["Finding", "Report", "examine"]
