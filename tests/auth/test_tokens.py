"""Tests of access tokens: what they say, and everything for which one is refused."""

from __future__ import annotations

import base64
import hmac
import json
from collections.abc import Mapping

import jwt
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tabor.auth.errors import TokenExpired, TokenInvalid
from tabor.auth.secret import SecretKey
from tabor.auth.tokens import Claims, SigningKey, TokenSigner, signing_keys
from tabor.errors import ConfigurationError, TaborError

OLD, NEW = SigningKey("old", b"o" * 32), SigningKey("new", b"n" * 32)
START = 1_800_000_000


class Clock:
    """A clock that is set by hand."""

    def __init__(self, now: float = START) -> None:
        self.now = now

    def __call__(self) -> float:
        """The time in seconds since 1970."""
        return self.now


def make_signer(
    *keys: SigningKey, clock: Clock | None = None, lifetime: int = 600, remembered: int = 100
) -> TokenSigner:
    """A signer of the planner."""
    return TokenSigner(
        keys or (NEW,),
        issuer="planner",
        audience="api",
        clock=clock or Clock(),
        lifetime=lifetime,
        remembered=remembered,
    )


def parts_of(token: str) -> list[dict[str, object]]:
    """Header and payload of a token, unverified."""
    return [json.loads(base64.urlsafe_b64decode(part + "=" * (-len(part) % 4))) for part in token.split(".")[:2]]


def encoded(part: bytes) -> str:
    """One part of a token."""
    return base64.urlsafe_b64encode(part).rstrip(b"=").decode()


def forge(
    claims: Mapping[str, object] | None = None,
    *,
    without: str = "",
    key: bytes = NEW.secret,
    digest: str = "sha256",
    header: Mapping[str, object] | None = None,
) -> str:
    """A token by hand: a good one but for what is given."""
    payload: dict[str, object] = {
        "iss": "planner",
        "aud": "api",
        "sub": "7",
        "iat": START,
        "exp": START + 600,
        "jti": "x",
        "epoch": 0,
        **(claims or {}),
    }
    payload.pop(without, None)
    heading = {"alg": "HS256", "kid": "new", "typ": "at+jwt", **(header or {})}
    signed = ".".join(encoded(json.dumps(part).encode()) for part in (heading, payload))
    return f"{signed}.{encoded(hmac.digest(key, signed.encode(), digest))}"


def refusal(token: str, signer: TokenSigner | None = None) -> TokenInvalid:
    """The error for which a token is refused."""
    with pytest.raises(TokenInvalid) as caught:
        (signer or make_signer()).verify(token)
    return caught.value


def test_claims() -> None:
    """A token gives back its subject and epoch, its times and an id of its own."""
    signer = make_signer()
    claims = signer.verify(signer.issue("7", epoch=3))
    assert claims == Claims("7", 3, START, START + 600, claims.id)
    assert len(claims.id) == 22


def test_header_and_payload() -> None:
    """A token carries exactly what RFC 8725 asks for: kind and key in the header, seven claims in the payload."""
    header, payload = parts_of(make_signer().issue("7"))
    assert header == {"alg": "HS256", "kid": "new", "typ": "at+jwt"}
    assert sorted(payload) == ["aud", "epoch", "exp", "iat", "iss", "jti", "sub"]
    assert (payload["iss"], payload["aud"], payload["sub"]) == ("planner", "api", "7")


def test_ids_differ() -> None:
    """No two tokens share an id."""
    signer = make_signer()
    assert len({signer.verify(signer.issue("7")).id for _ in range(50)}) == 50


def test_ten_minutes_by_default() -> None:
    """An access token lives ten minutes unless something else is said."""
    assert TokenSigner([NEW], issuer="a", audience="b").lifetime == 600


def test_a_forgery_by_hand_is_good_where_nothing_is_changed() -> None:
    """The forged tokens below fail for what each of them changes, and for nothing else."""
    assert make_signer().verify(forge()) == Claims("7", 0, START, START + 600, "x")


@pytest.mark.parametrize("name", ["iss", "aud", "sub", "iat", "exp", "jti", "epoch"])
def test_every_claim_is_required(name: str) -> None:
    """A token without one of the claims is refused, though its signature is right."""
    assert name in str(refusal(forge(without=name)))


@pytest.mark.parametrize(
    "claims",
    [
        {"iss": "other"},
        {"aud": "other"},
        {"sub": 7},
        {"sub": ""},
        {"jti": 5},
        {"epoch": "0"},
        {"epoch": True},
        {"epoch": None},
        {"exp": str(START + 600)},
        {"exp": START + 600.5},
        {"exp": None},
        {"iat": "now"},
        {"iat": START + 61},
    ],
)
def test_wrong_claims(claims: dict[str, object]) -> None:
    """A claim for somebody else, of the wrong type or from the future is refused."""
    assert type(refusal(forge(claims))) is TokenInvalid


def test_a_clock_a_minute_behind_is_forgiven() -> None:
    """Two servers' clocks may differ by a minute."""
    assert make_signer().verify(forge({"iat": START + 60})).issued_at == START + 60


@pytest.mark.parametrize(
    "header",
    [
        {"kid": "other"},
        {"kid": None},
        {"kid": ["new"]},
        {"typ": "JWT"},
        {"typ": "refresh+jwt"},
        {"typ": None},
        {"crit": ["b64"], "b64": True},
    ],
)
def test_wrong_headers(header: dict[str, object]) -> None:
    """A token of another kind, of no known key, or with an extension nobody knows is refused."""
    assert type(refusal(forge(header=header))) is TokenInvalid


@pytest.mark.parametrize("algorithm", ["none", "None", "HS384", "HS512", "RS256", "ES256", "", "hs256"])
def test_the_token_does_not_choose_the_algorithm(algorithm: str) -> None:
    """A token that names another algorithm than its key's is refused before anything is computed."""
    assert str(refusal(forge(header={"alg": algorithm}))) == "The token names an algorithm that its key does not have."


def test_a_right_signature_by_another_hash() -> None:
    """HMAC with the right key and another hash is refused, whatever the header says."""
    assert type(refusal(forge(digest="sha512", header={"alg": "HS512"}))) is TokenInvalid
    assert type(refusal(forge(digest="sha512"))) is TokenInvalid


def test_no_signature() -> None:
    """A token whose signature is empty, or left out, is refused."""
    unsigned = forge().rpartition(".")[0]
    assert [type(refusal(token)) for token in (unsigned, f"{unsigned}.")] == [TokenInvalid, TokenInvalid]


def test_another_key() -> None:
    """A token that names a key and is signed with another is refused."""
    assert type(refusal(forge(key=OLD.secret))) is TokenInvalid


@given(st.data())
def test_any_change_is_noticed(data: st.DataObject) -> None:
    """A token with any one character changed is refused."""
    token = forge()
    index = data.draw(st.integers(0, len(token) - 1))
    character = data.draw(st.sampled_from("abcXYZ019-_.=é\x00"))
    changed = token[:index] + character + token[index + 1 :]
    # The last character carries bits that mean nothing, so that another one may stand for the same bytes.
    if changed != token and index < len(token) - 1:
        refusal(changed)


@given(st.text(max_size=300) | st.binary(max_size=300).map(lambda b: base64.urlsafe_b64encode(b).decode() + "..e30"))
def test_any_text_is_refused(token: str) -> None:
    """No text whatever raises anything but the one error."""
    refusal(token)


@pytest.mark.parametrize("token", ["", ".", "..", "a.b.c", "é.é.é", "[]", "W10.W10.W10", "bnVsbA.bnVsbA.", "x" * 5_000])
def test_no_token(token: str) -> None:
    """What is no token is refused like a forged one."""
    assert type(refusal(token)) is TokenInvalid


def test_expiry() -> None:
    """A token is good until the second of its expiry, and then has expired."""
    clock = Clock()
    signer = make_signer(clock=clock)
    token = signer.issue("7")
    clock.now = START + 599.9
    assert signer.verify(token).subject == "7"
    clock.now = START + 600
    error = refusal(token, signer)
    assert isinstance(error, TokenExpired)
    assert (error.code, error.expired_at) == ("token_expired", START + 600)


def test_expiry_of_a_token_seen_for_the_first_time() -> None:
    """A token that nobody has seen before its end has expired too."""
    token = make_signer().issue("7")
    assert type(refusal(token, make_signer(clock=Clock(START + 600)))) is TokenExpired


def test_errors_have_one_base() -> None:
    """Both errors are Tabor's, and who catches the general one catches the expiry."""
    assert issubclass(TokenExpired, TokenInvalid)
    assert issubclass(TokenInvalid, TaborError)


def test_keys_rotate() -> None:
    """With a new key in front, tokens of the old one stay good until it is taken away."""
    token = make_signer(OLD).issue("7")
    both = make_signer(NEW, OLD)
    assert both.verify(token).subject == "7"
    assert parts_of(both.issue("7"))[0]["kid"] == "new"
    refusal(token, make_signer(NEW))


def test_signature_is_computed_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """The second look at a token computes no signature, and gives the same."""
    signer = make_signer()
    token = signer.issue("7")
    first = signer.verify(token)
    monkeypatch.delattr(jwt, "decode")
    assert signer.verify(token) is first


def test_refused_tokens_are_not_remembered() -> None:
    """A token that was refused is looked at again in full, and refused again."""
    signer = make_signer()
    token = forge(key=OLD.secret)
    assert [type(refusal(token, signer)) for _ in range(2)] == [TokenInvalid, TokenInvalid]


def test_remembered_tokens_are_bounded() -> None:
    """More tokens than are remembered are all good; the oldest are merely computed again."""
    signer = make_signer(remembered=3)
    tokens = [signer.issue(str(number)) for number in range(10)]
    for _ in range(2):
        assert [signer.verify(token).subject for token in tokens] == [str(number) for number in range(10)]


def test_short_keys_are_refused() -> None:
    """A key of fewer than 32 bytes cannot be used."""
    with pytest.raises(ConfigurationError) as caught:
        SigningKey("weak", b"x" * 31)
    assert str(caught.value) == "The signing key 'weak' has 31 bytes and needs at least 32."


@pytest.mark.parametrize("keys", [[], [NEW, SigningKey("new", b"m" * 32)]])
def test_keys_need_ids_of_their_own(keys: list[SigningKey]) -> None:
    """No key, or two keys by one id, are refused."""
    with pytest.raises(ConfigurationError):
        TokenSigner(keys, issuer="planner", audience="api")


def test_keys_are_not_shown() -> None:
    """A key's bytes do not stand in its representation."""
    assert repr(NEW) == "SigningKey(id='new')"


def test_keys_from_the_secret() -> None:
    """The secret gives a key for each purpose and generation, always the same, named by a fingerprint."""
    secret = SecretKey(b"s" * 32, (b"p" * 32,))
    keys = signing_keys(secret)
    assert keys == signing_keys(secret)
    assert len({key.secret for key in (*keys, *signing_keys(secret, "cursor"))}) == 4
    assert [len(key.id) for key in keys] == [8, 8]
    token = make_signer(*signing_keys(SecretKey(b"p" * 32))).issue("7")
    assert make_signer(*keys).verify(token).subject == "7"
