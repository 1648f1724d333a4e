"""`herd notebooks` copies the guide out and never writes over somebody's work."""

from pathlib import Path

from tests.herd_engine.cli.commands import Herd

NOTEBOOKS = Path(__file__).parents[3] / "notebooks"
FOLDERS = ("explore", "guide")


def test_all_are_copied_and_what_is_there_is_kept_and_told(herd: Herd, folder: Path) -> None:
    target = folder / "new" / "copies"
    first = herd("notebooks", target)
    mine = target / "guide" / "scenarios.ipynb"
    mine.write_text("mine")
    (target / "explore" / "fit_distributions.ipynb").unlink()

    again = herd("notebooks", target)

    copies = {path.relative_to(target): path.read_bytes() for path in target.rglob("*.*")}
    originals = [path for name in FOLDERS for path in (NOTEBOOKS / name).glob("*.*")]
    expected = {path.relative_to(NOTEBOOKS): path.read_bytes() for path in originals}
    assert copies == expected | {mine.relative_to(target): b"mine"}
    assert (first.code, again.code) == (0, 0)
    written, kept, _ = again.out.splitlines()
    assert written == f"Written: {target / 'explore' / 'fit_distributions.ipynb'}"
    assert kept.startswith("Kept as they were:")
    assert str(mine) in kept
    assert "Kept" not in first.out


def test_a_file_is_no_folder(herd: Herd, folder: Path) -> None:
    taken = folder / "taken"
    taken.write_text("mine")

    refused = herd("notebooks", taken)

    assert refused.code == 2
    assert "no such folder can be made" in refused.err
    assert taken.read_text() == "mine"
