"""YAML is read as people read it, within bounds; what is wrong is told with its line."""

import time
from datetime import UTC, datetime
from pathlib import Path

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from herd_engine.errors import YamlError
from herd_engine.guarded_yaml import reader
from herd_engine.guarded_yaml.reader import MAX_BYTES, MAX_DEPTH, read_yaml, read_yaml_file

SECONDS = 2.0
"""Within which a bomb is refused."""


def values(text: str | bytes) -> object:
    return read_yaml(text if isinstance(text, bytes) else text.encode(), "test.yaml").values


def refusal(text: str | bytes) -> YamlError:
    begun = time.process_time()
    with pytest.raises(YamlError) as refused:
        values(text)
    assert time.process_time() - begun < SECONDS
    return refused.value


@pytest.fixture(params=["CSafeLoader", "SafeLoader"], autouse=True)
def loader(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """Read with the parser in C, and with the one that is there where it is not."""
    monkeypatch.setattr(reader, "_LOADER", getattr(yaml, request.param))


def test_the_parser_in_c_is_taken_where_it_is_there():
    assert yaml.__with_libyaml__  # of this environment
    assert getattr(yaml, "CSafeLoader") is not yaml.SafeLoader  # noqa: B009


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", None),
        ("a: ~\nb: null\nc:\n", {"a": None, "b": None, "c": None}),
        ("[1, -2, +3, 0, 1.5, 1e3, .5, 3.]", [1, -2, 3, 0, 1.5, 1000.0, 0.5, 3.0]),
        ("[true, False, TRUE]", [True, False, True]),
        ("[no, NO, yes, on, Off]", ["no", "NO", "yes", "on", "Off"]),  # YAML 1.1: false, false, true …
        ("{NO: OPEN, 1: MILKING, true: x}", {"NO": "OPEN", "1": "MILKING", "true": "x"}),
        ("[6:30, 1:30:00, 1_000, 0x1F]", ["6:30", "1:30:00", "1_000", "0x1F"]),  # YAML 1.1: 390, 5400 …
        ("['007', \"08\", 'true', '2026-02-30']", ["007", "08", "true", "2026-02-30"]),
        (
            "[2026-02-28, 2024-02-29, 2026-02-28T06:00:00Z]",
            ["2026-02-28", "2024-02-29", "2026-02-28T06:00:00Z"],
        ),
        ("!!str 5", "5"),
        ("text: |\n  one\n  two\n", {"text": "one\ntwo\n"}),
        ("\ufeffимя: ферма № 1\r\nсписок: [1]\r\n", {"имя": "ферма № 1", "список": [1]}),
        ("# only a remark", None),
        ("a: &x {b: 1}\nc: *x\nd: [*x, *x]\n", {"a": {"b": 1}, "c": {"b": 1}, "d": [{"b": 1}, {"b": 1}]}),
        ("base: &b {a: 1, c: 2}\nown: {<<: *b, c: 3}\n", {"base": {"a": 1, "c": 2}, "own": {"a": 1, "c": 3}}),
        (
            "x: &x {a: 1}\ny: &y {a: 2, b: 2}\nown: {c: 3, <<: [*x, *y]}\n",  # the first of several counts
            {"x": {"a": 1}, "y": {"a": 2, "b": 2}, "own": {"a": 1, "b": 2, "c": 3}},
        ),
        ('"<<": 1', {"<<": 1}),
    ],
)
def test_what_is_written_is_what_is_read(text, expected):
    assert values(text) == expected


def test_a_file_of_windows_is_read():
    assert values("имя: ферма".encode("utf-16")) == {"имя": "ферма"}


@pytest.mark.parametrize(
    ("text", "line", "says"),
    [
        ("a: 1\nday: 2026-02-30\n", 2, "2026-02-30 is no day of the calendar"),
        ("day: 2026-02-28T25:00:00", 1, "no time of a day"),
        ("a: 1\nb: 2\na: 3\n", 3, "`a` stands here a second time, after line 1"),
        ("a: &x [1, *x]\n", 1, "`*x` contains itself"),
        ("a: &x\n  b:\n    c: *x\n", 3, "`*x` contains itself"),
        ("a: *x\n", 1, "`*x` is the name of nothing above it"),
        ("a: 010", 1, 'may be a number or a text: write 10 or "010"'),
        ("id: 12345678901234567890", 1, "is too long for a number; quotes make it a text"),
        ("a: .inf", 1, "no number that can be used"),
        ("a: .nan", 1, "no number that can be used"),
        ("a: 1e999", 1, "no number that can be used"),
        ("a: 1\n---\nb: 2\n", 2, "a second document begins"),
        ("a: !!python/object/apply:os.system [ls]\n", 1, "is not understood here"),
        ("a: !!binary aGk=\n", 1, "is not understood here"),
        ("a: 1\nb: [1, 2\nc: 3\n", 3, "expected"),
        ("a: 1\n\tb: 2\n", 2, "character"),
        ("a: 1\n? [x]\n: 2\n", 2, "a name must be a text"),
        ("<<: 1\n", 1, "`<<` takes named values"),
        ("a: 1\nb: \x01\n", 2, "control characters"),
        (b"\x00\x05\x16\x07", 1, "control characters"),
        ("a: 1\nимя: ферма\n".encode("cp1251"), 2, "no UTF-8; save the file as UTF-8"),
        (b"\xff\xfea", 0, "no UTF-8"),
        ("[" * 100_000, 1, f"nested more than {MAX_DEPTH} deep"),
        ("".join(f"{' ' * i}a:\n" for i in range(100)), MAX_DEPTH + 1, f"nested more than {MAX_DEPTH} deep"),
        ("#" * (MAX_BYTES + 1), 0, "larger than 1,024 KiB"),
    ],
)  # fmt: skip
def test_what_cannot_be_read_is_refused_with_its_line(text, line, says):
    refused = refusal(text)

    assert says in str(refused)
    assert (refused.code, refused.line) == ("YAML_INVALID", line)
    assert str(refused).startswith("test.yaml")


def bomb(levels: int, first: str, level: str) -> str:
    lines = [f"a0: &a0 {first}"]
    lines += [f"a{i}: &a{i} " + level.replace("*", f"*a{i - 1}") for i in range(1, levels)]
    return "\n".join(lines)


TEN = ", ".join(["*"] * 10)


@pytest.mark.parametrize(
    "text",
    [
        bomb(7, "[lol]", f"[{TEN}]"),
        bomb(30, "[lol]", f"[{TEN}]"),
        bomb(9, "{x: y}", "{" + ", ".join(f"k{i}: *" for i in range(10)) + "}"),
        bomb(30, "{x: y}", f"{{<<: [{TEN}]}}"),
        f"a: &a {'x' * 500_000}\nb: [" + ", ".join(["*a"] * 50_000) + "]",  # a long text many times
        f"- &a {'x' * 30}\n" + "- *a\n" * 150_000,
    ],
    ids=["7 levels", "30 levels", "names", "merges", "text", "many"],
)
def test_an_alias_bomb_is_refused_at_once(text):
    assert "too much, once all its aliases are written out" in str(refusal(text))


def test_the_line_of_every_value_is_known():
    document = read_yaml(b"name: a\nfarms:\n  files: x\nreports:\n- report: q\n- {report: r}\n", "plan.yaml")

    assert document.line(("farms", "files")) == 3
    assert document.line(("reports", 1, "report")) == 6
    assert document.line(("farms", "nowhere", "at all")) == 2
    assert document.line(()) == 1


def test_a_file_that_is_not_there_or_is_none_is_told(tmp_path: Path):
    with pytest.raises(YamlError, match="there is no such file"):
        read_yaml_file(tmp_path / "none.yaml")
    with pytest.raises(YamlError, match="it is no file"):
        read_yaml_file(tmp_path)
    (tmp_path / "a.yaml").write_text("a: 1")
    assert read_yaml_file(tmp_path / "a.yaml").values == {"a": 1}


TEXTS = st.text(st.characters(exclude_categories=["C"], exclude_characters="\x85\u2028\u2029"))
"""Line ends of Unicode are written by PyYAML in a way that the parser in C reads as spaces."""
PLAIN = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(10**17), 10**17)
    | TEXTS
    | st.floats(allow_nan=False, allow_infinity=False),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(TEXTS, inner, max_size=4),
    max_leaves=12,
)  # fmt: skip


@settings(deadline=None)
@given(PLAIN)
def test_plain_data_that_another_program_wrote_comes_back(data):
    assert values(yaml.safe_dump(data, allow_unicode=True)) == data


@settings(deadline=None)
@given(st.text(alphabet="ab:-[]{},*&!<> \n\t'\"|>#%?~0129.", max_size=60))
def test_whatever_is_written_is_read_or_refused_by_us(text):
    try:
        values(text)
    except YamlError as error:
        assert error.reason  # noqa: PT017


def test_moments_are_those_of_the_calendar_of_python():
    assert datetime.fromisoformat(str(values("2026-02-28T06:00:00+03:00"))).astimezone(UTC).hour == 3
