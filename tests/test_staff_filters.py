"""What staff do with filters: try an edit, get suggestions, evaluate against labels, take members' answers."""

import json
import mailbox
import subprocess
from collections.abc import Callable
from email.message import EmailMessage
from pathlib import Path

import pytest

from filters.answers import Answer, read_subject
from filters.evaluate import evaluate, total
from filters.labels import Ranking, read_labels
from filters.profile import files_of, read_filters
from pipeline.config import Config
from pipeline.exceptions import ConfigError
from tests.filters_samples import SOFTWARE, filters
from tests.world import vestitor

MEMBER = """member: alfa
name: Alfa SRL
language: ro
email: [oferte@alfa.example.org]
confirmed: true
rules:
  - name: Portaluri
    any: [portal]
    kinds: [tender]
  - name: Granturi
    any: [grant]
    kinds: [call]
"""
TITLES = {
    1: "Portalul comunei cu plata online",
    2: "Portal de turism cu plata online",
    3: "Portal intern cu plata online",
    4: "Registru agricol",
    5: "Mobilier școlar",
    6: "Asfaltare drum",
}
Run = Callable[..., str]


@pytest.fixture
def office(tmp_path: Path) -> Run:
    """An installation with one member and six opportunities; runs a command and gives what it said."""
    for name, text in (("interests/software.yaml", SOFTWARE), ("members/alfa.yaml", MEMBER)):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text(text, encoding="utf-8")
    config = "store: t.db\nfilters: {interests: interests, members: members}\n"
    (tmp_path / "config.yaml").write_text(config, encoding="utf-8")
    rows = [_row(number, title) for number, title in TITLES.items()]
    (tmp_path / "items.jsonl").write_text("\n".join(map(json.dumps, rows)), encoding="utf-8")
    read = Config.read(tmp_path / "config.yaml")

    def run(*command: str, code: int = 0) -> str:
        done = vestitor(read, *command)
        assert done.returncode == code, done.stdout + done.stderr
        return done.stdout + done.stderr

    run("import", str(tmp_path / "items.jsonl"))
    run("tag")
    return run


def _row(number: int, title: str) -> dict[str, str]:
    kind = "call" if number == 3 else "tender"
    return {"id": f"test:{number}", "source": "test", "ref": str(number), "kind": kind, "stage": "open",
            "title": title, "published": "2026-11-02"}  # fmt: skip


def test_a_trial_says_what_each_rule_brought(office: Run) -> None:
    said = office("try", "alfa")
    assert "2 of 6 in 365 days" in said
    assert "2 by “Portaluri”" in said
    assert "Rule “Granturi” found nothing" in said
    assert "Portal de turism" in said
    assert "0 of 0" in office("try", "alfa", "--since", "7d")


def test_an_edit_is_tried_before_it_is_saved(office: Run, tmp_path: Path) -> None:
    edited = tmp_path / "edited.yaml"
    edited.write_text(MEMBER.replace("[portal]", "[registru, comună]"), encoding="utf-8")
    said = office("try", "alfa", "--file", str(edited))
    assert "Against the saved file: 1 gained, 1 lost." in said
    assert "+ Registru agricol" in said
    assert "- Portal de turism" in said
    assert "2 matches" in office("matches", "--member", "alfa")


def test_a_broken_edit_is_refused_with_its_line(office: Run, tmp_path: Path) -> None:
    edited = tmp_path / "edited.yaml"
    edited.write_text(MEMBER.replace("kinds: [tender]", "kind: [tender]"), encoding="utf-8")
    assert "alfa.yaml:9: unknown key `kind`; did you mean `kinds`?" in office(
        "try", "alfa", "--file", str(edited), code=2
    )


def test_a_saved_edit_is_compared_with_the_version_in_force(office: Run, tmp_path: Path) -> None:
    (tmp_path / "members" / "alfa.yaml").write_text(MEMBER.replace("[portal]", "[turism]"), encoding="utf-8")
    assert "Against its last good version in force: 0 gained, 1 lost." in office("try", "alfa")


def test_a_committed_version_is_what_a_saved_edit_is_compared_with(office: Run, tmp_path: Path) -> None:
    for command in (["init", "-q"], ["add", "members"], ["commit", "-qm", "members"]):
        call = ["git", "-c", "user.name=t", "-c", "user.email=t@example.org", "-C", str(tmp_path), *command]
        subprocess.run(call, check=True, capture_output=True)
    (tmp_path / "members" / "alfa.yaml").write_text(MEMBER.replace("[portal]", "[portal, asfaltare]"), encoding="utf-8")
    said = office("try", "alfa")
    assert "Against its last committed version: 1 gained, 0 lost." in said
    assert "+ Asfaltare drum" in said


def test_why_not_names_the_fewest_conditions_in_plain_words(office: Run) -> None:
    said = office("explain", "alfa", "test:3", "--why-not")
    assert "alfa: does not match" in said
    assert "“Portaluri” would match if:\n  - `kinds` named call too (now: tender)." in said
    assert "Granturi" not in said.partition("“Portaluri”")[2].partition("would match")[0]
    assert "History" not in said
    assert "alfa: matches" in office("explain", "alfa", "test:2", "--why-not")


def test_check_measures_words_on_what_the_store_holds(office: Run, tmp_path: Path) -> None:
    assert "could not be judged: the store holds 6 opportunities yet" in office("check")
    rows = [_row(number, f"Turism {number}" if number % 3 else "Drum") for number in range(20, 44)]
    (tmp_path / "more.jsonl").write_text("\n".join(map(json.dumps, rows)), encoding="utf-8")
    office("import", str(tmp_path / "more.jsonl"))
    text = MEMBER.replace("[portal]", "[turism, turism rural]").replace(
        "any: [grant]", "any: [grant]\n    places: [RO, Cluj]"
    )
    (tmp_path / "members" / "alfa.yaml").write_text(text, encoding="utf-8")
    said = office("check")
    assert "alfa.yaml:8: `turism` stands in 17 of the newest 30 opportunities; put it under `title`" in said
    assert "alfa.yaml:8: `turism rural` adds nothing: `turism` finds all of it; remove it" in said
    assert "alfa.yaml:12: `RO113` adds nothing: `RO` holds all of it" in said
    assert "registru" not in said


def test_suggestions_name_near_misses_companions_and_silent_rules(office: Run) -> None:
    said = office("suggest", "alfa")
    assert "Rule “Granturi” found nothing in 365 days." in said
    assert "Portal intern cu plata online (test:3) would match “Portaluri” if kinds tender, but: call" in said


def test_labels_are_evaluated_beside_simpler_ways(office: Run, tmp_path: Path) -> None:
    given = {"test:1": {"alfa": "must"}, "test:4": {"alfa": "must"}, "test:2": {}, "gone:1": {"alfa": "ok"}}
    file = tmp_path / "labels.jsonl"
    file.write_text("\n".join(json.dumps({"id": id, "labels": by}) for id, by in given.items()), encoding="utf-8")
    said = office("evaluate", str(file))
    lines = {line.split("  ")[0]: line.split() for line in said.splitlines()}
    assert lines["alfa"][-6:] == ["2", "2", "0.50", "0.50", "0.50", "0.50"]
    assert lines["send all"][-6:-2] == ["2", "3", "1.00", "0.67"]
    assert {"over all", "CPV 72 and 48", "plain keywords", "BM25"} <= lines.keys()
    assert "1 labelled opportunity is not in the store." in said


def test_the_utility_over_all_is_the_mean_of_the_members() -> None:
    labels = {"a": {"m": "must", "n": "must"}, "b": {"m": "must"}, "c": {"n": "may"}}
    found = evaluate(labels, {"m": {"a", "b"}, "n": set()}, ["m", "n"])
    assert total("x", found).split()[-4:] == ["0.67", "1.00", "0.80", "0.67"]


def test_a_bad_label_is_named_with_its_line(tmp_path: Path) -> None:
    file = tmp_path / "labels.jsonl"
    file.write_text('{"id": "a", "labels": {"m": "must"}}\n{"id": "b", "labels": {"m": "yes"}}\n', encoding="utf-8")
    with pytest.raises(ConfigError, match=r"labels\.jsonl:2: .*must, ok or may"):
        read_labels(file)


def test_the_ranking_puts_rare_words_first() -> None:
    ranked = Ranking({"a": "portal web", "b": "portal portal portal", "c": "drum"})
    assert ranked.best(["web"], 1) == {"a"}
    assert ranked.best(["portal"], 1) == {"b"}


def test_what_is_not_relevant_is_gone_at_once_and_stays_gone(office: Run, tmp_path: Path) -> None:
    said = office("feedback", "alfa", "test:2", "not-relevant")
    assert "Proposal: without `portal` in “Portaluri”: 1 other of 2 would not have come" in said
    assert "1 match\n" in office("matches", "--member", "alfa")
    office("tag")
    assert "1 match\n" in office("matches", "--member", "alfa")
    assert (tmp_path / "members" / "alfa.yaml").read_text(encoding="utf-8") == MEMBER


def test_what_is_relevant_comes_though_no_rule_wants_it(office: Run) -> None:
    said = office("feedback", "alfa", "test:4", "relevant")
    assert "Proposal: “Portaluri” would have brought it if the rule found enough: it needs 4 points" in said
    office("tag")
    said = office("matches", "--member", "alfa")
    assert "3 matches" in said
    assert "marked as relevant" in said
    office("feedback", "alfa", "test:4", "not-relevant")
    office("tag")
    assert "2 matches" in office("matches", "--member", "alfa")


@pytest.mark.parametrize("form", ["mbox", "maildir"])
def test_replies_are_read_from_a_mailbox(office: Run, tmp_path: Path, form: str) -> None:
    path = tmp_path / form
    box = mailbox.mbox(path) if form == "mbox" else mailbox.Maildir(path)
    for subject in ("Re: not-relevant test:2 alfa", "Salut", "relevant test:4 alfa", "not-relevant test:9 alfa"):
        message = EmailMessage()
        message["Subject"] = subject
        box.add(message)
    box.flush()
    box.close()
    said = office("feedback", "--mailbox", str(path), code=1)
    assert "2 of 3 answers taken." in said
    assert "no opportunity `test:9`" in said
    office("tag")
    assert "2 matches" in office("matches", "--member", "alfa")


@pytest.mark.parametrize(
    ("subject", "answer"),
    [
        ("not-relevant ted:781905-2026 alfa", Answer("alfa", "ted:781905-2026", False)),
        ("RE: Fwd:  Not-Relevant eu_portal:HORIZON-X\r\n alfa", Answer("alfa", "eu_portal:HORIZON-X", False)),
        ("relevant seap:CN1 a-b", Answer("a-b", "seap:CN1", True)),
        ("not-relevant alfa", None),
        ("irrelevant ted:1 alfa", None),
    ],
)
def test_a_reply_is_read_by_its_subject(subject: str, answer: Answer | None) -> None:
    assert read_subject(subject) == answer


@pytest.mark.parametrize(
    ("rule", "member", "said"),
    [
        ("any: [portal]\nneeds: 9", "", "m.yaml:9: can never match: what it looks for brings 6 points at most"),
        ("any: [web]\nall: [portal]\nnone: [portal]", "", "`portal` is required and excluded"),
        ("any: [web]\nall: [portal]", "none: [portal]", "`portal` is required and excluded"),
        ("any: [web]", "none: [web]", "`web` is looked for here and excluded for all rules"),
        ("any: [web]\nonly: {cpv: [7221*]}\nnever: {cpv: [72*]}", "", "every `cpv` it asks for is under `never`"),
        ("any: [web]\nonly: {sources: [ted]}", "never: {sources: [ted]}", "all `sources` it asks for are under"),
    ],
)
def test_a_rule_that_can_never_match_is_refused(rule: str, member: str, said: str) -> None:
    assert said in "\n".join(map(str, filters(rule, member).errors))


@pytest.mark.parametrize(
    "rule", ["any: [portal]\nneeds: 6", "cpv: [72*]\nneeds: 10", "interests: [software]\nneeds: 20"]
)
def test_a_rule_that_can_match_is_not(rule: str) -> None:
    assert filters(rule).errors == ()


def test_one_unreadable_file_does_not_keep_the_others_out(tmp_path: Path) -> None:
    (tmp_path / "a.yaml").write_bytes(b"member: \xff\n")
    (tmp_path / "b.yaml").write_text(MEMBER, encoding="utf-8")
    loaded = read_filters(files_of(tmp_path, tmp_path / "none"))
    assert [member.member for member in loaded.members] == ["alfa"]
    assert [str(problem).partition("/a.yaml")[2] for problem in loaded.errors] == [
        ":1: is not UTF-8; save the file as UTF-8"
    ]
