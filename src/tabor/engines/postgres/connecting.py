"""Makes connections to the servers of one URL, with the settings that every session of Tabor has."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from urllib.parse import parse_qsl, urlsplit

from tabor.engines.postgres.driver import Connection, Driver
from tabor.engines.postgres.failures import PLACE, code_of, said
from tabor.engines.postgres.hosts import each_host, first_to_answer
from tabor.engines.postgres.options import PostgresOptions
from tabor.errors import ConfigurationError

# The server ends a transaction whose owner is gone; the engine's own timer ends one whose owner is slow, and is first.
_SERVER_LATER = 1.0
DRIVER_LATER = 5.0
"""How much later than the server the driver gives up on a statement: for a server that answers no more at all."""
_UNKNOWN_SETTING = "42704"


@dataclass(frozen=True, slots=True)
class Target:
    """One URL and how to connect to it; ``replica`` marks servers that need not take writes."""

    url: str
    options: PostgresOptions
    replica: bool = False

    def __post_init__(self) -> None:
        parts = urlsplit(self.url)
        if parts.scheme not in ("postgresql", "postgres") or not (parts.netloc or parts.query):
            shown = f"{parts.scheme or '...'}://..."
            raise ConfigurationError(
                f"The URL {shown} is not understood; it has the form postgresql://user:password@host:5432/database.",
                setting="url",
            )
        try:
            ports = [_port(host) for host in parts.netloc.rpartition("@")[2].split(",")]
        except ValueError:
            ports = [0]
        if not all(0 < port < 65_536 for port in ports):
            # The rest may be a password that was not encoded: it is not shown.
            shown = f"of {self.label} " if "@" not in self.url.partition(parts.netloc)[2] else ""
            raise ConfigurationError(
                f"The URL {shown}has no number from 1 to 65535 where its port belongs. In a user's name or password "
                "the characters / : @ ? # are written encoded: urllib.parse.quote(password, safe='').",
                setting="url",
            )

    @property
    def label(self) -> str:
        """The hosts and the database, without user and password."""
        parts = urlsplit(self.url)
        return f"{parts.netloc.rpartition('@')[2]}{parts.path}"

    @property
    def several(self) -> bool:
        """Whether the URL names several hosts."""
        return "," in urlsplit(self.url).netloc

    @property
    def patience(self) -> float:
        """How many seconds the driver waits for the answer to a statement."""
        options = self.options
        return options.statement_timeout + (DRIVER_LATER if self.watched else 0)

    @property
    def watched(self) -> bool:
        """Whether the pool, and not the driver, looks for late answers: behind a pooler the server stops nothing."""
        return self.options.pooler != "transaction"

    @property
    def keeps(self) -> int:
        """How many statements a connection keeps prepared: behind a pooler none, as the next one is another's."""
        return 0 if self.options.pooler == "transaction" else self.options.statement_cache

    @property
    def schema(self) -> str:
        """The first schema in which tables are looked for; empty where the server or a pooler decides."""
        given = dict(parse_qsl(urlsplit(self.url).query)).get("search_path")
        if given is None and self.options.pooler == "transaction":
            return ""
        first = (given or self.options.search_path).partition(",")[0].strip()
        return "" if first == '"$user"' else first.strip('"')

    def settings(self) -> dict[str, str]:
        """The settings of a session, but for those that the URL gives."""
        options = self.options
        if options.pooler == "transaction":
            return {}
        settings = {
            "application_name": "tabor",
            "search_path": options.search_path,
            "timezone": "UTC",
            "statement_timeout": milliseconds(options.statement_timeout),
            "lock_timeout": milliseconds(options.lock_timeout),
            "idle_in_transaction_session_timeout": milliseconds(options.transaction_idle + _SERVER_LATER),
        }
        given = {name for name, _ in parse_qsl(urlsplit(self.url).query)}
        return {name: value for name, value in settings.items() if name not in given}

    async def connect(self, driver: Driver) -> Connection:
        """A new connection, of several hosts to the first that takes what is asked; raises what the driver raises.

        Raises ``ConfigurationError`` where the URL has parameters that the driver or the server does not take.
        """
        try:
            return await self._connected(driver)
        except Exception as error:
            refusal = self._refusal(error)
            if refusal is None:
                raise
            raise refusal from error

    async def _connected(self, driver: Driver) -> Connection:
        wanted = dict(parse_qsl(urlsplit(self.url).query)).get("target_session_attrs")
        if wanted is None and self.several and not self.replica:
            wanted = "read-write"
        # To prefer one kind of server, the driver has to have asked them all.
        if not self.several or wanted == "prefer-standby":
            return await self._connect(driver, self.url, wanted)
        return await first_to_answer([partial(self._connect, driver, url, wanted) for url in each_host(self.url)])

    async def _connect(self, driver: Driver, url: str, wanted: str | None) -> Connection:
        options = self.options
        return await driver.connect(
            url,
            timeout=options.connect_deadline,
            # A timer for each statement costs a tenth of the shortest ones: the pool looks after its reads.
            command_timeout=None if self.watched else self.patience,
            statement_cache_size=self.keeps,
            max_cached_statement_lifetime=0,
            server_settings=self.settings(),
            target_session_attrs=wanted,
        )

    def _refusal(self, error: Exception) -> ConfigurationError | None:
        """What to raise for a failure to connect that lies in the URL; any other learns where it happened."""
        wrong = isinstance(error, ValueError) and not isinstance(error, OSError)
        if wrong or code_of(error) == _UNKNOWN_SETTING:
            reason = said(error)
            return ConfigurationError(
                f"The parameters in the URL of {self.label} are refused: {reason}. Deadlines and the like are options: "
                "options=PostgresOptions(...).",
                setting="url",
            )
        vars(error)[PLACE] = self.label
        return None


def _port(host: str) -> int:
    """The port that is named after a host, which may be an address in brackets; that of PostgreSQL where none is."""
    _, separator, port = host.rpartition("]")[2].rpartition(":")
    return int(port) if separator else 5_432


def milliseconds(seconds: float) -> str:
    """Seconds as the server's settings take them."""
    return str(max(1, round(seconds * 1_000)))
