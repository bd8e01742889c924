"""www.afir.ro on the loopback interface: Umbraco pages, 60 % menu. Facts: pages of 2026-08; sessions invented."""

from __future__ import annotations

from ._site import Site


class AfirServer(Site):
    """The listing and its announcements."""

    name = "afir"
    paths = {
        "/info-la-zi/": "info-la-zi.html",
        "/info-la-zi/sesiune-depunere-proiecte-dr-99-sate-inteligente/": "sesiune.html",
        "/info-la-zi/program-de-lucru-cu-publicul-decembrie/": "program.html",
    }
