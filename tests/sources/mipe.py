"""mfe.gov.ro on the loopback interface: WordPress posts behind a byte order mark, and the calendar of calls.

Facts: posts and pages of 2026-08; the classes of the box as recorded, the HTML around the calendar's cards rebuilt from
its visible text; calls invented. The real site drops connections from cloud addresses without an answer.
"""

from __future__ import annotations

from ._site import WordPressSite


class MipeServer(WordPressSite):
    """Posts and calendar."""

    name = "mipe"
    bom = b"\xef\xbb\xbf"
    paths = {"/calendar-apeluri-de-finantare/": "calendar.html"}
