"""Regional Programme North-West 2021-2027: calls, guides, consultations and corrections for the region of Cluj.

Publisher: Agenția de Dezvoltare Regională Nord-Vest
Home: https://regionordvest.ro
Access: posts of two categories through `/wp-json/wp/v2/posts`; the pages of the priorities, where each call stands with
    its code, exact period and allocation
Covers: all calls of the programme; consultations of guides; corrections and extensions as posts. A post that names
    one call by its code and moves its deadline, halts or ends it is told as a change of that call
Caveats: every post has a machine translation below `/en/` (2026-08): dropped. Of the priority pages only that of
    priority 9 was seen; a missing one is an issue, not a failure. Not verified live while building (2026-11):
    robots.txt, the HTML of the priority pages
Licence: free reuse of public sector information (Law 179/2022), with attribution to ADR Nord-Vest
"""

import re
from collections.abc import AsyncIterator, Iterator
from typing import Any

from pipeline.exceptions import SourceError
from spiders._html import soup_of, text_of
from spiders._sheet import Sheet
from spiders._wordpress import WordPress

FUNDER = "Agenția de Dezvoltare Regională Nord-Vest"
PROGRAMME = "Program Regional Nord-Vest"
CATEGORIES = "3,18"
"""`por-2021-2027` (calls and guides) and `consultare-publica`."""
PRIORITIES = range(1, 10)
_CODE = re.compile(r"PR ?NV/\d{4}/\w{1,12}(?:\.\w{1,6})?(?:/\d{1,2})?")
_SAME: dict[str, Any] = {
    "funder": FUNDER, "programme": PROGRAMME, "nuts": ("RO11",), "eu_funded": True,
}  # fmt: skip


class RegioNordVest(WordPress):
    """Reads the pages of the priorities, then the posts that changed."""

    name = "regio_nord_vest"
    query = {"categories": CATEGORIES}  # noqa: RUF012

    async def walk(self) -> AsyncIterator[Sheet]:
        """Calls and posts; where one of the two cannot be had, the other is read all the same."""
        for part in (self.priorities(), self.announcements()):
            try:
                async for sheet in part:
                    yield sheet
            except SourceError as error:
                self.gap(str(error))

    async def priorities(self) -> AsyncIterator[Sheet]:
        """The calls on the pages of the priorities."""
        for number in PRIORITIES[-1:] if self.probing else PRIORITIES:
            url = f"{self.config.url}/prioritati-de-finantare/prioritatea-de-finantare-{number}/"
            try:
                response = await self.look(url)
            except SourceError as error:
                self.run.issue("priority-page", str(error))
                if "HTTP 404" not in str(error):
                    self.gap(str(error))
                continue
            if response is None:
                continue
            for call in read_calls(text_of(soup_of(response.body))):
                yield self.sheet(call.pop("ref"), call.pop("title"), url=url, **call, **_SAME)
            self.remember(response)
        if not self.run.counts["pages read"] and not self.run.counts["pages unchanged"]:
            self.gap("no page of a priority could be had")

    async def announcements(self) -> AsyncIterator[Sheet]:
        """The posts that changed, without their translations."""
        async for post in self.posts(self.config.url):
            if "/en/" in str(post.get("link", "")):
                self.run.count("translations left out")
            else:
                sheet = self.post(post, kind="post", **_SAME)
                code = only_code(sheet.title if _CODE.search(sheet.title) else sheet.text)
                ref = ref_of(code) if code else None
                yield sheet.model_copy(update={"call": code, "moves": ref, "ref": f"post-{sheet.ref}"})


def only_code(text: str) -> str | None:
    """The code of the one call that a text names; None for several: which of them it means, nobody can know."""
    found = {ref_of(code): code for code in _CODE.findall(text)}
    return next(iter(found.values())) if len(found) == 1 else None


def ref_of(code: str) -> str:
    """A code without blanks and points: PR NV/2023/131.B/1 and PRNV/2023/131B/1 are one."""
    return re.sub(r"[ .]", "", code)


def read_calls(text: str) -> Iterator[dict[str, Any]]:
    """The calls of a priority page: title, code, then its period and allocation up to the next title. The code is
    written with blanks and points or without: the ref drops them."""
    lines = text.splitlines()
    heads = [at for at, line in enumerate(lines) if _CODE.fullmatch(line.strip())]
    for at, end in zip(heads, [*[head - 1 for head in heads[1:]], len(lines)], strict=True):
        code = lines[at].strip()
        yield {
            "ref": ref_of(code),
            "title": lines[at - 1] if at else code,
            "call": code,
            "text": "\n".join(lines[at + 1 : end]),
        }
