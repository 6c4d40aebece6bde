"""`python -m unified` is the command `unified`."""

import sys

from unified.cli import main

if __name__ == "__main__":
    sys.exit(main())
