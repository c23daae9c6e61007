"""The memory of slow statements is exact and has an end."""

from __future__ import annotations

from tabor.engines.sqlite.slowness import Slowness

BUDGET = 0.001


def test_a_suspect_is_acquitted_by_eight_quick_runs() -> None:
    """After a slow run and seven quick ones a statement is as good as new."""
    slowness = Slowness(BUDGET)
    slowness.note("a", 2 * BUDGET)
    assert slowness.watched == {"a"}
    for _ in range(7):
        slowness.note("a", 0.0)
    assert slowness.watched == set()
    assert "a" not in slowness


def test_four_slow_runs_or_two_very_slow_ones_convict() -> None:
    """Slow runs add up within a trial; runs ten times over the budget count twice."""
    slowness = Slowness(BUDGET)
    for _ in range(3):
        slowness.note("slow", 2 * BUDGET)
        slowness.note("slow", 0.0)
    assert "slow" not in slowness
    slowness.note("slow", 2 * BUDGET)
    assert "slow" in slowness
    slowness.note("very slow", 20 * BUDGET)
    slowness.note("very slow", 20 * BUDGET)
    assert "very slow" in slowness


def test_a_convicted_statement_is_no_suspect() -> None:
    """What is noted of a slow statement changes nothing."""
    slowness = Slowness(BUDGET)
    slowness.convict("a")
    for _ in range(20):
        slowness.note("a", 0.0)
    assert "a" in slowness
    assert slowness.watched == {"a"}


def test_memory_is_bounded() -> None:
    """However many statements are slow or suspect, at most 1,024 of each are remembered."""
    slowness = Slowness(BUDGET)
    for number in range(5_000):
        slowness.convict(f"slow {number}")
        slowness.note(f"suspect {number}", 2 * BUDGET)
    assert len(slowness.watched) == 2_048
    assert "slow 4999" in slowness
    assert "slow 0" not in slowness


def test_a_slow_statement_may_show_itself_again_after_a_second() -> None:
    """A conviction on a busy machine does not last: the statement is tried on the loop again soon."""
    now = 0.0
    slowness = Slowness(BUDGET, lambda: now)
    slowness.convict("a")
    now = 0.9
    assert "a" in slowness
    now = 1.0
    assert "a" not in slowness
    assert slowness.watched == set()


def test_a_statement_found_slow_again_and_again_stays_away_for_longer() -> None:
    """Each conviction lasts twice as long as the one before, up to about a minute."""
    now = 0.0
    slowness = Slowness(BUDGET, lambda: now)
    lasted: list[float] = []
    for _ in range(9):
        slowness.convict("a")
        start = now
        while "a" in slowness:
            now += 0.5
        lasted.append(now - start)
    assert lasted == [1, 2, 4, 8, 16, 32, 64, 64, 64]


def test_an_acquittal_shortens_the_next_conviction() -> None:
    """A statement that has proved quick starts from one second again."""
    now = 0.0
    slowness = Slowness(BUDGET, lambda: now)
    for _ in range(3):
        slowness.convict("a")
        now += 100.0
        assert "a" not in slowness
    for _ in range(8):
        slowness.note("a", 2 * BUDGET if "a" not in slowness.watched else 0.0)
    slowness.convict("a")
    now += 1.0
    assert "a" not in slowness
