"""Tests of the secret key: from the environment, made in development, refused elsewhere."""

from __future__ import annotations

import logging
import multiprocessing
import stat
from pathlib import Path

import pytest

from tabor.auth.secret import SecretKey, load_secret_key
from tabor.errors import ConfigurationError

GOOD = "0dJ4zYb1vQm7cXk2Wn5tRf8uGh3sLp6e"
OTHER = "Zk9aVb2mQx7LwPr4TnYc6HdJf1Gs8Eu3"
HOW = "python -c 'import secrets; print(secrets.token_urlsafe(48))'"


def refusal(environment: dict[str, str], folder: Path, *, development: bool | None = None) -> ConfigurationError:
    """The error for which a key is refused."""
    with pytest.raises(ConfigurationError) as caught:
        load_secret_key(environment, development=development, folder=folder)
    return caught.value


def test_key_from_the_environment(tmp_path: Path) -> None:
    """A good key is taken as it is, and nothing is written or said."""
    assert load_secret_key({"TABOR_SECRET_KEY": GOOD}, folder=tmp_path) == SecretKey(GOOD.encode())
    assert list(tmp_path.iterdir()) == []


def test_hexadecimal_key(tmp_path: Path) -> None:
    """32 random bytes in hexadecimal are a good key."""
    key = "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08"
    assert load_secret_key({"TABOR_SECRET_KEY": key}, folder=tmp_path).current == key.encode()


@pytest.mark.parametrize("environment", [{}, {"TABOR_SECRET_KEY": ""}, {"TABOR_ENV": "production"}])
def test_no_key_outside_development(tmp_path: Path, environment: dict[str, str]) -> None:
    """Without a key the start is refused, and the message says how to make one."""
    error = refusal(environment, tmp_path)
    assert str(error) == (
        f"TABOR_SECRET_KEY is not set. Make one with: {HOW} and keep it out of the repository. "
        "For development, TABOR_ENV=development makes one."
    )
    assert error.setting == "TABOR_SECRET_KEY"
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("development", [False, True])
def test_short_key(tmp_path: Path, development: bool) -> None:
    """A key of fewer than 32 bytes is refused in development too, without being shown."""
    error = refusal({"TABOR_SECRET_KEY": GOOD[:31]}, tmp_path, development=development)
    assert str(error).startswith("TABOR_SECRET_KEY has 31 bytes and needs at least 32. Make one with: ")
    assert GOOD[:31] not in str(error)


@pytest.mark.parametrize(
    "key",
    ["x" * 40, "ab" * 20, "please-ChangeMe-before-you-deploy-this-1234", "my-insecure-secret-key-for-tests-0123456789"],
)
def test_made_up_key(tmp_path: Path, key: str) -> None:
    """A key that nobody drew at random is refused."""
    error = refusal({"TABOR_SECRET_KEY": key}, tmp_path)
    assert str(error).startswith("TABOR_SECRET_KEY is not random. Make one with: ")


def test_previous_keys(tmp_path: Path) -> None:
    """Earlier keys are kept in their order."""
    environment = {"TABOR_SECRET_KEY": GOOD, "TABOR_SECRET_KEY_PREVIOUS": f" {OTHER} , {GOOD[::-1]},"}
    assert load_secret_key(environment, folder=tmp_path).previous == (OTHER.encode(), GOOD[::-1].encode())


def test_weak_previous_key(tmp_path: Path) -> None:
    """An earlier key is held to the same rules."""
    error = refusal({"TABOR_SECRET_KEY": GOOD, "TABOR_SECRET_KEY_PREVIOUS": "short"}, tmp_path)
    assert error.setting == "TABOR_SECRET_KEY_PREVIOUS"


@pytest.mark.parametrize(("environment", "development"), [({"TABOR_ENV": "development"}, None), ({}, True)])
def test_development_makes_a_key(
    tmp_path: Path, caplog: pytest.LogCaptureFixture, environment: dict[str, str], development: bool | None
) -> None:
    """Development makes a key, keeps it for its owner's eyes only, and says so."""
    folder = tmp_path / ".tabor"
    with caplog.at_level(logging.WARNING, "tabor.auth"):
        key = load_secret_key(environment, development=development, folder=folder)
    path = folder / "secret-key"
    assert path.read_bytes().strip() == key.current
    assert len(key.current) == 64
    assert [stat.S_IMODE(each.stat().st_mode) for each in (folder, path)] == [0o700, 0o600]
    assert list(folder.iterdir()) == [path]
    notice = f"Development mode: tokens are signed with a key made for this machine and kept in {path}."
    assert [key.notice, *caplog.messages] == [notice, notice]
    assert key.current.decode() not in caplog.text


def test_development_keeps_its_key(tmp_path: Path) -> None:
    """The next start finds the same key, so that tokens outlive it."""
    first, second = (load_secret_key({}, development=True, folder=tmp_path) for _ in range(2))
    assert first == second


def test_each_machine_has_a_key_of_its_own(tmp_path: Path) -> None:
    """Two folders have two keys."""
    keys = {load_secret_key({}, development=True, folder=tmp_path / name).current for name in "ab"}
    assert len(keys) == 2


def test_the_environment_wins_in_development(tmp_path: Path) -> None:
    """A key that is given is used in development too."""
    key = load_secret_key({"TABOR_SECRET_KEY": GOOD}, development=True, folder=tmp_path)
    assert (key.current, key.notice) == (GOOD.encode(), None)


def test_open_file_is_closed_to_others(tmp_path: Path) -> None:
    """A key file that others may read is made the owner's only."""
    path = tmp_path / "secret-key"
    path.write_text(GOOD)
    path.chmod(0o644)
    load_secret_key({}, development=True, folder=tmp_path)
    assert stat.S_IMODE(path.stat().st_mode) == 0o600


def test_spoilt_file(tmp_path: Path) -> None:
    """A key file with something else in it is refused by name, not replaced."""
    path = tmp_path / "secret-key"
    path.write_text("short")
    error = refusal({}, tmp_path, development=True)
    assert (error.setting, path.read_text()) == (str(path), "short")


def _load(folder: Path) -> bytes:
    return load_secret_key({}, development=True, folder=folder).current


def test_processes_that_start_together_agree(tmp_path: Path) -> None:
    """Of several processes that find no key at the same time, all use the same one."""
    with multiprocessing.get_context("spawn").Pool(4) as pool:
        assert len(set(pool.map(_load, [tmp_path] * 8, chunksize=1))) == 1


def test_purposes_do_not_mix() -> None:
    """Keys for two purposes differ, and those for one are always the same 32 bytes."""
    secret = SecretKey(GOOD.encode(), (OTHER.encode(),))
    assert secret.derive("a") == secret.derive("a")
    assert len({*secret.derive("a"), *secret.derive("b")}) == 4
    assert {len(key) for key in secret.derive("a")} == {32}


def test_the_secret_is_not_shown() -> None:
    """The representation holds no key."""
    assert repr(SecretKey(GOOD.encode(), (OTHER.encode(),))) == "SecretKey(notice=None)"
