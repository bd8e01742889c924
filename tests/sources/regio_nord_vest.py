"""regionordvest.ro on the loopback interface: posts in Romanian with machine translations, and a priority page.

Facts: posts and markers of 2026-08/09; calls invented.
"""

from __future__ import annotations

from ._site import WordPressSite


class RegioNordVestServer(WordPressSite):
    """Posts and the page of one priority."""

    name = "regio_nord_vest"
    paths = {"/prioritati-de-finantare/prioritatea-de-finantare-9/": "prioritatea-9.html"}
