"""What all tests share."""

import os

from hypothesis import settings

# Tests run side by side: on tiny arrays a second thread waits more than it works.
os.environ.setdefault("OMP_NUM_THREADS", "1")

# The same examples every time; `make test-full` looks for new ones.
settings.register_profile("same", derandomize=True, deadline=None)
settings.load_profile("same")

pytest_plugins = ["pytester"]
