"""Whatever the bytes, the answer is a herd or one clear error."""

import io
import pickle
import zipfile

import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pyarrow import parquet

from herd_engine.datasets.herd_file import HerdFile, read_herd_bytes, read_herd_file
from herd_engine.errors import HerdDataError

HEADER = "animal_id;birth_date;lactation;status\n"


def zipped(files: dict[str, str]) -> bytes:
    data = io.BytesIO()
    with zipfile.ZipFile(data, "w") as archive:
        for name, text in files.items():
            archive.writestr(name, text)
    return data.getvalue()


def nested_parquet() -> bytes:
    data = io.BytesIO()
    column = pa.array([[1], [2]])
    parquet.write_table(pa.table(dict.fromkeys(HEADER.strip().split(";"), column)), data)
    return data.getvalue()


FILES = {
    "empty": (b"", "empty_file"),
    "blank": (b"\xef\xbb\xbf \n;;\n\n", "empty_file"),
    "header only": (HEADER.encode(), "no_rows"),
    "header without line end": (HEADER.strip().encode(), "no_rows"),
    "binary": (bytes(range(256)) * 10, "unknown_file_format"),
    "UTF-16 without mark": (HEADER.encode("utf-16-le"), "no_rows"),
    "old workbook": (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 600, "damaged_file"),
    "wide": (b";" * 100_000, "empty_file"),
    "too many columns": (b"a;" * 100_000, "unknown_file_format"),
    "long header": (b"x" * 100_000 + b"\n1\n", "missing_columns"),
    "header beyond any measure": (b"x" * 1_000_000 + b"\n1\n", "unknown_file_format"),
    "a web page": (b"<html><body>Not found</body></html>", "missing_columns"),
    "other archive": (zipped({"a.txt": "1"}), "missing_columns"),
    "cut workbook": (b"PK\x03\x04 and no more", "damaged_file"),
    "cut Parquet": (b"PAR1 and no more", "damaged_file"),
    "lists in Parquet": (nested_parquet(), "no_report_date"),
    "only malformed": ((HEADER + "1;2\n").encode(), "no_report_date"),
    "swallowing quote": ((HEADER + '1";"2;0;x\n3;4;0;x\n').encode(), "damaged_file"),
    "no dates": ((HEADER + "1;;0;heifer\n").encode(), "no_report_date"),
    "only sold": ((HEADER + "1;01.01.2024;0;sold\n").encode(), "no_animals_present"),
}


@pytest.mark.parametrize(("data", "code"), FILES.values(), ids=FILES)
def test_a_file_that_is_no_herd_is_refused_with_a_reason(data: bytes, code: str) -> None:
    with pytest.raises(HerdDataError, match=r"^junk\.csv: ") as caught:
        read_herd_bytes(data, "junk.csv")

    assert [issue.code for issue in caught.value.issues if issue.blocking][:1] == [code]
    assert "\n" not in str(caught.value)
    assert pickle.loads(pickle.dumps(caught.value)).issues == caught.value.issues  # noqa: S301 - our own bytes


def test_a_path_that_cannot_be_read_is_refused_in_one_line(tmp_path) -> None:
    for path in (tmp_path, tmp_path / "missing.csv", tmp_path / "a\0b"):
        with pytest.raises(HerdDataError, match="cannot be opened") as caught:
            read_herd_file(path)

        assert "\n" not in str(caught.value)
        assert [issue.code for issue in caught.value.issues] == ["file_unreadable"]


def test_a_very_long_cell_is_just_text() -> None:
    animal_id = "9" * 10_000_000
    file = read_herd_bytes((HEADER + f"{animal_id};01.01.2024;0;heifer\n").encode(), "farm.csv")

    assert file.herd.animal_ids.tolist() == [animal_id]


def herd_or_refusal(data: bytes) -> HerdFile | HerdDataError:
    try:
        return read_herd_bytes(data, "junk")
    except HerdDataError as error:
        return error


@settings(max_examples=300)
@given(
    start=st.sampled_from([b"", HEADER.encode(), b"\xff\xfe", b"\xef\xbb\xbf", b"PK\x03\x04", b"PAR1"]),
    junk=st.binary(max_size=300),
)
def test_random_bytes_give_a_herd_or_a_refusal(start: bytes, junk: bytes) -> None:
    assert isinstance(herd_or_refusal(start + junk), HerdFile | HerdDataError)


@settings(max_examples=300)
@given(rows=st.lists(st.text(alphabet='01239;".-\n,heifr ', max_size=40), max_size=8))
def test_random_rows_are_all_present_or_left_out_for_a_reason(rows: list[str]) -> None:
    good = "a;01.01.2024;0;heifer\n"
    file = herd_or_refusal((HEADER + good + "\n".join(rows)).encode())

    if isinstance(file, HerdFile):
        assert file.n_rows == file.herd.n_animals + sum(file.herd.excluded.values())
    else:
        assert any(issue.blocking for issue in file.issues)
