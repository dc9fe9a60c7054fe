"""How fast an intake is, whatever it is built with."""

import asyncio
from time import perf_counter, process_time


class Meter:
    """Counts events as they are committed; the clock runs from the first committed batch to the last.

    So joining the group and the first fetch, which cost the same everywhere and happen once, are left out.
    """

    def __init__(self, expected: int) -> None:
        self._expected = expected
        self._seen = 0
        self._batches = 0
        self._first = (0.0, 0.0, 0)
        self._last = (0.0, 0.0)
        self.done = asyncio.Event()

    def took(self, count: int) -> None:
        """Note that so many events were committed just now."""
        self._last = (perf_counter(), process_time())
        self._seen += count
        self._batches += 1
        if self._batches == 1:
            self._first = (*self._last, count)
        if self._seen >= self._expected:
            self.done.set()

    @property
    def rate(self) -> float:
        """Events per second."""
        began, _, uncounted = self._first
        return (self._seen - uncounted) / (self._last[0] - began)

    @property
    def cpu(self) -> float:
        """Microseconds of CPU per event that this process took; what else the machine does hardly changes it."""
        _, began, uncounted = self._first
        return (self._last[1] - began) * 1e6 / (self._seen - uncounted)

    @property
    def batch(self) -> float:
        """Events per batch, on average."""
        return self._seen / self._batches
