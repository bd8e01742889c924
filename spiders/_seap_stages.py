"""Where a SEAP notice is in its life: by the id of its state, else by the state's Romanian name. Pure.

The ids that clients have recorded are few (2026); the names carry the rest. What neither settles is not guessed.
"""

import re
from collections.abc import Mapping
from typing import Any

from pipeline.exceptions import UnreadableError
from pipeline.opportunity import Stage
from spiders._seap_values import without_diacritics

_PROCEDURE = {2: Stage.OPEN, 3: Stage.CANCELLED, 5: Stage.AWARDED}
"""sysProcedureState: in desfasurare, anulata, atribuita."""
_PUBLISHED = 2
"""sysNoticeState: publicat."""
_NAMES = (
    (r"suspend", Stage.SUSPENDED),
    (r"anulat|revocat|retras", Stage.CANCELLED),
    (r"atribuit", Stage.AWARDED),
    (r"incheiat|finalizat|inchis|expirat", Stage.CLOSED),
    (r"desfasurare|publicat", Stage.OPEN),
)


def procedure_stage(row: Mapping[str, Any]) -> Stage:
    """The stage of a contract notice; its name counts before its id, which says "in desfasurare" of suspended ones too.

    Raises UnreadableError for a state that neither settles.
    """
    notice = _stage(row.get("sysNoticeState"), {_PUBLISHED: Stage.OPEN}, "sysNoticeState")
    procedure = _stage(row.get("sysProcedureState"), _PROCEDURE, "sysProcedureState")
    return procedure if notice is Stage.OPEN else notice


def notice_stage(row: Mapping[str, Any]) -> Stage:
    """The stage of a notice without procedure (advertising, consultation); raises UnreadableError as above."""
    return _stage(row.get("sysNoticeState"), {_PUBLISHED: Stage.OPEN}, "sysNoticeState")


def _stage(state: Any, ids: Mapping[int, Stage], field: str) -> Stage:
    if not isinstance(state, dict):
        raise UnreadableError("missing-state", f"no {field}")
    name = without_diacritics(str(state.get("text") or ""))
    for pattern, stage in _NAMES:
        if re.search(pattern, name):
            return stage
    if isinstance(id := state.get("id"), int) and id in ids and not name:
        return ids[id]
    raise UnreadableError("unknown-state", f"{field} {id} {name or '(without a name)'}")
