"""startupcafe.ro on the loopback interface: its RSS feed. Facts: 2023-2025; articles invented."""

from __future__ import annotations

from ._site import Site


class StartupCafeServer(Site):
    """The feed."""

    name = "startupcafe"
    paths = {"/feed": "feed.xml"}
