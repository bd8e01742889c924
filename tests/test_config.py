"""config.yaml and every other YAML file: what is wrong is said with its line and what to write, in one run."""

import re
import time
from pathlib import Path
from typing import get_args

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import BaseModel

from filters.model import Member
from pipeline.config import Config
from pipeline.exceptions import ConfigError
from pipeline.yaml_file import MAX_BYTES, parse
from tests.world import ROOT, installation, ted_block

TED = "sources:\n  ted:\n    url: https://ted.europa.eu\n"
TED_BLOCK = ted_block("https://ted.europa.eu")
OPERATIONS = (ROOT / "docs" / "operations.md").read_text(encoding="utf-8")


def problems(text: str, folder: Path) -> str:
    """What is said about a config.yaml."""
    (folder / "config.yaml").write_text(text, encoding="utf-8")
    with pytest.raises(ConfigError) as error:
        Config.read(folder / "config.yaml")
    return str(error.value).replace(f"{folder}/", "")


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("sourcs: {}", "config.yaml:1: unknown key `sourcs`; did you mean `sources`?"),
        ("mail:\n  hots: x", "config.yaml:2: unknown key `hots`; did you mean `host`?"),
        ("mail:\n  password: x", "config.yaml:2: unknown key `password`; did you mean `password_file`?"),
        (TED + "    expekt: {min: 1}", "config.yaml:4: unknown key `expekt`; did you mean `expect`?"),
        (TED + "    expect:\n      mim: 1", "config.yaml:5: unknown key `mim`; did you mean `min`?"),
        (TED + "    scope:\n      cvp: [72]", "config.yaml:5: unknown key `cvp`; did you mean `cpv`?"),
        (TED + "    scope:\n      cpv: ['7']", "config.yaml:5: `sources.ted.scope.cpv.0`: write the digits CPV codes"),
        (TED + "    scope: {countries: [ro]}", "config.yaml:4: `sources.ted.scope.countries.0`: write a country as"),
        (TED + "    at: '10:45'", "config.yaml:4: `sources.ted.at`: write a list: [one, two], not `10:45`"),
        (TED + "    at: [10.45]", "write a time of day as HH:MM, such as 07:30, not `10.45`"),
        (TED + "    enabled: maybe", "config.yaml:4: `sources.ted.enabled`: write true or false, not `maybe`"),
        (TED + "    delay: fast", "config.yaml:4: `sources.ted.delay`: write a number such as 1.5, not `fast`"),
        (TED + "    delay: .inf", "config.yaml:4: `sources.ted.delay`: "),
        (TED + "    delay: inf", "config.yaml:4: `sources.ted.delay`: "),
        (TED + "    expect: {min: many}", "config.yaml:4: `sources.ted.expect.min`: write a whole number, not `many`"),
        (TED + "    timeout: 1", "write at least 10, not `1`"),
        ("sources:\n  Ted:\n    url: https://x.eu", "config.yaml:2: `sources.Ted`: write small letters, digits and _"),
        ("sources:\n  ted:", "config.yaml:2: `sources.ted`: is empty; write a value or remove the key"),
        ("sources:\n  ted: {}", "config.yaml:2: `url` is missing in `sources.ted`; add it"),
        ("sources: [ted]", "config.yaml:1: `sources`: write keys below it, each as `key: value`"),
        ("sources: {ted: {url: ted.europa.eu}}", "write a web address such as https://ted.europa.eu"),
        ("sources: {ted: {url: 'https://me:secret@x.eu'}}", "without user and password, not `https://...@x.eu`"),
        ("digest: {limit: 50}", "config.yaml:1: `digest.limit`: write at most 40, not `50`"),
        ("digest: {days: [monday]}", "write 'mon', 'tue', 'wed', 'thu', 'fri', 'sat' or 'sun', not `monday`"),
        ("digest: {closed: [24.12.2026]}", "`digest.closed.0`: write a day as 2026-12-24, or several as 2026-12-24 to"),
        ("digest: {closed: [2026-12-24 to 2026-12-20]}", "the last day comes before the first"),
        ("digest: {closed: [2026-02-30]}", "write a day as 2026-12-24"),
        ("digest: {volume: 0}", "write at least 1, not `0`"),
        ("mail: {security: ssl}", "write 'starttls', 'tls' or 'none', not `ssl`"),
        ("mail:\n  host: mail.example.net\n  user: me\n  security: none\n  from: a@example.net",
         "`mail`: `security: none` would send the password of `user` in clear to mail.example.net; "),
        ("mail: {unsubscribe: 'http://example.net/{token}'}", "the address of your endpoint with one {token}"),
        ("mail: {unsubscribe: 'https://example.net/u'}", "the address of your endpoint with one {token}"),
        ("mail: {unsubscribe: 'https://example.net/uă/{token}'}", "the address of your endpoint with one {token}"),
        ("mail: {unsubscribe: 'https://unsubscribe.example.net/oportunitati/membri/{token}'}",
         "with its token this is 76 characters; it may have 70: write a shorter one"),
        ("digest: {approval: true}", "digest.approval needs somebody who approves; write mail.staff: "),
        ("mail: {from: nobody}", "`mail.from`: write an e-mail address such as office@example.org"),
        ("name: a\nmail:\n  host: x.ro", "config.yaml:2: `mail`: `from` is still an example address"),
        ("timezone: Europe/Bucuresti", "write a time zone such as Europe/Bucharest"),
        ("name: [a]", "config.yaml:1: `name`: write one text, no list and no keys below it"),
        ("name:\nstore: x", "config.yaml:1: `name`: is empty; write a value or remove the key"),
        ("store: {}", "config.yaml:1: `store`: write a path"),
        ("- a\n- b", "config.yaml:1: write keys below it, each as `key: value`"),
        ("name: a\nname: b", "config.yaml:2: `name` stands twice, first in line 1"),
        ("mail:\n\tfrom: x", "config.yaml:2: is not YAML: found character '\\t' that cannot start any token; write s"),
        ("mail: &m {}", "config.yaml:1: anchors and aliases (& and *) are not used here; repeat it"),
        ("mail:\n  <<: *m", "config.yaml:2: is not YAML: found undefined alias 'm'; quote a text that begins"),
        ("name: !!str x", "config.yaml:1: tags (!) are not used here; remove it, or quote a text with !"),
        ("? [a]\n: b", "config.yaml:1: a key must be one word; is a colon or a quote out of place?"),
        ("name: it: cluster", "config.yaml:1: is not YAML: mapping values are not allowed here; quote a text"),
        ("store: x\nname: 'Cluster\nmail: {}", "config.yaml:2: is not YAML: found unexpected end of stream; a quote"),
        ("name: x\n---\nname: y", "config.yaml:2: is not YAML: expected a single document in the stream; remove"),
        ("name: a\0b", "config.yaml:1: holds a control character; remove it"),
        ("name: " + "[" * 3000, "config.yaml:1: is nested too deeply"),
        ("".join(" " * n + "a:\n" for n in range(400)), "is nested too deeply"),
    ],
)  # fmt: skip
def test_what_is_wrong_is_said_with_its_line_and_what_to_write(text: str, said: str, tmp_path: Path) -> None:
    started = time.monotonic()
    assert said in problems(text, tmp_path)
    assert time.monotonic() - started < 3


def test_every_problem_is_said_in_one_run_in_the_order_of_the_file(tmp_path: Path) -> None:
    said = problems("nmae: x\n" + TED + "    delay: x\n    at: y\ndigest: {limit: 0}\n", tmp_path)
    assert [int(line.split(":")[1]) for line in said.splitlines()] == [1, 5, 6, 7]


@pytest.mark.parametrize("text", ["", "# nothing but a comment\n", "---\n", "\ufeffname: Cluster\n"])
def test_an_empty_file_is_an_installation_with_all_defaults(text: str, tmp_path: Path) -> None:
    (tmp_path / "config.yaml").write_text(text, encoding="utf-8")
    assert Config.read(tmp_path / "config.yaml").timezone == "Europe/Bucharest"


def test_what_looks_like_another_type_stays_what_was_written(tmp_path: Path) -> None:
    (tmp_path / "config.yaml").write_text("name: NO\nstore: 012\ndigest: {at: [11:30]}\n")
    config = Config.read(tmp_path / "config.yaml")
    assert (config.name, config.store, config.digest.at) == ("NO", Path("012"), ("11:30",))


def test_a_file_that_cannot_be_read_as_text_is_refused(tmp_path: Path) -> None:
    file = tmp_path / "config.yaml"
    file.write_bytes("name: a\nstore: b\ncontact: Ș\n".encode("iso-8859-16"))
    with pytest.raises(ConfigError, match=r"config.yaml:3: is not UTF-8; save the file as UTF-8"):
        Config.read(file)
    file.write_text("#" * (MAX_BYTES + 1))
    with pytest.raises(ConfigError, match="is larger than 250,000 bytes; split it"):
        Config.read(file)
    with pytest.raises(ConfigError, match="cannot be read: Is a directory"):
        Config.read(tmp_path)


YAML = st.recursive(
    st.sampled_from(
        ["a", "'", '"', "&a", "*a", "!x", "%", "\t", "# ", "|", ">", "1e9", "~", "- ", "? ", "<<", "\\x", "ș", "\r"]
    ),
    lambda inner: st.one_of(
        st.builds("[{}, {}]".format, inner, inner),
        st.builds("{{k: {}}}".format, inner),
        st.builds("mail:\n  {}: {}\n".format, inner, inner),
        st.builds("sources:\n - {}\n{}".format, inner, inner),
    ),
)


@given(st.one_of(YAML, st.text(max_size=80), st.lists(st.sampled_from("[]{}:-,&*!|>'\"%@`?# \n\tab0")).map("".join)))
@settings(deadline=None, max_examples=300)
def test_any_text_is_read_or_refused_in_words(text: str) -> None:
    for model in (Config, Member):
        try:
            parse("x.yaml", text, model)
        except ConfigError as error:
            assert all(re.fullmatch(r"x\.yaml:\d+", problem.where) and problem.what for problem in error.problems)


@given(st.binary(max_size=60))
@settings(deadline=None, max_examples=100)
def test_any_bytes_are_read_or_refused_in_words(tmp_path_factory: pytest.TempPathFactory, raw: bytes) -> None:
    file = tmp_path_factory.getbasetemp() / "any.yaml"
    file.write_bytes(raw)
    try:
        Config.read(file)
    except ConfigError as error:
        assert error.problems


def test_two_files_in_two_places_are_two_installations(tmp_path: Path) -> None:
    for name in ("one", "two"):
        (tmp_path / name).mkdir()
        installation(tmp_path / name, TED_BLOCK, "mail: {outbox: out}")
    one, two = (Config.read(tmp_path / name / "config.yaml") for name in ("one", "two"))
    assert one.path(one.store) == tmp_path / "one" / "test.db"
    assert two.path(two.mail.outbox) == tmp_path / "two" / "out"


def test_the_password_is_never_in_the_file_and_its_own_file_is_for_its_owner_only(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    config = installation(tmp_path, TED_BLOCK, "mail: {password_file: secret}")
    with pytest.raises(ConfigError, match=r"mail.password_file .*secret is not there; create it, mode 0600"):
        config.password()
    (tmp_path / "secret").write_text("from the file\n")
    (tmp_path / "secret").chmod(0o644)
    with pytest.raises(ConfigError, match=r"others can read this secret; run: chmod 600"):
        config.password()
    (tmp_path / "secret").chmod(0o600)
    assert config.password() == "from the file"
    monkeypatch.setenv("VESTITOR_SMTP_PASSWORD", "from the environment")
    assert config.password() == "from the environment"


def keys(model: type[BaseModel], before: str = "") -> list[str]:
    """Every key of a configuration model, with dots."""
    found = []
    for name, field in model.model_fields.items():
        key = f"{before}{field.alias or name}"
        inner = [
            a
            for a in (field.annotation, *get_args(field.annotation))
            if isinstance(a, type) and issubclass(a, BaseModel)
        ]
        found += keys(inner[0], f"{key}." + ("NAME." if name == "sources" else "")) if inner else [key]
    return found


@pytest.mark.parametrize("key", keys(Config))
def test_every_key_is_in_the_operators_table(key: str) -> None:
    assert f"| `{key}` |" in OPERATIONS
