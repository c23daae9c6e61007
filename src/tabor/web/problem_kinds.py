"""The kinds of problem a client can meet: one stable address, status and title for each.

``type`` in a problem document is a relative URI (RFC 9457, section 3.1.1) such as ``/problems/validation``;
the API documentation serves what each one means at that very address.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class ProblemKind:
    """What all problems of one kind share.

    ``name`` is the stable word at the end of the address, ``status`` the HTTP status, ``title`` the same few
    words every time, ``meaning`` a sentence or two on what happened and what a client can do.

    >>> VALIDATION.type
    '/problems/validation'
    """

    name: str
    status: int
    title: str
    meaning: str

    @property
    def type(self) -> str:
        """The address that stands for this kind in ``type``; it never changes."""
        return f"/problems/{self.name}"


MALFORMED = ProblemKind(
    "malformed",
    400,
    "Malformed request",
    "The request cannot be read: its body is no strict JSON, or a parameter has no meaning here. Send it corrected.",
)
UNAUTHENTICATED = ProblemKind(
    "unauthenticated",
    401,
    "Sign in first",
    "This needs a signed-in caller, and the request carries no token or one that is not valid (any more).",
)
FORBIDDEN = ProblemKind(
    "forbidden",
    403,
    "Not allowed",
    "The caller is known and may not do this; the code in errors says which rule stands against it.",
)
NOT_FOUND = ProblemKind(
    "not-found",
    404,
    "Not found",
    "There is nothing at this address, or nothing that the caller may see.",
)
METHOD_NOT_ALLOWED = ProblemKind(
    "method-not-allowed",
    405,
    "Method not allowed",
    "The address exists and does not take this method; the Allow header lists those it takes.",
)
TIMEOUT = ProblemKind(
    "timeout",
    408,
    "Request too slow",
    "The body of the request did not arrive in time; nothing was done. Send it again.",
)
NOT_UNIQUE = ProblemKind(
    "not-unique",
    409,
    "Already taken",
    "Another row already has this value where only one may; errors names the fields.",
)
REFERENCE = ProblemKind(
    "reference",
    409,
    "Reference in the way",
    "The row refers to one that does not exist, or other rows still refer to it.",
)
CONFLICT = ProblemKind(
    "conflict",
    409,
    "Conflict",
    "The request does not fit the present state of what it is about.",
)
PRECONDITION_FAILED = ProblemKind(
    "precondition-failed",
    412,
    "Changed in the meantime",
    "What is stored is not the version named in If-Match. Read it again and repeat the change on that.",
)
TOO_LARGE = ProblemKind(
    "too-large",
    413,
    "Body too large",
    "The body of the request is larger than this server takes.",
)
URL_TOO_LONG = ProblemKind(
    "url-too-long",
    414,
    "Address too long",
    "The address with its parameters is longer than this server takes.",
)
UNSUPPORTED_MEDIA_TYPE = ProblemKind(
    "unsupported-media-type",
    415,
    "Unsupported media type",
    "The body is not of a media type that this address takes.",
)
VALIDATION = ProblemKind(
    "validation",
    422,
    "Invalid values",
    "The request can be read and some of its values are not acceptable; errors names each place.",
)
PRECONDITION_REQUIRED = ProblemKind(
    "precondition-required",
    428,
    "Precondition required",
    "Changing this needs the If-Match header with the version that the change is based on.",
)
TOO_MANY_REQUESTS = ProblemKind(
    "too-many-requests",
    429,
    "Too many requests",
    "The caller asked too often; Retry-After says in how many seconds to try again.",
)
HEADERS_TOO_LARGE = ProblemKind(
    "headers-too-large",
    431,
    "Headers too large",
    "The headers of the request are larger than this server takes.",
)
INTERNAL = ProblemKind(
    "internal",
    500,
    "Internal error",
    "The server failed; the cause is in its log under the request id that stands in instance.",
)
UNAVAILABLE = ProblemKind(
    "unavailable",
    503,
    "Try again later",
    "The server cannot do this now and nothing was done; Retry-After says in how many seconds to try again.",
)

PROBLEM_KINDS: tuple[ProblemKind, ...] = (
    MALFORMED,
    UNAUTHENTICATED,
    FORBIDDEN,
    NOT_FOUND,
    METHOD_NOT_ALLOWED,
    TIMEOUT,
    NOT_UNIQUE,
    REFERENCE,
    CONFLICT,
    PRECONDITION_FAILED,
    TOO_LARGE,
    URL_TOO_LONG,
    UNSUPPORTED_MEDIA_TYPE,
    VALIDATION,
    PRECONDITION_REQUIRED,
    TOO_MANY_REQUESTS,
    HEADERS_TOO_LARGE,
    INTERNAL,
    UNAVAILABLE,
)
"""All kinds, by rising status."""

KIND_OF_STATUS: dict[int, ProblemKind] = {kind.status: kind for kind in PROBLEM_KINDS}
"""The kind that a bare status stands for; 409 is the general conflict."""
