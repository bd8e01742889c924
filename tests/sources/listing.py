"""A site with neither feed nor WordPress, on the loopback interface: a listing of calls and the page of each.

The form is that of listings such as interreg-danube.eu/calls-for-proposals (addresses of 2026-08); all else invented.
"""

from __future__ import annotations

from ._site import Site


class ListingServer(Site):
    """A listing, two calls, one page about something else."""

    name = "listing"
    paths = {
        "/calls-for-proposals": "calls.html",
        "/calls-for-proposals/fourth-call": "fourth.html",
        "/calls-for-proposals/third-call": "third.html",
        "/calls-for-proposals/jobs": "jobs.html",
    }
