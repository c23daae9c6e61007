"""Which statements are too slow for the event loop: a memory of their texts that noise cannot fill.

One slow run proves nothing: another thread may have had the processor, or the disk was cold.  So a statement that was
slow once is a suspect, and its next runs decide.  Only a statement that did a lot of work by itself goes at once.
Nothing is slow for good: a busy machine may have been to blame, so a statement may show again after a second, and
after twice as long each time that it is found slow anew, up to a minute.
"""

from __future__ import annotations

from collections.abc import Callable
from time import monotonic

_REMEMBERED = 1_024
_FIRST_SENTENCE = 1.0
_LONGEST_SENTENCE = 64.0
_GUILTY_POINTS = 4
_TRIAL_RUNS = 8
_LONG = 10


class _Trial:
    """What the last runs of a suspect have shown."""

    __slots__ = ("points", "runs")

    def __init__(self) -> None:
        self.points = 0
        self.runs = 0


class Slowness:
    """Remembers slow statements and suspects, each up to a number; the oldest are forgotten first.

    ``watched`` holds both, for the one look-up that every read pays.
    """

    def __init__(self, budget: float, clock: Callable[[], float] = monotonic) -> None:
        self._budget = budget
        self._clock = clock
        self._slow: dict[str, float] = {}
        self._sentences: dict[str, float] = {}
        self._trials: dict[str, _Trial] = {}
        self.watched: set[str] = set()

    def __contains__(self, sql: str) -> bool:
        until = self._slow.get(sql)
        if until is None:
            return False
        if self._clock() < until:
            return True
        del self._slow[sql]
        self.watched.discard(sql)
        return False

    def convict(self, sql: str) -> None:
        """Remember a statement as slow: for a second at first, twice as long each time after."""
        self._trials.pop(sql, None)
        sentence = self._sentences.pop(sql, _FIRST_SENTENCE)
        self._sentences[sql] = min(2 * sentence, _LONGEST_SENTENCE)
        self._slow[sql] = self._clock() + sentence
        self.watched.add(sql)
        if len(self._slow) > _REMEMBERED:
            oldest = next(iter(self._slow))
            del self._slow[oldest]
            self.watched.discard(oldest)
        if len(self._sentences) > 2 * _REMEMBERED:
            del self._sentences[next(iter(self._sentences))]

    def note(self, sql: str, seconds: float) -> None:
        """Take in how long a run of a suspect took, or of a statement that has just become one."""
        if sql in self._slow:
            return
        trial = self._trials.get(sql)
        if trial is None:
            if seconds <= self._budget:
                return
            trial = self._suspect(sql)
        trial.runs += 1
        if seconds > self._budget:
            trial.points += 2 if seconds > _LONG * self._budget else 1
        if trial.points >= _GUILTY_POINTS:
            self.convict(sql)
        elif trial.runs >= _TRIAL_RUNS:
            del self._trials[sql]
            self._sentences.pop(sql, None)
            self.watched.discard(sql)

    def _suspect(self, sql: str) -> _Trial:
        trial = self._trials[sql] = _Trial()
        self.watched.add(sql)
        if len(self._trials) > _REMEMBERED:
            oldest = next(iter(self._trials))
            del self._trials[oldest]
            self.watched.discard(oldest)
        return trial
