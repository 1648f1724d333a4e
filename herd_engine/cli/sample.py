"""`herd sample`: a synthetic farm export of any size, and what is true of it."""

from pathlib import Path
from typing import Annotated

import typer

from herd_engine.cli.output import check_outputs, write_text
from herd_engine.cli.printing import print_paths
from herd_engine.errors import OutputError, ParameterError
from herd_engine.workbench.files import write_atomically, zipped
from herd_engine.workbench.samples import FORMS, Files, make_sample

_OUT = "File to write, such as herd.csv; a folder, or a .zip, for forms of several files."


def sample(  # noqa: PLR0913 - one argument an option
    output: Annotated[Path, typer.Argument(metavar="OUT", help=_OUT)],
    *,
    animals: Annotated[int, typer.Option(help="Animals on the farm, 10 to 1000000.")] = 1000,
    seed: Annotated[int, typer.Option(help="Same seed, same farm.")] = 1,
    problems: Annotated[
        bool, typer.Option("--problems", help="Put some of every known fault into it.")
    ] = False,
    sold_as: Annotated[
        str,
        typer.Option(
            metavar="WORD", help="Status of sold animals, without archive dates: a word to ask about."
        ),
    ] = "",
    earlier: Annotated[
        int,
        typer.Option(
            metavar="DAYS",
            help="Write the same farm's export of so many days before too, beside OUT (…-DAYS-days-before).",
        ),
    ] = 0,
    form: Annotated[
        str, typer.Option("--as", metavar="FORM", help=f"As which program writes it: {', '.join(FORMS)}.")
    ] = "own",
) -> None:
    """Write a synthetic, realistic export in the farm's format; the truth goes to OUT.truth.json."""
    if form not in FORMS:
        raise ParameterError("--as", form, f"be one of {', '.join(FORMS)}")
    if form != "own" and (problems or sold_as):
        raise ParameterError("--problems" if problems else "--sold-as", form, "go with the farm's own form")
    truth_path = output.with_name(output.name + ".truth.json")
    before = output.with_name(f"{output.stem}-{earlier}-days-before{output.suffix}")
    check_outputs(output, truth_path, *([before] if earlier else []))
    if output.exists() and not truth_path.exists():
        raise OutputError(str(output), "the file exists and is no sample; choose another name")
    chosen = FORMS[form]
    made = make_sample(
        animals=animals,
        seed=seed,
        problems=problems,
        with_events=chosen.has_events,
        sold_as=sold_as,
        earlier_days=earlier,
    )
    _write(output, chosen.write(made))
    write_text(truth_path, made.truth)
    if made.earlier is not None:
        _write(before, chosen.write(made.earlier))
    print_paths("Written:", *([before] if earlier else []), output, truth_path)


def _write(output: Path, files: Files) -> None:
    """Write one file, or several into a zip or a folder."""
    if output.suffix.lower() == ".zip":
        write_atomically(output, zipped(files))
    elif len(files) == 1:
        write_atomically(output, *files.values())
    else:
        output.mkdir(parents=True, exist_ok=True)
        for name, content in files.items():
            write_atomically(output / name, content)
