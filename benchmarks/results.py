"""Everything that one run found, and its form in the results file."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass

from benchmarks.data_path import DataPath
from benchmarks.http_path import HttpPath
from benchmarks.options import Plan
from benchmarks.processes import Processes
from benchmarks.series import Series
from benchmarks.start import Start


@dataclass(slots=True)
class Results:
    """The run's surroundings and plan, and one value for each part that ran."""

    environment: dict[str, object]
    plan: Plan
    data: DataPath | None = None
    postgres: DataPath | None = None
    http: HttpPath | None = None
    processes: Processes | None = None
    start: Start | None = None

    def series(self) -> list[Series]:
        """The workloads of all parts that set contenders side by side."""
        parts = (self.data, self.postgres, self.http)
        return [one for part in parts if part is not None for one in part.series]

    def notices(self) -> list[str]:
        """What was left out or does not compare."""
        parts: Sequence[DataPath | HttpPath | Processes | Start | None] = (
            self.data,
            self.postgres,
            self.http,
            self.processes,
            self.start,
        )
        return [text for part in parts if part is not None for text in part.notices]

    def as_json(self) -> dict[str, object]:
        """Everything, ready for ``json.dumps``."""
        content: dict[str, object] = {"environment": self.environment, "plan": asdict(self.plan)}
        if self.data:
            content["data"] = self.data.as_json()
        if self.postgres:
            content["postgres"] = self.postgres.as_json()
        if self.http:
            content["http"] = {
                "series": [one.as_json() for one in self.http.series],
                "answer_bytes": self.http.answer_bytes,
                "notices": self.http.notices,
            }
        if self.processes:
            runs = [run.as_json() for run in self.processes.runs]
            content["processes"] = {"runs": runs, "notices": self.processes.notices}
        if self.start:
            content["start"] = self.start.as_json()
        return content
