"""Any WordPress site, without code: staff add a block to config.yaml and say what its posts are.

Publisher: whoever publishes the site that `url` names
Home: see `url` of the block
Access: `/wp-json/wp/v2/posts`, newest change first, 50 a page, ten pages at most in one run
Covers: the posts that have one of `words` (all of them without words), as `kind: call` or `kind: news`
Caveats: dates and money are read out of Romanian or English prose; a call of which neither words nor dates say whether
    it is open is set aside and counted; sites may hide the interface (then use `spider: feed`). Written 2026-11
Licence: that of the site; only title, a summary and the link are kept
"""

from collections.abc import AsyncIterator

from spiders._sheet import Sheet
from spiders._wordpress import WordPress
from spiders._words import wanted


class AnyWordPress(WordPress):
    """Reads the posts of its block's site; the opportunity's source is the block's name."""

    name = "wordpress"

    async def walk(self) -> AsyncIterator[Sheet]:
        """The posts worth keeping."""
        async for post in self.posts(self.config.url):
            sheet = self.post(post, kind=self.config.kind, language=self.config.language, countries=())
            if wanted(f"{sheet.title}\n{sheet.text}", self.config.words):
                yield sheet
            else:
                self.run.count("without the words")
