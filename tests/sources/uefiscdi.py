"""uefiscdi.gov.ro on the loopback interface: one journal page per instrument. Facts: 2024; competitions invented."""

from __future__ import annotations

from ._site import Site


class UefiscdiServer(Site):
    """The three instruments."""

    name = "uefiscdi"
    paths = {
        "/proiect-experimental-demonstrativ": "ped.html",
        "/proiecte-complexe-realizate-in-consortii-cdi-pccdi": "pccdi.html",
        "/eea-grants-2021-2028": "eea.html",
    }
