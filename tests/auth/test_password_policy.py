"""Tests of which passwords are accepted, and of the shipped list of common ones."""

from __future__ import annotations

import pytest

from tabor.auth.password_policy import PasswordPolicy, common_passwords, is_common
from tabor.auth.password_text import normalised
from tabor.errors import ConfigurationError, InvalidValue, ValueOutOfRange

GOOD = "seven brave otters sing"


def refusal(password: str, *, minimum: int = 15, email: str | None = None) -> InvalidValue:
    """The error for which a password is refused; it never carries the password."""
    with pytest.raises(InvalidValue) as caught:
        PasswordPolicy(minimum).check(password, email=email)
    error = caught.value
    assert (error.value, error.column) == (None, "password")
    assert password == "password" or password not in str(error)
    return error


@pytest.mark.parametrize(
    "password",
    [
        GOOD,
        "x1" * 7 + "x",
        "a" * 64,
        "\N{CIRCUS TENT}" * 15,
        "zq" * 512,
        "without any digit or capital",
        "   seven brave   ",
        "пароль из пяти слов",
    ],
)
def test_good_passwords(password: str) -> None:
    """Anything of 15 characters and more is accepted as it is, whatever its characters."""
    assert PasswordPolicy().check(password, email="ann@example.org") == password


def test_14_characters_are_too_few() -> None:
    """One character less than the minimum is refused."""
    error = refusal("x1" * 7)
    assert (error.code, error.reason) == ("too_short", "a password needs at least 15 characters")
    assert isinstance(error, ValueOutOfRange)


def test_8_characters_with_a_second_factor() -> None:
    """Where a second factor is asked for, 8 characters do and 7 do not."""
    assert PasswordPolicy(8).check("tqz7-vmw") == "tqz7-vmw"
    assert refusal("tqz7-vm", minimum=8).code == "too_short"


def test_no_policy_below_8() -> None:
    """A policy that asks for fewer than 8 characters cannot be made."""
    with pytest.raises(ConfigurationError, match="at least 8 characters, not 7") as caught:
        PasswordPolicy(7)
    assert caught.value.setting == "minimum"


@pytest.mark.parametrize("password", ["z" * 1_025, "é" * 513, "\ufdfa" * 100])
def test_too_many_bytes(password: str) -> None:
    """More than 1,024 bytes are refused, counted in UTF-8 and after normalisation."""
    error = refusal(password)
    assert (error.code, error.reason) == ("too_long", "a password may have 1024 bytes at most")


@pytest.mark.parametrize("password", ["seven brave\x00otters", "seven brave \ud800 otters"])
def test_characters_that_cannot_be_stored(password: str) -> None:
    """NUL and lone surrogates are refused."""
    assert refusal(password).code == "bad_character"


@pytest.mark.parametrize(
    ("password", "minimum"),
    [
        ("password", 8),
        ("PassWord1", 8),
        (" iloveyou ", 8),
        ("trustno1", 8),
        ("123456789012345", 15),
        ("1Q2W3E4R5T6Y7U8I", 15),
        ("manchesterunited", 15),
        ("passwordpassword", 15),
        ("qwertyuiopasdfgh", 15),
        ("aaaaaaaaaaaaaaa", 15),
        ("\uff50\uff41\uff53\uff53\uff57\uff4f\uff52\uff44", 8),
    ],
)
def test_common_passwords_are_refused(password: str, minimum: int) -> None:
    """What is on the list is refused in any case, with spaces around, in wide letters, or written twice."""
    assert refusal(password, minimum=minimum).code == "common_password"


@pytest.mark.parametrize("email", ["ann.miller@example.org", "Ann.Miller@Example.ORG"])
def test_the_address_is_no_password(email: str) -> None:
    """The e-mail address is refused as a password in any case."""
    assert refusal("ann.miller@example.org", email=email).code == "equals_email"


def test_the_list_is_long_enough() -> None:
    """The list has at least 3,000 entries that a policy can meet, many of them long."""
    entries = common_passwords()
    assert (len(entries), len([entry for entry in entries if len(entry) >= 15])) == (17_402, 650)
    assert min(map(len, entries)) == 8


def test_the_list_is_in_the_form_it_is_compared_in() -> None:
    """Every entry is found in the form in which passwords are compared."""
    assert [entry for entry in common_passwords() if not is_common(normalised(entry))] == []


def test_normalisation() -> None:
    """What looks the same is the same password: composed or not, wide or narrow."""
    assert normalised("cafe\u0301 \uff21\u00a0x") == "caf\u00e9 A x"


def test_nothing_else_is_changed() -> None:
    """Case and spaces stay."""
    assert normalised("  Seven  Brave\tOtters ") == "  Seven  Brave\tOtters "
