"""What a member reads: both parts of the mail, over real-looking, huge and hostile digests."""

import datetime as dt
import re
from collections.abc import Iterator
from decimal import Decimal
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default
from functools import cache
from typing import Any

import pytest
from hypothesis import Phase, given, settings
from hypothesis import strategies as st
from icalendar import Calendar
from lxml import html as lxml_html

from digests.compose import Digest, Matched, compose
from digests.items import place
from digests.message import message
from digests.phrases import count, left, when
from digests.render import MAX_HTML, Rendered, render
from digests.words import EN, RO, Words
from pipeline.opportunity import Deadline, Kind, Link, Money, Opportunity, Role, Stage
from tests.digest_samples import (
    AI,
    BRUSSELS,
    BUCHAREST,
    LOTS,
    NORD,
    NOW,
    OFFICE,
    PORTAL,
    TECH,
    Member,
    at,
    generated,
    realistic,
    tender,
    was,
)

SIZES = (0, 1, 2, 20, 21, 40, 500)
DIGESTS = [(n, member, told) for n in SIZES for member in (NORD, TECH) for told in (False, True)]
HEADERS = [
    "From", "To", "Reply-To", "Subject", "Date", "Message-ID", "List-Id", "List-Unsubscribe", "Auto-Submitted",
    "X-Auto-Response-Suppress", "Precedence", "MIME-Version", "Content-Type", "Content-Language",
]  # fmt: skip
ELEMENTS = frozenset(re.findall(r"\w+", "html head meta title style body div table tr td p h1 h2 h3 a b br span"))
ATTRIBUTES = frozenset(
    re.findall(
        r"\S+",
        "lang dir xmlns xmlns:o charset name content class style role aria-roledescription aria-label aria-hidden "
        "width cellpadding cellspacing border bgcolor align href",
    )
)


@cache
def rendered(n: int, member: Member, told: bool) -> tuple[Digest, Rendered]:
    digest = generated(n, member, told=told)
    return digest, render(digest, OFFICE)


def mail(of: Rendered, message_id: str = "<d.2026-w47.nord.3f9a@monitor.example.ro>") -> EmailMessage:
    return message(of, "office@member.example.ro", OFFICE, message_id=message_id, date=NOW)


def tree(page: str) -> Any:
    return lxml_html.document_fromstring(page.encode(), parser=lxml_html.HTMLParser(encoding="utf-8"))


def one(member: Member = NORD, **fields: Any) -> Rendered:
    opportunity = PORTAL.model_copy(update=fields)
    return render(compose(member, [Matched(opportunity, 1, 5, "look", ("«portal»",))], {}, NOW), OFFICE)


def faults_of_the_list(of: Rendered, digest: Digest) -> Iterator[str]:
    """The attached list: every line without room, linked where it has a page, and nothing that acts or is fetched."""
    elements = list(tree(of.rest.page).iter()) if of.rest else []
    links = [element.get("href") for element in elements if element.get("href")]
    yield from (f"in the list: {href}" for href in links if not href.startswith(("https://", "http://")))
    yield from (f"in the list: {one.tag}" for one in elements if one.tag in ("script", "img", "link") or one.get("src"))
    listed = sum(element.tag == "li" for element in elements)
    linked = sum(bool(line.opportunity.url) for line in digest.rest[:500])
    if listed != min(digest.overflow, 500) or len(links) > linked:
        yield f"{listed} lines and {len(links)} links in the list for {digest.overflow} lines"


def faults(of: Rendered, digest: Digest) -> Iterator[str]:
    """Everything no mail may ever have, whatever is in it."""
    parsed = message_from_bytes(bytes(mail(of)), policy=default)
    yield from (f"defect {defect}" for part in parsed.walk() for defect in part.defects)
    if list(parsed.keys()) != HEADERS:
        yield f"headers {parsed.keys()}"
    page = tree(of.html)
    for element in page.iter():
        if isinstance(element.tag, str):
            yield from (f"element {element.tag}" for _ in range(element.tag not in ELEMENTS))
            yield from (f"attribute {name}" for name in set(element.attrib) - ATTRIBUTES)
    hrefs = [a.get("href") for a in page.iter("a")]
    yield from (f"href {href}" for href in hrefs if not href.startswith(("https://", "http://", "mailto:")))
    yield from (f"not in text: {href}" for href in hrefs if href not in of.text)
    yield from (f"not in text: {line.id}" for line in digest.lines if line.id not in of.text)
    if len(list(page.iter("h1"))) != 1:
        yield "one h1"
    if len(list(page.iter("h3"))) != len(digest.lines):
        yield "one h3 for each line"
    yield from faults_of_the_list(of, digest)
    (html_part, *_) = [part for part in bytes(mail(of)).split(b"\r\n--=_") if b"Content-Type: text/html" in part]
    if len(html_part) > MAX_HTML + 200:  # its own header fields
        yield f"{len(html_part)} bytes"
    yield from (f"long line {len(raw)}" for raw in bytes(mail(of)).splitlines() if len(raw) > 998)
    if len(of.subject) > 50 or len(of.preheader) > 100 or "\n" in of.subject + of.preheader:
        yield f"subject {of.subject!r}, preheader {of.preheader!r}"


@pytest.mark.parametrize(("n", "member", "told"), DIGESTS)
def test_generated_digests_have_no_fault(n: int, member: Member, told: bool) -> None:
    digest, of = rendered(n, member, told)
    assert list(faults(of, digest)) == []


@pytest.mark.parametrize("member", [NORD, TECH])
def test_realistic_digests_have_no_fault(member: Member) -> None:
    digest = realistic(member)
    assert list(faults(render(digest, OFFICE), digest)) == []


HOSTILE = st.one_of(
    st.text(min_size=1, max_size=60).filter(str.strip),
    st.sampled_from(
        [
            "<script>alert(1)</script>",
            '"><img src=x onerror=alert(1)>',
            "a\r\nBcc: all@example.org\r\n\r\nbody",
            "{{ 7*7 }}{% raw %}",
            "\u202egnp.exe\u2066\u200b\x00\x1b[2J",
            "&lt;script&gt;&amp;amp;",
            "javascript:alert(1)",
            "ț" * 5000,
            "\U0001f600 " * 2500,
            "x" * 5000,
            "]]><!--<style>",
        ]
    ),
)
URLS = st.sampled_from(
    [
        None,
        "https://ted.europa.eu/1",
        "http://x.example.ro/\n\nBcc:a",
        'https://x.example.ro/" onclick="alert(1)',
        "https://user:pass@x.example.ro/",
        "https://x.example.ro/" + "a" * 1900,
        "https://x.example.ro/?a=1&b=<2>&c='3'",
    ]
)


@settings(max_examples=60, deadline=None, phases=[Phase.generate])
@given(st.lists(st.tuples(HOSTILE, HOSTILE, URLS), min_size=1, max_size=40), st.sampled_from([NORD, TECH]))
def test_hostile_data_adds_no_element_attribute_scheme_or_header(rows: list[Any], member: Member) -> None:
    matched = [
        Matched(
            PORTAL.model_copy(
                update={
                    "id": f"ted:{n}",
                    "title": title,
                    "summary": text,
                    "url": url,
                    "ref": text,
                    "buyer": PORTAL.buyer and PORTAL.buyer.model_copy(update={"name": text, "city": title}),
                    "links": (Link.model_construct(url="javascript:alert(1)", role="documents"),),
                }
            ),
            1,
            1,
            title,
            (text, title),
        )
        for n, (title, text, url) in enumerate(rows)
    ]
    known = {"ted:0": was(matched[0].opportunity, title="Altul")}
    member = Member("m1", rows[0][0], member.language)
    digest = compose(member, matched, known, NOW, failed_sources=[rows[0][1]], interests=[rows[0][0]])
    assert list(faults(render(digest, OFFICE), digest)) == []


@pytest.mark.parametrize("letter", ["a ", "ș", "ц", "中", "\U0001f600", "&", "=", '"'])
def test_forty_long_ones_still_fit(letter: str) -> None:
    long = {"title": letter * 5000, "summary": letter * 5000, "url": "https://x.example.ro/" + "a" * 1900}
    ones = [
        Matched(LOTS.model_copy(update={"id": f"ted:{n}", **long}), 1, n, "top", (letter * 300,) * 9) for n in range(40)
    ]
    digest = compose(NORD, ones, {}, NOW)
    assert len(digest.lines) == 40
    assert list(faults(render(digest, OFFICE), digest)) == []


# -- the message -------------------------------------------------------------------------------------------------


def test_the_same_arguments_give_the_same_bytes() -> None:
    assert bytes(mail(one())) == bytes(mail(one()))


def test_the_structure_is_text_then_html_then_the_calendar() -> None:
    parsed = message_from_bytes(bytes(mail(one(deadlines=()))), policy=default)
    assert [part.get_content_type() for part in parsed.walk()] == ["multipart/alternative", "text/plain", "text/html"]
    assert all(part["Content-Transfer-Encoding"] == "quoted-printable" for part in parsed.iter_parts())
    parsed = message_from_bytes(bytes(mail(one())), policy=default)
    (attached,) = parsed.iter_attachments()
    assert (attached.get_content_type(), attached.get_filename()) == ("text/calendar", "termene.ics")
    assert attached["Content-Type"].params["method"] == "PUBLISH"
    assert attached.get_content() == one().calendar
    body = parsed.get_body(("html",))
    assert body is not None and body.get_content().replace("\r\n", "\n") == one().html.rstrip("\n") + "\n"


def test_a_long_list_unsubscribe_stays_raw_ascii() -> None:
    member = Member("a-member-with-a-rather-long-name-of-its-own-in-the-register-of-the-cluster", "X", "ro")
    of = render(compose(member, [Matched(PORTAL, 1)], {}, NOW), OFFICE)
    raw = bytes(mail(of)).decode("ascii")
    (line,) = re.findall(r"(?m)^List-Unsubscribe: (.*)\r$", raw)
    assert line == f"<{of.unsubscribe}>"
    assert member.id in line


def test_headers_say_who_what_and_that_it_is_automatic() -> None:
    parsed = message_from_bytes(bytes(mail(one())), policy=default)
    assert parsed["From"].addresses[0].display_name == OFFICE.name
    assert parsed["To"] == "office@member.example.ro"
    assert parsed["List-Id"] == "<digest.monitor.example.ro>"
    assert parsed["Date"].datetime == NOW
    assert (parsed["Auto-Submitted"], parsed["Precedence"]) == ("auto-generated", "bulk")
    assert parsed["Content-Language"] == "ro"


@pytest.mark.parametrize("address", ["a@b.ro\nBcc: c@d.ro", "a@b.ro, c@d.ro", "nobody"])
def test_an_address_that_is_not_one_address_is_refused(address: str) -> None:
    with pytest.raises((ValueError, IndexError)):
        message(one(), address, OFFICE, message_id="<a@b.ro>", date=NOW)


@pytest.mark.parametrize("message_id", ["<ș@b.ro>", "<a@b.ro>\r\nBcc: c@d.ro"])
def test_a_message_id_that_is_not_one_is_refused(message_id: str) -> None:
    with pytest.raises(ValueError):
        mail(one(), message_id=message_id)


# -- words -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("days", range(401))
def test_days_left_in_both_languages(days: int) -> None:
    of = "" if days in range(20) or days % 100 in range(1, 20) else "de "
    romanian = {0: "azi", 1: "mâine"}.get(days, f"mai sunt {days} {of}zile")
    assert left(RO, days) == romanian
    assert left(EN, days) == {0: "today", 1: "tomorrow"}.get(days, f"{days} days left")


@pytest.mark.parametrize(
    ("words", "deadline", "said"),
    [
        (RO, at(24, 12), "mar., 24 nov. 2026, 12:00 (ora României)"),
        (EN, at(24, 12), "Tue 24 Nov 2026, 12:00 (Bucharest time)"),
        (RO, at(15, 17, month=12, zone=BRUSSELS), "mar., 15 dec. 2026, 18:00 (ora României; publicat 17:00 Bruxelles)"),
        (
            EN,
            at(15, 17, month=12, zone=BRUSSELS),
            "Tue 15 Dec 2026, 18:00 (Bucharest time; published as 17:00 Brussels)",
        ),
        (
            RO,
            at(15, 23, 30, month=12, zone=BRUSSELS),
            "mie., 16 dec. 2026, 00:30 (ora României; publicat 15 dec., 23:30 Bruxelles)",
        ),
        (EN, Deadline(date=dt.date(2026, 12, 15)), "Tue 15 Dec 2026 (no hour published)"),
        (RO, Deadline(date=dt.date(2026, 12, 15)), "mar., 15 dec. 2026 (ora nu este publicată)"),
        (
            EN,
            Deadline(at=dt.datetime(2026, 12, 15, 12, tzinfo=dt.timezone(dt.timedelta(hours=5, minutes=30)))),
            "Tue 15 Dec 2026, 08:30 (Bucharest time; published as 12:00 UTC+05:30)",
        ),
        (
            EN,
            Deadline(at=dt.datetime(2026, 12, 15, 12, tzinfo=dt.UTC)),
            "Tue 15 Dec 2026, 14:00 (Bucharest time; published as 12:00 UTC)",
        ),
        (RO, at(1, 17, month=7, zone=BRUSSELS), "mie., 1 iul. 2026, 18:00 (ora României; publicat 17:00 Bruxelles)"),
    ],
)
def test_a_deadline_is_absolute_and_names_its_zone(words: Words, deadline: Deadline, said: str) -> None:
    assert when(words, deadline) == said


def test_plurals_of_every_phrase_cover_every_number() -> None:
    for words in (RO, EN):
        for name in words.__dataclass_fields__:
            forms = getattr(words, name)
            if isinstance(forms, dict) and "other" in forms:
                assert all(count(words, forms, n, last="") for n in range(200)), name


def test_romanian_uses_letters_with_a_comma_below() -> None:
    assert not set("şţŞŢ") & set(render(realistic(NORD), OFFICE).text)


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        ({}, "Mai sunt 4 zile · nou\n"),
        ({"deadlines": (at(20, 17),)}, "Azi · nou\n   vin., 20 nov. 2026, 17:00 (ora României)"),
        ({"deadlines": (at(21, 9),)}, "Mâine · nou"),
        ({"deadlines": ()}, "Fără termen publicat"),
        (
            {"deadlines": (), "stage": Stage.PLANNED, "opens": dt.date(2027, 2, 15)},
            "Se deschide · planificată\n   lun., 15 feb. 2027",
        ),
        ({"value": Money(amount=Decimal("1250000.40"), currency="EUR")}, "Cluj · 1.250.000 EUR"),
        ({"kind": Kind.CALL, "programme": "Digital Europe", "call": "D-26"}, "Digital Europe · D-26\n"),
        ({"kind": Kind.CALL}, "Cluj · buget 2.450.000 RON"),
        ({"deadlines": (at(30, 9), at(2, 9, month=12))}, "încă un termen: mie., 2 dec. 2026"),
        ({"deadlines": (at(30, 9).model_copy(update={"role": Role.INTEREST}),)}, "Manifestarea interesului: mai sunt"),
        ({"url": None}, "căutați numărul la sursă"),
        ({"countries": ("RO", "MD")}, "Cluj, Republica Moldova"),
    ],
)
def test_what_an_item_says(fields: dict[str, Any], said: str) -> None:
    assert said in one(**fields).text


def test_deadlines_that_passed_are_not_counted() -> None:
    assert "încă" not in one(deadlines=(at(1, 9), at(2, 9), at(30, 9))).text


def test_a_change_says_old_and_new() -> None:
    text = render(realistic(NORD), OFFICE).text
    assert "* Termen: mar., 1 dec. 2026, 15:00 → mar., 15 dec. 2026, 15:00" in text
    assert "* Valoare: 5.800.000 RON → 6.200.000 RON" in text
    assert "* Etapă: deschisă → anulată" in text


def test_a_change_of_some_lots_says_so() -> None:
    deadlines = (Deadline(at=NOW + dt.timedelta(days=30), lot="1"), Deadline(at=NOW + dt.timedelta(days=30), lot="2"))
    new = PORTAL.model_copy(update={"deadlines": deadlines})
    old = was(new, deadlines=(deadlines[0].model_copy(update={"at": NOW + dt.timedelta(days=20)}), deadlines[1]))
    text = render(compose(TECH, [Matched(new, 2)], {new.id: old}, NOW), OFFICE).text
    assert "* Deadline (some lots): Thu 10 Dec 2026, 07:30 → Sun 20 Dec 2026, 07:30" in text


def test_every_field_that_can_change_has_words() -> None:
    old = tender("1", "A", "Dej", "Dej", stage=Stage.PLANNED, opens=dt.date(2027, 1, 1))
    new = tender("1", "B", "Gherla", "Dej", stage=Stage.CONSULTATION, opens=NOW + dt.timedelta(days=90),
                 value=LOTS.value, maximum=LOTS.maximum, deadlines=LOTS.deadlines)  # fmt: skip
    for member, words in ((NORD, RO), (TECH, EN)):
        text = render(compose(member, [Matched(new, 2)], {old.id: was(old)}, NOW), OFFICE).text
        assert [label for label in words.fields.values() if f"* {label}: " not in text] == []


def test_the_subject_has_counts_and_the_nearest_deadline() -> None:
    assert render(realistic(NORD), OFFICE).subject == "9 noi, 2 modificate, 2 se închid; termen 24 nov."
    assert render(realistic(TECH), OFFICE).subject == "9 new, 2 changed, 2 closing; deadline 24 Nov"
    assert one(TECH, deadlines=()).subject == "One new opportunity"
    assert render(generated(21, TECH), OFFICE).subject.startswith("21 new")


def test_a_source_that_failed_is_named() -> None:
    for part in (render(realistic(NORD), OFFICE).text, render(realistic(NORD), OFFICE).html):
        assert "nu au răspuns în această perioadă: SEAP. Lista poate fi incompletă." in part


def test_what_found_no_room_is_counted() -> None:
    assert "Încă 1 nu" not in render(generated(41, NORD), OFFICE).text
    assert (
        "Încă una nu a încăput aici: este în lista atașată și vine cu un mesaj viitor."
        in render(generated(41, NORD), OFFICE).text
    )
    assert (
        "more found no room here: they are in the attached list and come with later mails."
        in render(generated(500, TECH), OFFICE).html
    )


# -- the calendar ------------------------------------------------------------------------------------------------


def events(of: Rendered) -> list[Any]:
    return list(Calendar.from_ical(of.calendar).walk("VEVENT"))


def changed_to(**fields: Any) -> Rendered:
    new = PORTAL.model_copy(update=fields)
    return render(compose(TECH, [Matched(new, 7)], {PORTAL.id: was(PORTAL)}, NOW), OFFICE)


def test_a_deadline_is_an_event_that_moves_with_it() -> None:
    (before,), (after,) = events(one()), events(changed_to(deadlines=(at(9, 12, month=12),)))
    assert before["UID"] == after["UID"]
    assert (before["SEQUENCE"], after["SEQUENCE"]) == (1, 7)
    assert (before["DTSTART"].dt, after["DTSTART"].dt) == (at(24, 12).at, at(9, 12, month=12).at)
    assert Calendar.from_ical(one().calendar)["METHOD"] == "PUBLISH"
    assert before["SUMMARY"] == f"depunere: {PORTAL.title}"


def test_a_cancelled_one_is_struck_out() -> None:
    (event,) = events(changed_to(stage=Stage.CANCELLED))
    assert (event["STATUS"], event["UID"]) == ("CANCELLED", events(one())[0]["UID"])
    assert [event["STATUS"] for event in events(changed_to(stage=Stage.AWARDED))] == ["CANCELLED"]


def cut_offs(*days: dt.date) -> tuple[Deadline, ...]:
    return tuple(Deadline(date=day, role=Role.CUT_OFF) for day in days)


def test_a_cut_off_keeps_its_event_when_those_before_it_passed_and_are_dropped() -> None:
    march, june = dt.date(2027, 3, 10), dt.date(2027, 6, 9)
    passed = [dt.date(2024, month, 1) for month in range(1, 13)]
    before, after = events(one(deadlines=cut_offs(*passed, march, june))), events(one(deadlines=cut_offs(march, june)))
    assert [event["DTSTART"].dt for event in before] == [march, june]
    assert [event["UID"] for event in before] == [event["UID"] for event in after]


def test_one_deadline_of_several_that_is_withdrawn_or_moved_is_struck_out() -> None:
    march, june, july = dt.date(2027, 3, 10), dt.date(2027, 6, 9), dt.date(2027, 7, 1)
    known = PORTAL.model_copy(update={"deadlines": cut_offs(march, june)})
    moved = PORTAL.model_copy(update={"deadlines": cut_offs(march, july)})
    of = render(compose(TECH, [Matched(moved, 2)], {known.id: was(known)}, NOW), OFFICE)
    assert {(event["DTSTART"].dt, event["STATUS"]) for event in events(of)} == {
        (march, "CONFIRMED"), (july, "CONFIRMED"), (june, "CANCELLED"),
    }  # fmt: skip
    two, first = (at(9, 12, month=12), at(4, 12, month=1, year=2027)), (at(8, 12, month=12),)
    was_two = PORTAL.model_copy(update={"deadlines": two})
    of = render(
        compose(TECH, [Matched(PORTAL.model_copy(update={"deadlines": first}), 2)], {PORTAL.id: was(was_two)}, NOW),
        OFFICE,
    )
    names = {str(event["UID"]).partition("@")[0][-1]: (event["DTSTART"].dt, event["STATUS"]) for event in events(of)}
    assert names == {"1": (first[0].at, "CONFIRMED"), "2": (two[1].at, "CANCELLED")}


def test_lots_that_end_together_are_one_event() -> None:
    ends = at(14, 10, month=12)
    lots = tuple(ends.model_copy(update={"lot": f"LOT-{n:04}"}) for n in range(11))
    assert len(events(one(deadlines=lots))) == 1


def test_a_bare_date_is_a_whole_day_and_each_role_an_event() -> None:
    date, role = Deadline(date=dt.date(2027, 1, 29)), Role.CONSULTATION
    of = one(deadlines=(date, at(3, 9, month=12).model_copy(update={"role": role})))
    assert {event["DTSTART"].dt for event in events(of)} == {date.date, at(3, 9, month=12).at}
    assert len({event["UID"] for event in events(of)}) == 2


@pytest.mark.parametrize("title", ["ș,;\\:\n" * 60, "\U0001f600" * 200, "BEGIN:VEVENT\r\nEND:VCALENDAR"])
def test_the_calendar_is_folded_and_escaped(title: str) -> None:
    of = one(title=title)
    assert all(len(row) <= 75 for row in of.calendar.encode().split(b"\r\n"))
    assert len(events(of)) == 1 and "\n" not in of.calendar.replace("\r\n", "")
    assert events(of)[0]["SUMMARY"].startswith(f"depunere: {title.split()[0][:40]}")


# -- looks -------------------------------------------------------------------------------------------------------

LIGHT = re.compile(r"(?<![-\w])(color|background): ?(#[0-9a-f]{6})")


def _luminance(colour: str) -> float:
    parts = [int(colour[k : k + 2], 16) / 255 for k in (1, 3, 5)]
    linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in parts]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def contrast(one: str, other: str) -> float:
    high, low = sorted((_luminance(one), _luminance(other)), reverse=True)
    return (high + 0.05) / (low + 0.05)


Rules = dict[str, dict[str, str]]


def dark_rules(page: str) -> Rules:
    dark = page[page.index("prefers-color-scheme: dark") : page.index("</style>")]
    return {name: dict(LIGHT.findall(body)) for name, body in re.findall(r"\.(\w) \{ ([^}]*)\}", dark)}


def painted(element: Any, what: str, dark: Rules | None) -> str:
    """The colour an element is painted with: its own, else the nearest ancestor's."""
    while element is not None:
        own: dict[str, str] = dict(LIGHT.findall(element.get("style", "")))
        for name in element.get("class", "").split() if dark else ():
            own |= (dark or {}).get(name, {})
        if what in own:
            return own[what]
        element = element.getparent()
    raise AssertionError(f"no {what}")


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_contrast_is_at_least_four_and_a_half(scheme: str) -> None:
    page = render(realistic(NORD), OFFICE).html
    dark = dark_rules(page) if scheme == "dark" else None
    for element in tree(page).iter("p", "a", "b", "h1", "h2", "h3", "span", "td"):
        if "".join([element.text or "", *(child.tail or "" for child in element)]).strip():
            pair = painted(element, "color", dark), painted(element, "background", dark)
            assert contrast(*pair) >= 4.5, (element.tag, element.get("class"), pair)


def test_everything_painted_has_a_dark_twin() -> None:
    page = tree(render(realistic(NORD), OFFICE).html)
    classes = {"c", "p", "t", "i", "m", "l", "u"}
    for element in page.find("body").iter():
        if (
            isinstance(element.tag, str)
            and LIGHT.search(element.get("style", ""))
            and element.get("aria-hidden") is None
        ):
            assert classes & set(element.get("class", "").split()), lxml_html.tostring(element)[:200]


def test_language_direction_and_roles() -> None:
    page = tree(render(realistic(TECH), OFFICE).html)
    assert (page.get("lang"), page.get("dir")) == ("en", "ltr")
    (article,) = page.xpath("//*[@role='article']")
    assert article.get("aria-label") == page.findtext(".//title")
    assert {table.get("role") for table in page.iter("table")} == {"presentation"}
    assert {title.get("lang") for title in page.xpath("//h3/a")} == {None, "ro", "de"}


def test_nothing_is_loaded_and_nobody_is_tracked() -> None:
    page = render(realistic(NORD), OFFICE).html
    assert not re.search(r"<(img|script|link|iframe|form|svg|object)|url\(|@import|utm_|\bon\w+=", page)
    assert page.startswith("<!doctype html>")


def test_the_links_lead_to_the_official_pages() -> None:
    digest = realistic(NORD)
    hrefs = [a.get("href") for a in tree(render(digest, OFFICE).html).xpath("//h3/a")]
    assert hrefs == [line.url for part in digest.parts for line in _as_printed(part)]


def _as_printed(part: Any) -> list[Any]:
    return [line for _, lines in part.groups for line in lines] if part.section == "new" else list(part.lines)


def test_an_opportunity_may_have_nothing_but_the_mandatory_fields() -> None:
    bare = Opportunity(id="x:1", source="x", ref="1", kind=Kind.CALL, stage=Stage.OPEN, title="T")
    digest = compose(NORD, [Matched(bare, 1)], {}, NOW.astimezone(BUCHAREST))
    assert list(faults(render(digest, OFFICE), digest)) == []
    assert AI.title in render(realistic(NORD), OFFICE).text


def test_where_the_work_is_unknown_the_buyers_county_is_shown() -> None:
    seap = tender("ADV1560101", "Licențe", "Primăria Exemplu", "")
    assert seap.buyer is not None
    buyer = seap.buyer.model_copy(update={"nuts": "RO113", "city": None})
    assert place(seap, RO) == "România"
    assert place(seap.model_copy(update={"buyer": buyer}), RO) == "Cluj"
    assert place(seap.model_copy(update={"buyer": buyer, "nuts": ("RO111",)}), RO) == "Bihor"
