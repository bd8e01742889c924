"""eurekanetwork.org on the loopback interface: the `programmes` interface and the pages of its records.

Facts: route, fields and families as public clients saw them (2026-10); calls invented.
"""

from __future__ import annotations

from ._site import WordPressSite


class EurekaServer(WordPressSite):
    """Records and pages."""

    name = "eureka"
    route = "programmes"
    paths = {"/eurostars/sample-call-12/": "call-12.html", "/eureka-clusters/sample-cluster/": "cluster.html"}
