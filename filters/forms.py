"""Forms of a word: what Romanian and English inflection may make of it. Pure; used when filters load, never on texts.

The word is stripped of an ending and given every ending of its family. Forms that do not exist cost nothing, because
no text holds them; a form is only harmful where it is another word, so short stems are given few endings.
"""

import re

_MASCULINE = ("ul", "ului", "i", "ii", "ilor", "e", "ele", "elor", "uri", "urile", "urilor")
_FEMININE = ("a", "ei", "e", "ele", "elor", "ea", "i", "ii", "ile", "ilor")
_IE = ("ie", "ia", "iei", "ii", "iile", "iilor", "iu", "iul", "iului")
_SHORT = ("ul", "ului", "uri", "urile", "urilor")
_ENDINGS = {
    **dict.fromkeys(("urilor", "urile", "uri", "ului", "ul", "u"), _MASCULINE),
    **dict.fromkeys(("iilor", "iile", "iei", "ie", "ia", "iu", "iul", "iului"), _IE),
    **dict.fromkeys(("ilor", "ile", "elor", "ele", "ei", "ea", "e", "a", "i"), _FEMININE + _MASCULINE),
    "ii": _FEMININE + _IE,
}
_BY_LENGTH = sorted(_ENDINGS, key=len, reverse=True)
_LONG = frozenset({"urilor", "urile", "uri", "ului", "ul", "ilor", "ile", "elor", "ele"})
_IRREGULAR = (
    ("retea", "reteaua", "retelei", "retele", "retelele", "retelelor"),
    ("piata", "pietei", "piete", "pietele", "pietelor"),
    ("scoala", "scolii", "scoli", "scolile", "scolilor"),
    ("oameni", "oamenii", "oamenilor"),
    ("analysis", "analyses"),
)
_KNOWN = {form: frozenset(group) for group in _IRREGULAR for form in group}


def forms(word: str) -> frozenset[str]:
    """The folded lower-case word with its likely inflected forms, Romanian and English."""
    if len(word) < 3 or not word.isalpha():
        return frozenset({word})
    return _KNOWN[word] if word in _KNOWN else frozenset({word, *_romanian(word), *_english(word)})


def _english(word: str) -> set[str]:
    made = {word + "s"}
    if re.search("(?:s|x|z|ch|sh)$", word):
        made.add(word + "es")
    if re.search("[^aeiou]y$", word):
        made.add(word[:-1] + "ies")
    return made | _singular(word)


def _singular(word: str) -> set[str]:
    """English singulars; -as, -is, -us and -ss are left alone: `oras` is no plural of "ora"."""
    if len(word) < 4:
        return set()
    if word.endswith("ies"):
        return {word[:-3] + "y", word[:-1]}
    if re.search("(?:ss|x|ch|sh)es$", word):
        return {word[:-2]}
    agent = len(word) > 5 and word.endswith(("ers", "ors"))
    return {word[:-1]} if agent or re.search("(?:[^aisur]|[aeo]e)s$", word) else set()


def _romanian(word: str) -> set[str]:
    if len(word) == 3:
        return {word + ending for ending in _SHORT}
    made = set() if word[-1] in "aeiu" else _spelt(word, (*_MASCULINE, "a", "ei"))
    for end in (ending for ending in _BY_LENGTH if word.endswith(ending)):
        if len(word) - len(end) >= (4 if end in _LONG else 3):
            return made | _from_stem(word[: -len(end)], end)
    return made


def _from_stem(stem: str, ending: str) -> set[str]:
    if len(stem) == 3:
        return {stem + e for e in _FEMININE if ending in ("e", "i") or e[0] in "ae"}
    family = _ENDINGS[ending]
    made = _spelt(stem, family)
    if family is not _IE and ending != "ii" and (len(stem) > 3 or len(ending) > 1):
        made.add(stem)
    return made | ({stem + "u"} if ending[0] == "u" or stem.endswith("tr") else set())


def _spelt(stem: str, family: tuple[str, ...]) -> set[str]:
    """Stem and endings, with the sound changes inside the stem: calculator/calculatoare, scoala/scoli, verde/verzi."""
    made = {stem + ending for ending in family}
    if stem.endswith("or"):
        made |= {stem[:-2] + "oar" + e for e in ("e", "ele", "elor", "ea")}
    if stem.endswith("oar"):
        made |= {stem[:-3] + "or" + e for e in ("", "ul", "ului", "i", "ii", "ilor")}
    if stem.endswith("ean"):
        made |= {stem[:-3] + "en" + e for e in ("i", "ii", "ilor")}
    if stem.endswith("d"):
        made |= {stem[:-1] + "z" + e for e in ("i", "ii", "ile", "ilor")}
    return made | _broken(stem)


def _broken(stem: str) -> set[str]:
    if found := re.search("oa([^aeiou]{1,2})$", stem):
        return {stem[: found.start()] + "o" + found[1] + e for e in ("i", "ii", "ile", "ilor")}
    return set()
