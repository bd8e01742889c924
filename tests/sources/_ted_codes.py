"""The code lists an expert query is checked against: eForms SDK 1.15 (notice-types.json), 2026-07-09."""

from __future__ import annotations

COUNTRY = r"[A-Z]{3}"

_SUBTYPES = {*map(str, range(1, 41)), *(f"E{number}" for number in range(1, 7)), "CEI", "T01", "T02", "X01", "X02"}
_FORMS = "bri change competition completion consultation cont-modif dir-awa-pre planning result"
_TYPES = (
    "brin-ecs brin-eeig can-desg can-modif can-social can-standard can-tran cn-desg cn-social cn-standard compl corr "
    "pin-buyer pin-cfc-social pin-cfc-standard pin-only pin-rtl pin-tran pmc qu-sy subco veat"
)

CODES: dict[str, set[str]] = {
    "form-type": set(_FORMS.split()),
    "notice-type": set(_TYPES.split()),
    "notice-subtype": _SUBTYPES,
    "contract-nature": {"combined", "services", "supplies", "works"},
}
