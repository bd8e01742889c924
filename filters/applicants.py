"""The words of those who may apply for a call, Romanian and English, and of the sentences that name them. Pure data.

Phrases folded (no diacritics, lower case, punctuation gone), parted by commas or lines; a star stands for any ending,
a semicolon for the comma of a repetition.
"""

import re
from collections.abc import Mapping
from typing import Literal

from pipeline._romanian_words import words

Who = Literal["sme", "university", "public_authority", "ngo", "large_company"]


def _any(listed: str) -> re.Pattern[str]:
    return re.compile(rf"\b(?:{words(listed)})\b")


_COMPANIES = r"""
    firme, firmelor, firmele, (?<!large )compan*(?! mari), operator* economic*, societat* (?:comercial|pe actiuni)*
    intreprinderi(?:le|lor)?(?! (?:mici|mijloc|social|mari|nou|noi|de insert|de econom|in?nov))
    (?<!large )enterprises?, businesses, mediul* privat, mediul* de afaceri
"""
NAMED: Mapping[Who, re.Pattern[str]] = {
    "sme": _any(f"""
        imm*, micro ?intreprind*, intreprinder* (?:mici|mijloc|nou|noi|in?nov)*, start ?up*, scale ?up*, smes?
        small and medium*, micro ?enterpris*, pfa {_COMPANIES}
    """),
    "large_company": _any(f"intreprinder* mari, companii* mari, large (?:enterpris|compan|industr)* {_COMPANIES}"),
    "university": _any("""
        universit*, institut* de invatamant superior, invatamantul* superior, higher education
        organizati* de cercetare, institut* (?:national* )?de cercetare
        research (?:organi[sz]ation|institut|centre|performing)*
    """),
    "public_authority": _any("""
        autoritat* (?:ale )?(?:administrati|public|local|central|contractant|de sanatate)*, ministere*
        administrati* (?:public|local|central)*, unitat* administrativ*, uat*, primari*, municipi*, institut* public*
        consili* (?:judetean|judetene|local)*, (?:local|regional|national) authorit*, cities
        public (?:authorit|bod|sector bod|administration|institution|procurer)*
    """),
    "ngo": _any("""
        ongs?, ong ?uri*, ngos?, asociatii*, fundati*, organizati* (?:neguvern|ale societatii|fara scop)*
        organizati* non ?profit, non ?profit, not for profit, civil society org*, non govern*
        grup* de actiune local*, associations?, foundations?
    """),
}
"""What each sort of organisation is called."""
OPEN = _any("""
    persoane juridice, legal (?:entit|person)*, entitat*, any, orice, organisations?, furnizor*, provider*, producator*
    scol*, unitat* de invat*, alt[ei], altele, others?, consorti*, public si privat, public and private, such as
    precum, etc, spital*, hospital*
""")
"""Words that leave a list open: whoever it does not name may still be meant."""
BODY = _any("""
    minister(?:ul|ului)?, agenti[ae]i? nationala, directi[ae]i? generala, serviciul public, comitetul
""")
"""One body by its name: nobody else may apply, and of public authorities only this one."""
LIST = _any("""
    (?:solicitant|beneficiar|aplicant)*(?: parteneri)? (?:eligibil|pot fi|sunt)*
    eligible (?:applicant|beneficiar|participant|entit|organi)*
    (?:only|exclusively|solely) .{0;80}(?:eligible|apply|participat|submit)*
    (?:participat|application|applicant|eligib|call|access)* .{0;60}(?<!not )(?:reserved|restricted|limited) (?:for|to)
    rezervat*, (?:doar|numai|exclusiv) .{0;80}(?:pot|eligib)*
    pot (?:aplica|depune|participa|solicita)* (?:* )?(?:* )?(?:doar|numai|exclusiv)
""")
"""Begins a list of all who may apply."""
HINT = _any("""
    pot (?:aplica|depune|participa|solicita|beneficia|accesa)*, (?:may|can) (?:apply|submit|participate)
    applicants must be, se adreseaz*, (?:is|are) open to
""")
"""Names some who may apply."""
REFUSED = _any("""
    nu (?:sunt|este|vor fi) eligibil*, nu pot (?:aplica|depune|participa|solicita)*, not eligible, ineligible
    (?:may|can) ?not (?:apply|participate), sunt exclus*, are excluded
""")
"""Names some who may not."""
BUT = _any("cu exceptia, except(?: for)?, excluding, other than")
FOR = re.compile(r"\b(?:pentru|for|destinat\w*|adresat\w*|dedicat\w*)\b(?P<whom>.{3,60})")
PURPOSE = re.compile(r"\bpentru\b[^,;:.]*")
"""What a body in a list is for, which says nothing of who may apply: "Fondul de garantare pentru IMM"."""
EVERYBODY: tuple[Who, ...] = tuple(NAMED)
ACTIONS: tuple[tuple[re.Pattern[str], tuple[Who, ...], bool], ...] = (
    (_any("eic (?:accelerator|equity)"), ("sme",), True),
    (_any("sme support"), ("sme",), False),
    (_any("pre commercial procurement, public procurement of innovative"), ("public_authority",), False),
    (
        _any("horizon (?:.+ )?(?:research and innovation|innovation|coordination and support|cofund) actions?"),
        EVERYBODY,
        False,
    ),
    (_any("horizon (?:.+ )?msca, life project grants"), EVERYBODY, False),
    (_any("horizon (?:.+ )?erc"), ("university",), False),
)
"""Types of action, who may apply by their rules, and whether nobody else may (Horizon Europe regulation 2021/695,
articles 22 and 48; LIFE regulation 2021/783, article 14)."""
