"""What all tests share."""

import os

# Tests run side by side: on tiny arrays a second thread waits more than it works.
os.environ.setdefault("OMP_NUM_THREADS", "1")

pytest_plugins = ["pytester"]
