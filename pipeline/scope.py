"""What of a source is kept. Pure."""

from pipeline.config import Scope
from pipeline.opportunity import Opportunity


def in_scope(opportunity: Opportunity, scope: Scope) -> bool:
    """Whether it is kept: in a wanted stage, and by a buyer of a wanted country or with a wanted CPV code."""
    if opportunity.stage not in scope.stages:
        return False
    countries = set(scope.countries)
    ours = opportunity.buyer is not None and opportunity.buyer.country in countries
    return ours or not countries.isdisjoint(opportunity.countries) or _wanted_cpv(opportunity.cpv, scope.cpv)


def _wanted_cpv(codes: tuple[str, ...], branches: tuple[str, ...]) -> bool:
    starts = tuple("" if branch == "*" else branch[:2] + branch[2:].rstrip("0") for branch in branches)
    return any(code.startswith(starts) for code in codes)
