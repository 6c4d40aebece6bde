"""`Saving`: a checkpoint that a thread writes while the program goes on."""

import threading
import warnings
from collections.abc import Callable
from pathlib import Path

__all__ = ["Saving"]

_running: "dict[Path, Saving]" = {}


class Saving:
    """A checkpoint that is being written, as `unified.save(..., background=True)` returns it.

    Its values are those of the time of the call. `wait()` returns when it is whole and raises what went wrong; the next
    save to the same path and the end of the program wait too.
    """

    def __init__(self, path: Path, write: Callable[[], None]) -> None:
        self.path = path
        self._error: BaseException | None = None
        self._write: Callable[[], None] | None = write
        self._thread = threading.Thread(target=self._run, name="unified-save")
        _running[path.absolute()] = self
        self._thread.start()

    def _run(self) -> None:
        write, self._write = self._write, None  # whose arrays are dropped when it has run
        assert write is not None
        try:
            write()
        except BaseException as error:
            self._error = error

    @property
    def is_done(self) -> bool:
        """Whether the thread has ended; `wait` then returns or raises at once."""
        return not self._thread.is_alive()

    def wait(self) -> None:
        """Return when the checkpoint is whole; raise the error that prevented that."""
        self._thread.join()
        if _running.get(self.path.absolute()) is self:
            del _running[self.path.absolute()]
        error, self._error = self._error, None
        if error is not None:
            raise error

    def __del__(self) -> None:
        if self._error is not None:
            warnings.warn(f"{self.path} was not saved, and nobody waited for it: {self._error}", stacklevel=2)

    @staticmethod
    def wait_for(path: Path) -> None:
        """Wait for an earlier save to this path."""
        earlier = _running.get(path.absolute())
        if earlier is not None:
            earlier.wait()
