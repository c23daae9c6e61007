"""One workload measured over rounds for several contenders: readings, medians and ratios."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from statistics import median
from typing import Literal

Better = Literal["lower", "higher"]


@dataclass(frozen=True, slots=True)
class Reading:
    """One contender in one round: the figure, or ``None`` if there is none, and the errors met on the way."""

    value: float | None
    errors: Mapping[str, int] = field(default_factory=dict[str, int])


@dataclass(slots=True)
class Series:
    """All readings of one workload.

    ``unit`` is ``us``, ``ms`` or ``/s``; ``baseline`` names the contender that the others are set in relation to.
    """

    workload: str
    unit: str
    better: Better
    baseline: str
    rounds: list[dict[str, Reading]] = field(default_factory=list[dict[str, Reading]])

    def contenders(self) -> list[str]:
        """Everybody who took part, in the order of the first round."""
        return list(dict.fromkeys(name for one in self.rounds for name in one))

    def median(self, contender: str) -> float | None:
        """The middle of a contender's readings, ``None`` if it has none."""
        values = [one[contender].value for one in self.rounds if contender in one]
        known = [value for value in values if value is not None]
        return median(known) if known else None

    def ratio(self, contender: str, other: str) -> float | None:
        """The middle of ``contender``'s figure divided by ``other``'s, each pair taken from one round.

        Example:
            Readings 20 and 22 against 10 and 10 give 2.1.
        """
        pairs = [(one[contender].value, one[other].value) for one in self.rounds if contender in one and other in one]
        ratios = [mine / theirs for mine, theirs in pairs if mine is not None and theirs]
        return median(ratios) if ratios else None

    def speed(self, contender: str, other: str) -> float | None:
        """How many times faster ``contender`` is than ``other``, whichever way the unit points."""
        return self.ratio(contender, other) if self.better == "higher" else self.ratio(other, contender)

    def errors(self, contender: str) -> dict[str, int]:
        """All errors of a contender over the rounds, by their text."""
        total: Counter[str] = Counter()
        for one in self.rounds:
            if contender in one:
                total.update(one[contender].errors)
        return dict(total)

    def as_json(self) -> dict[str, object]:
        """Everything that was measured, with medians and ratios, for the results file."""
        names = self.contenders()
        return {
            "workload": self.workload,
            "unit": self.unit,
            "better": self.better,
            "baseline": self.baseline,
            "rounds": [{name: reading.value for name, reading in one.items()} for one in self.rounds],
            "medians": {name: self.median(name) for name in names},
            "ratio_to_baseline": {name: self.ratio(name, self.baseline) for name in names},
            "errors": {name: self.errors(name) for name in names},
        }
