"""What an entry of a word list finds in a text, and what it must not."""

import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from filters.covered import covered, covers
from filters.quoter import Quoter
from filters.scan import Scanner
from filters.terms import read_term
from filters.words import composed, fold
from tests.filters_samples import finds

GROUPS = [
    "licitație licitația licitației licitații licitațiile licitațiilor",
    "sistem sistemul sistemului sisteme sistemele sistemelor",
    "serviciu serviciul serviciului servicii serviciile serviciilor",
    "rețea rețeaua rețelei rețele rețelele rețelelor",
    "oraș orașul orașului orașe orașele orașelor",
    "școală școala școlii școli școlile școlilor",
    "calculator calculatorul calculatoare calculatoarele calculatoarelor",
    "cetățean cetățeanul cetățeni cetățenilor",
    "securitate securitatea securității",
    "digitalizare digitalizarea digitalizării",
    "spital spitalul spitale spitalelor",
    "imprimantă imprimanta imprimante imprimantelor",
    "platformă platforma platformei platforme platformelor",
    "municipiu municipiul municipiului municipii municipiilor",
    "întreprindere întreprinderi întreprinderile întreprinderilor",
    "medical medicală medicale medicali",
    "cercetător cercetătorul cercetători cercetătorilor cercetătoare",
    "verde verzi",
    "system systems",
    "city cities",
    "process processes",
    "service services",
    "switch switches",
    "database databases",
    "analysis analyses",
]


@pytest.mark.parametrize("group", GROUPS)
def test_every_form_of_a_word_is_found(group: str) -> None:
    base, *others = group.split()
    missed = [form for form in others if not finds(base, f"Despre {form} aici")]
    assert missed == []


def test_an_inflected_entry_finds_most_other_forms() -> None:
    pairs = [(a, b) for group in GROUPS for a in group.split() for b in group.split() if a != b]
    caught = sum(finds(a, b) for a, b in pairs)
    assert caught / len(pairs) > 0.95


@pytest.mark.parametrize(
    "text", ["LICITAŢIEI", "licitaţiei", "licitației", "licitatiei", "licitat\u0327iei", "Licitatiei"]
)
def test_diacritics_never_matter(text: str) -> None:
    assert finds("licitație", text)
    assert finds("licitaţie", text)
    assert finds("licitatie", text)


@pytest.mark.parametrize(
    ("word", "text"),
    [
        ("mental", "environmental impact"),
        ("server", "serving the community; observer"),
        ("AI", "angajați ai primăriei; said"),
        ("AI", "ANGAJAȚI AI PRIMĂRIEI"),
        ("SOC", "soc hipovolemic"),
        ("oraș", "ora 10:00, orar"),
        ("date", "un dat, dator, datină"),
        ("modul", "modele noi"),
        ("rețea", "rețetă, rețin"),
        ("space", "workspace"),
        ("=space", "open spaces"),
        ("e-health", "public health"),
        ("portal web", "web portal"),
        ("portal web", "portal și aplicație web"),
        ("oraș* ~2 senzor*", "orașul are mulți foarte multe feluri de senzori"),
        ("digital*", "nedigital"),
    ],
)
def test_traps(word: str, text: str) -> None:
    assert not finds(word, text)


@pytest.mark.parametrize(
    ("word", "text"),
    [
        ("AI", "Soluții AI, și LLM"),
        ("AI", "AI-powered tools"),
        ("AI", "L'AI générative"),
        ("API", "several APIs"),
        ("e-health", "eHealth, E-HEALTH"),
        ("e-learning", "platformă elearning"),
        ("digital*", "DIGITALIZĂRII"),
        ("*software", "Fachsoftware für Ämter"),
        ("*software*", "Standardsoftwarepaket"),
        ("management documente", "Managementul de documente"),
        ("sistem informatic", "achiziția sistemului informatic integrat"),
        ("oraș* ~3 senzor*", "senzori pentru orașe"),
        ("oraș inteligent", "ORAȘELOR INTELIGENTE"),
        ("informatică", "d'informatique, informatica"),
        ("кибер*", "Киберсигурност"),
        ("Straße", "in der Straße"),
        ("finanțare", "ﬁnanțare"),
    ],
)
def test_finds(word: str, text: str) -> None:
    assert finds(word, text)


@pytest.mark.parametrize("entry", ["*", "", " ", "de la", "di*", "a,b", "x ~ y", "a ~0 b", "a ~5 b ~5 c", "d*g", "!!"])
def test_what_is_no_entry_is_refused(entry: str) -> None:
    with pytest.raises(ValueError, match=r"\w"):
        read_term(entry)


def test_the_quote_is_what_stands_there() -> None:
    scanner = Scanner()
    number = scanner.add("sistem informatic")
    text = "Achiziția „SISTEMULUI informatic”, integrat"
    ((start, end, _),) = [hit for hit in scanner.scan(text) if hit[2] == number]
    assert Quoter(text).quote(start, end) == "SISTEMULUI informatic"


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("Licitat\u0326ia nouă", "Licitația"),
        ("x\u0331ă licitația", "licitatia"),
        ("de la, pentru: licitația", "licitația"),
    ],
)
def test_quotes_of_odd_spellings(text: str, said: str) -> None:
    scanner = Scanner()
    scanner.add("licitație")
    ((start, end, _),) = scanner.scan(text)
    assert Quoter(text).quote(start, end) == said


def test_the_tenth_quote_is_as_good_as_the_first() -> None:
    quoter = Quoter("„Unu” doi, trei")
    assert [quoter.quote(1, 3) for _ in range(10)] == ["doi, trei"] * 10


@given(st.text(max_size=300))
@settings(deadline=None, max_examples=200)
def test_folding_any_text_gives_plain_letters(text: str) -> None:
    folded = fold(text)
    assert folded.isascii()
    assert all(char.isalnum() or char == " " for char in folded)
    assert fold(folded) == folded


@given(st.text(alphabet="ăâîșțşţéüßøłαкя ab-.", max_size=80))
@settings(deadline=None)
def test_folding_keeps_the_length(text: str) -> None:
    assert len(fold(text)) == len(composed(text))


@given(st.text(max_size=200), st.sampled_from(["sistem informatic", "AI", "digital*", "oraș* ~5 senzor*", "e-health"]))
@settings(deadline=None, max_examples=200)
def test_any_text_can_be_scanned_and_quoted(text: str, entry: str) -> None:
    scanner = Scanner()
    scanner.add(entry)
    text = f"{text} sistemul informatic AI digitală oraș cu senzori e-health {text}"
    hits = scanner.scan(text)
    assert hits
    assert all(Quoter(text).quote(start, end) for start, end, _ in hits)


@given(st.text(max_size=60))
@settings(deadline=None, max_examples=300)
def test_any_entry_is_read_or_refused(entry: str) -> None:
    try:
        Scanner().add(entry)
    except ValueError as error:
        assert str(error)


@pytest.mark.parametrize(
    "text", ["a " * 200_000, "sistem " * 100_000, "я" * 500_000, "\u0301" * 300_000, "oraș senzor " * 500]
)
def test_hostile_texts_are_not_slow(text: str) -> None:
    scanner = Scanner()
    for entry in ("sistem sistem sistem sistem sistem", "oraș* ~5 senzor*", "digital*", "AI"):
        scanner.add(entry)
    began = time.perf_counter()
    scanner.scan(text)
    assert time.perf_counter() - began < 3


@pytest.mark.parametrize(
    ("wide", "narrow", "says"),
    [
        ("portal", "portal web", True),
        ("portal web", "portal", False),
        ("digital*", "digitalizare", True),
        ("digital*", "digit*", False),
        ("*software", "software", False),
        ("soc", "SOC", True),
        ("SOC", "soc", False),
        ("e-health", "eHealth", True),
        ("eHealth", "e-health", False),
        ("senzor*", "oraș* ~5 senzor*", True),
        ("oraș* ~5 senzor*", "oraș senzor", False),
        ("ro:portal", "portal", False),
        ("portal", "ro:portal", True),
        ("web", "portal web", True),
        ("portal de web", "portal web", True),
    ],
)
def test_an_entry_covers_what_it_finds_all_of(wide: str, narrow: str, says: bool) -> None:
    assert covers(read_term(wide), read_term(narrow)) is says


def test_of_two_that_say_the_same_the_later_is_idle() -> None:
    assert list(covered(["drum", "e-health", "ehealth"])) == [(2, "e-health")]
    assert list(covered(["digital*", "web", "digitaliz*"])) == [(2, "digital*")]
    assert list(covered(["portal"], ["port*"])) == [(0, "port*")]
