"""The news feed of an EU agency on the loopback interface, in the form their common site software gives it.

Facts: `/node/{number}/rss_en`, RSS 2.0, some 30 items (2026-06); items invented.
"""

from __future__ import annotations

from ._site import Site


class FeedServer(Site):
    """A feed."""

    name = "feed"
    paths = {"/node/2/rss_en": "rss_en.xml"}
