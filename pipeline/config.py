"""The operator's knobs: config.yaml as a model. Paths inside are relative to the file; secrets never stand in it."""

import datetime as dt
import os
import re
import stat
from difflib import get_close_matches
from ipaddress import ip_address
from pathlib import Path
from typing import Annotated, Literal, Self
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo, available_timezones

from pydantic import AfterValidator, Field, PrivateAttr, model_validator

from pipeline.exceptions import ConfigError, Problem
from pipeline.opportunity import Country, Model, Stage
from pipeline.yaml_file import load, read_text, tree

UNSUBSCRIBE_VARIABLE = "VESTITOR_UNSUBSCRIBE_SECRET"
PASSWORD_VARIABLE = "VESTITOR_SMTP_PASSWORD"  # noqa: S105  (a name, no password)
IMAP_VARIABLE = "VESTITOR_IMAP_PASSWORD"
PUBLISH_VARIABLE = "VESTITOR_PUBLISH_SECRET"
DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")


def _clock_time(text: str) -> str:
    if not re.fullmatch(r"([01]\d|2[0-3]):[0-5]\d", text):
        raise ValueError("write a time of day as HH:MM, such as 07:30")
    if text[:2] in ("00", "03"):
        # APScheduler skips 00:xx on the Monday after the clocks go forward; 03:xx comes twice or never on those days.
        raise ValueError(
            "hours 00 and 03 are missed or come twice when the clocks change; write another, such as 04" + text[2:]
        )
    return text


def _web(text: str) -> str:
    parts = urlsplit(text)
    if parts.scheme not in ("http", "https") or not parts.hostname or parts.username:
        raise ValueError("write a web address such as https://ted.europa.eu, without user and password")
    return text.rstrip("/")


def _address(text: str) -> str:
    if not re.fullmatch(r"(?:[^<>\n]{1,80} <)?[A-Za-z0-9._%+-]{1,64}@[A-Za-z0-9.-]{1,190}\.?[A-Za-z0-9]>?", text):
        raise ValueError("write an e-mail address such as office@example.org, or `Name <office@example.org>`")
    return text


URI_MAX = 70
"""Characters of an address in List-Unsubscribe: longer ones are broken up by mail software on their way."""
TOKEN_LENGTH = 24


def _one_click(text: str) -> str:
    filled = text.replace("{token}", "x" * TOKEN_LENGTH)
    parts = urlsplit(filled)
    if text.count("{token}") != 1 or not re.fullmatch(r"https://[A-Za-z0-9._~:/?&=%-]+", filled) or not parts.hostname:
        raise ValueError("write the address of your endpoint with one {token}, such as https://example.org/u/{token}")
    if len(filled) > URI_MAX:
        raise ValueError(f"with its token this is {len(filled)} characters; it may have {URI_MAX}: write a shorter one")
    return text


def this_machine(host: str) -> bool:
    """Whether what goes to this host never leaves the machine."""
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host.lower() == "localhost"


def _timezone(text: str) -> str:
    if text not in available_timezones():
        near = get_close_matches(text, available_timezones(), n=1) or ["Europe/Bucharest"]
        raise ValueError(f"write a time zone such as {near[0]}")
    return text


def days_of(span: str) -> list[dt.date]:
    """The days of `2026-12-24` or `2026-12-24 to 2026-12-31`; ValueError for anything else."""
    if not re.fullmatch(r"\d{4}-\d\d-\d\d( to \d{4}-\d\d-\d\d)?", span):
        raise ValueError(span)
    ends = [dt.date.fromisoformat(day) for day in span.split(" to ")]
    return [ends[0] + dt.timedelta(days=n) for n in range((ends[-1] - ends[0]).days + 1)]


def _span(text: str) -> str:
    try:
        days = days_of(text)
    except ValueError:
        raise ValueError("write a day as 2026-12-24, or several as 2026-12-24 to 2026-12-31") from None
    if not 0 < len(days) <= 60:
        raise ValueError("the last day comes before the first, or more than 60 days after it; mend the dates")
    return text


ClockTime = Annotated[str, AfterValidator(_clock_time)]
WebAddress = Annotated[str, AfterValidator(_web)]
MailAddress = Annotated[str, AfterValidator(_address)]
OneClick = Annotated[str, AfterValidator(_one_click)]
HostName = Annotated[str, Field(pattern=r"^[a-z0-9]([a-z0-9.-]*[a-z0-9])?(:\d{1,5})?$")]
"""A host such as www.example.org, with its port where that is not the usual one."""
Span = Annotated[str, AfterValidator(_span)]
"""A day, or its first and last: `2026-12-24`, `2026-12-24 to 2026-12-31`."""
CpvBranch = Annotated[str, Field(pattern=r"^(\d{2,8}|\*)$")]
"""The digits a code starts with: 72, 4821; `*` is every code."""


class Expect(Model):
    """What a run of a source usually yields; outside of it, the run is not good and says why."""

    min: int = 1
    max: int | None = None
    newest: Annotated[int, Field(ge=1)] = 5
    """Days after which the newest thing a source has is too old to believe that it works."""
    compare: bool = True
    """Whether a run is compared with the last good ones; false for a run after a publisher has truly shrunk."""


class Scope(Model):
    """What of a source is kept; the rest is counted. An opportunity is kept when its buyer's country is listed, or
    when one of its CPV codes lies in a listed branch; in both cases only in the listed stages."""

    countries: tuple[Country, ...] = ("RO",)
    cpv: tuple[CpvBranch, ...] = ("302", "324", "48", "72", "35125", "38221", "51610", "80533")
    stages: tuple[Stage, ...] = tuple(Stage)


class SourceConfig(Model):
    """One source: the same keys for every one; `mode` and `scope` where the source has them."""

    enabled: bool = True
    url: WebAddress
    at: tuple[ClockTime, ...] = ()
    expect: Expect = Expect()
    delay: Annotated[float, Field(ge=0, le=600, allow_inf_nan=False)] = 1.0
    """Seconds between two requests to one host."""
    backoff: Annotated[float, Field(ge=0, le=900, allow_inf_nan=False)] = 30.0
    """Seconds before a refused request (429, 5xx) is tried again, doubled each time."""
    patience: Annotated[float, Field(gt=0, le=900, allow_inf_nan=False)] = 120.0
    """Seconds until an answer is given up."""
    requests: Annotated[int, Field(ge=1, le=100_000)] = 1000
    """Requests a day at most, those for robots.txt and redirects included; then the run ends partial."""
    proxy: WebAddress | None = None
    """The proxy its requests go through, such as http://proxy.example.org:3128."""
    ipv4: bool = False
    """Whether it is asked over IPv4 only."""
    hosts: tuple[HostName, ...] = ()
    """Further hosts of the publisher it may send us to; others are refused."""
    timeout: Annotated[int, Field(ge=10, le=7000)] = 3600
    """Seconds after which a run of this source is ended."""
    mode: Literal["packages", "search"] = "packages"
    scope: Scope | None = None
    """What is kept of it; without this key, what the source itself takes as its scope (see docs/sources.md)."""
    spider: Annotated[str, Field(pattern=r"^[a-z0-9_]+$")] | None = None
    """The spider that reads it where that is not the source's own: `feed`, `wordpress` or `listing`, for any site
    without code."""
    kind: Literal["call", "news"] = "news"
    """What the items of such a site are: calls, or news about them."""
    language: Annotated[str, Field(pattern=r"^[a-z]{2}$")] = "ro"
    """Language of such a site (ISO 639-1)."""
    words: tuple[Annotated[str, Field(min_length=2)], ...] = ()
    """Words of which an item of such a site has at least one, with or without diacritics; `digital*` for any ending.
    Without words, every item is kept."""


class Imap(Model):
    """The mailbox members' answers come to, read over TLS."""

    host: Annotated[str, Field(pattern=r"^[A-Za-z0-9.-]{1,190}$")]
    port: Annotated[int, Field(ge=1, le=65535)] = 993
    user: Annotated[str, Field(pattern=r'^[^\s"\\]{1,100}$')]
    folder: Annotated[str, Field(pattern=r"^[ -!#-\[\]-~]{1,100}$")] = "INBOX"
    """As the server spells it: INBOX, INBOX.Answers."""
    password_file: Path | None = None


class Mail(Model):
    """How mail leaves the house. Without `host`, mails are written to the outbox folder."""

    sender: MailAddress = Field(default="Vestitor <vestitor@example.org>", alias="from")
    reply_to: MailAddress | None = None
    staff: tuple[MailAddress, ...] = ()
    host: str | None = None
    port: Annotated[int, Field(ge=1, le=65535)] = 587
    security: Literal["starttls", "tls", "none"] = "starttls"
    user: str | None = None
    password_file: Path | None = None
    outbox: Path = Path("outbox")
    imap: Imap | None = None
    """The mailbox of `reply_to`, where answers to a line and reports of mails that came back are read."""
    postal: str | None = None
    """The postal address shown in the footer."""
    unsubscribe: OneClick | None = None
    """The https address of an endpoint of yours that takes one-click unsubscribes, with {token} where it goes."""
    unsubscribe_secret_file: Path | None = None
    """File (mode 0600) with the secret the tokens are made with."""

    @model_validator(mode="after")
    def _never_in_clear(self) -> Self:
        if self.host and self.user and self.security == "none" and not this_machine(self.host):
            clear = f"`security: none` would send the password of `user` in clear to {self.host}"
            raise ValueError(f"{clear}; write security: starttls, or tls with port 465")
        return self

    @model_validator(mode="after")
    def _contactable(self) -> Self:
        if self.host and self.sender.rstrip(">").endswith(("example.org", "example.com")):
            raise ValueError("`from` is still an example address; write the address your digests come from")
        return self


class DigestConfig(Model):
    """When digests go out and how much they hold; which of these days are a member's stands in its file."""

    at: tuple[ClockTime, ...] = ("07:30",)
    """Hours at which they leave; a second one is for what could not leave at the first."""
    days: tuple[Literal[DAYS], ...] = ("mon", "tue", "wed", "thu", "fri")  # type: ignore[valid-type]
    """The office's working days, but for legal holidays and the days below."""
    closed: tuple[Span, ...] = ()
    limit: Annotated[int, Field(ge=1, le=40)] = 40
    """Lines in a mail."""
    volume: Annotated[int, Field(ge=1, le=1000)] = 10
    """New opportunities a member is told in a week, where its file does not say otherwise."""
    approval: bool = False
    """Whether staff see digests before members do: they wait for `vestitor release`."""

    @property
    def closed_days(self) -> frozenset[dt.date]:
        """The days on which the office is closed besides weekends and holidays."""
        return frozenset(day for span in self.closed for day in days_of(span))


class ReportConfig(Model):
    """When the office gets its own overview, by mail to `mail.staff`."""

    at: ClockTime = "08:15"
    days: Annotated[tuple[Literal[DAYS], ...], Field(min_length=1)] = ("mon",)  # type: ignore[valid-type]
    """A new report begins on each of these days; one that could not leave comes on the next day."""


class PublishConfig(Model):
    """The static archive: a folder of web pages that needs no server of its own."""

    folder: Path = Path("public")
    url: WebAddress | None = None
    """Where the folder can be read, such as https://oportunitati.example.org; for feeds and calendars."""
    language: Literal["ro", "en"] = "ro"
    at: tuple[ClockTime, ...] = ()
    """Hours at which it is written anew; without any, only by hand."""
    secret_file: Path | None = None
    """File (mode 0600) whose text makes the addresses of members' feeds unguessable."""


class FilterFolders(Model):
    """Where staff keep the vocabularies and the members."""

    interests: Path = Path("filters/interests")
    members: Path = Path("filters/members")


class Config(Model):
    """A whole installation. Two files in two places are two independent installations."""

    name: str = "Vestitor"
    """The organisation or service named in mails."""
    contact: MailAddress | None = None
    """Whom a publisher can write to about our requests; part of the User-Agent."""
    timezone: Annotated[str, AfterValidator(_timezone)] = "Europe/Bucharest"
    store: Path = Path("vestitor.db")
    backups: Path = Path("backups")
    mail: Mail = Mail()
    filters: FilterFolders = FilterFolders()
    digest: DigestConfig = DigestConfig()
    report: ReportConfig = ReportConfig()
    publish: PublishConfig = PublishConfig()
    apart: tuple[tuple[str, str], ...] = ()
    """Pairs of opportunity ids that look like the same one from two sources and are not."""
    sources: dict[Annotated[str, Field(pattern=r"^[a-z0-9_]+$")], SourceConfig] = Field(default_factory=dict)
    _file: Path = PrivateAttr(default=Path("config.yaml"))

    @model_validator(mode="after")
    def _approvable(self) -> Self:
        if self.digest.approval and not self.mail.staff:
            raise ValueError("digest.approval needs somebody who approves; write mail.staff: [you@your-cluster.ro]")
        return self

    @property
    def file(self) -> Path:
        """The file it was read from."""
        return self._file

    @property
    def zone(self) -> ZoneInfo:
        """The time zone of the office."""
        return ZoneInfo(self.timezone)

    def path(self, relative: Path) -> Path:
        """A path of the configuration, taken from the folder of its file."""
        return self._file.parent / relative

    @classmethod
    def read(cls, file: Path) -> Self:
        """The configuration in `file`; raises ConfigError with every problem."""
        config = load(file, cls)
        config._file = file.absolute()
        return config

    @classmethod
    def sketch(cls, file: Path) -> Self:
        """Of a refused file only where the filters are, so that they can be checked nevertheless."""
        try:
            folders = FilterFolders.model_validate(tree(str(file), read_text(file))[0].get("filters") or {})
        except (ConfigError, ValueError, AttributeError):
            folders = FilterFolders()
        config = cls(filters=folders)
        config._file = file.absolute()
        return config

    def password(self) -> str | None:
        """The SMTP password: from the environment, else from `mail.password_file`, which only its owner may read."""
        return self._secret(PASSWORD_VARIABLE, "mail.password_file", self.mail.password_file)

    def imap_password(self) -> str | None:
        """The password of `mail.imap`: from the environment, else from its `password_file`."""
        imap = self.mail.imap
        return self._secret(IMAP_VARIABLE, "mail.imap.password_file", imap.password_file if imap else None)

    def publish_secret(self) -> str | None:
        """What makes the addresses of members' feeds unguessable: from the environment, else `publish.secret_file`."""
        return self._secret(PUBLISH_VARIABLE, "publish.secret_file", self.publish.secret_file)

    def unsubscribe_secret(self) -> str | None:
        """What one-click tokens are made with: from the environment, else from `mail.unsubscribe_secret_file`."""
        return self._secret(UNSUBSCRIBE_VARIABLE, "mail.unsubscribe_secret_file", self.mail.unsubscribe_secret_file)

    def _secret(self, variable: str, key: str, named: Path | None) -> str | None:
        if secret := os.environ.get(variable):
            return secret
        if named is None:
            return None
        file = self.path(named)
        if not file.is_file():
            raise ConfigError([Problem(f"{self.file}:1", f"{key} {file} is not there; create it, mode 0600")])
        if stat.S_IMODE(file.stat().st_mode) & 0o077:
            raise ConfigError([Problem(f"{file}:1", f"others can read this secret; run: chmod 600 {file}")])
        return file.read_text(encoding="utf-8").strip()
