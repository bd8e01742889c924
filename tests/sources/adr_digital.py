"""www.adr.gov.ro on the loopback interface: a listing and articles. Facts: addresses of 2026; articles invented."""

from __future__ import annotations

from ._site import Site


class AdrDigitalServer(Site):
    """The listing and its articles."""

    name = "adr_digital"
    paths = {
        "/articole": "articole.html",
        "/articole/lansarea-apelului-de-proiecte-pentru-gemeni-digitali-urbani": "apel.html",
        "/articole/conferinta-anuala-a-interoperabilitatii-europene": "conferinta.html",
    }
