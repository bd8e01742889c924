"""Whether mail can leave and be believed: the mail server, its certificate, the login, and the sender's DNS."""

import datetime as dt
import re
from collections.abc import Iterator, Mapping
from email.utils import parseaddr
from typing import Literal, NamedTuple

from digests import dns, staff
from digests.leave import link
from digests.transport import Session, StopSending, Unreachable
from pipeline.config import Config
from pipeline.exceptions import ConfigError
from pipeline.ledger import State

SECONDS = 15
EXPIRES = dt.timedelta(days=14)
LARGEST = 9_000_000
"""Bytes a batch for staff may take (`digests.approval`)."""
Level = Literal["ok", "warning", "error"]


class Finding(NamedTuple):
    """One thing that was looked at."""

    about: str
    level: Level
    said: str
    mend: str = ""
    """What to do, where something is to be done."""


def mail_server(config: Config, now: dt.datetime) -> Iterator[Finding]:
    """Connects, secures, logs in, and asks whether our sender is taken; sends nothing."""
    mail = config.mail
    if not mail.host:
        yield Finding("mail", "warning", "no mail.host: mails are written to the outbox folder", "mail.host")
        return
    where = f"{mail.host}:{mail.port}"
    try:
        with Session(mail, config.password(), seconds=SECONDS) as session:
            session.ready()
            server = session.about()
    except ConfigError as error:
        yield Finding("mail", "error", error.problems[0].what, "see Secrets in docs/operations.md")
        return
    except (StopSending, Unreachable) as error:
        yield Finding("mail", "error", str(error), _advice(error))
        return
    secured = {"none": "without TLS", "tls": "TLS verified", "starttls": "STARTTLS verified"}[mail.security]
    yield Finding("mail", "ok", f"{where} answers, {secured}, {'login accepted' if mail.user else 'no login'}")
    if server.refuses_us:
        said = f"{where} does not take mail from {mail.sender}: {server.refuses_us}"
        yield Finding(
            "mail", "error", said, "mail.from must be an address this server sends for; mail.user may be missing"
        )
    if server.size_max and server.size_max < LARGEST:
        said = f"{where} takes mails of {server.size_max:,} bytes at most"
        yield Finding("mail", "warning", said, "batches for approval may be too big for it; release in parts")
    if server.certificate_until:
        yield certificate(where, server.certificate_until, now)


def _advice(error: Exception) -> str:
    if isinstance(error, Unreachable):
        return "is mail.host right, is mail.port open from here? Nothing is lost: mails wait"
    if "login" in str(error) or "password" in str(error):
        return "mail.user and its password: see Secrets in docs/operations.md"
    return "mail.security and mail.port must be what the server offers: starttls with 587, tls with 465"


def certificate(where: str, until: dt.datetime, now: dt.datetime) -> Finding:
    """For how long a certificate is good."""
    days = (until - now).days
    if until - now > EXPIRES:
        return Finding("mail", "ok", f"the certificate of {where} is good for {days} days")
    said = f"the certificate of {where} ends in {days} days; then no mail leaves"
    return Finding("mail", "warning", said, "tell whoever runs the mail server")


def secrets(config: Config) -> Iterator[Finding]:
    """Whether the one-click secret can be had."""
    try:
        if link(config, "anybody"):
            yield Finding("unsubscribe", "ok", "one click leaves: its secret is there")
    except ConfigError as error:
        yield Finding(
            "unsubscribe", "error", error.problems[0].what, "see Leaving with one click in docs/operations.md"
        )


# DNS


def sender_dns(config: Config, nameserver: str | None = None) -> Iterator[Finding]:
    """SPF and DMARC of the sender's domain: without them, mailbox providers put digests into the junk folder."""
    domain = parseaddr(config.mail.sender)[1].rpartition("@")[2].rstrip(".")
    above = [f"_dmarc.{name}" for name in _upwards(domain)]
    answers = dns.texts([domain, *above], nameserver)
    yield spf(domain, answers[domain])
    yield dmarc(domain, {name: answers[name] for name in above})


def _upwards(domain: str) -> list[str]:
    """The domain and those it is part of, down to two labels: `a.b.ro` -> `a.b.ro`, `b.ro`."""
    labels = domain.split(".")
    return [".".join(labels[n:]) for n in range(max(1, len(labels) - 1))]


def spf(domain: str, answer: dns.Answer) -> Finding:
    """Who may send for the domain (RFC 7208)."""
    found = [text for text in answer.texts if re.match(r"v=spf1( |$)", text, re.IGNORECASE)]
    if answer.unknown:
        return Finding("SPF", "warning", f"{domain}: {answer.unknown}", "ask again; or `dig TXT` from another machine")
    if not found:
        mend = f"TXT record for {domain}: v=spf1 include:YOUR-MAIL-PROVIDER ~all"
        return Finding("SPF", "error", f"{domain} does not say who may send for it", mend)
    if len(found) > 1:
        return Finding(
            "SPF", "error", f"{domain} has {len(found)} SPF records, which counts as none", "join them into one"
        )
    ending = re.search(r"(?:^| )([~?+-]?)all\s*$", found[0])
    if ending and ending[1] in ("", "+"):
        return Finding("SPF", "error", f"{domain} lets everybody send for it: {found[0]}", "write ~all at its end")
    if not ending and "redirect=" not in found[0]:
        return Finding("SPF", "warning", f"{domain}: {found[0]}", "write ~all at its end")
    return Finding("SPF", "ok", f"{domain}: {found[0]}")


def dmarc(domain: str, answers: Mapping[str, dns.Answer]) -> Finding:
    """What is to become of mail in the domain's name that is not proven (RFC 7489); its own answer, or one above."""
    for name, answer in answers.items():
        if found := next((text for text in answer.texts if re.match(r"v=DMARC1\b", text)), None):
            if not re.search(r";\s*p\s*=\s*(none|quarantine|reject)\b", found):
                return Finding("DMARC", "error", f"{name} names no policy: {found}", "write v=DMARC1; p=none at least")
            return Finding("DMARC", "ok", f"{name}: {found}")
    if why := next((answer.unknown for answer in answers.values() if answer.unknown), ""):
        return Finding("DMARC", "warning", f"{domain}: {why}", "ask again; or `dig TXT` from another machine")
    mend = f"TXT record for _dmarc.{domain}: v=DMARC1; p=none; rua=mailto:YOUR-ADDRESS"
    return Finding("DMARC", "warning", f"{domain} has no DMARC record; large providers ask for one", mend)


# A mail to see


def send_test(config: Config, address: str, now: dt.datetime) -> Finding:
    """Sends one mail to an address of staff, past the outbox."""
    _, raw = staff.compose(config, address, "test", "A test of Vestitor", TEST, now)
    try:
        with Session(config.mail, config.password(), seconds=SECONDS) as session:
            session.ready()
            state, reply, _ = session.send(address, raw, lambda: None)
    except (ConfigError, StopSending, Unreachable) as error:
        return Finding("test mail", "error", f"not sent: {error}", "see above")
    if state is State.SENT:
        return Finding("test mail", "ok", f"accepted for {address}: {reply}")
    return Finding("test mail", "error", f"{state.value}: {reply}", "ask whoever runs the mail server")


TEST = """\
This mail was asked for by `vestitor doctor --send-test`.

If you read it, mail leaves this installation. To see whether it is believed, open its full header ("Show original") and
look at Authentication-Results: spf=pass, dkim=pass and dmarc=pass are what digests need. DKIM is signed by your mail
provider; where it says dkim=none, ask there.
"""
