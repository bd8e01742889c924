"""adieuronest.ro on the loopback interface: one CSV with a byte order mark. Facts: 2026-09; rows invented."""

from __future__ import annotations

from ._site import Site


class AdiEuronestServer(Site):
    """The table of calls."""

    name = "adi_euronest"
    paths = {"/finantari.csv": "finantari.csv"}
