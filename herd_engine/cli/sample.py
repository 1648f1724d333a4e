"""`herd sample`: a synthetic farm export of any size, and what is true of it."""

from pathlib import Path
from typing import Annotated

import typer

from herd_engine.cli.output import check_outputs, write_text
from herd_engine.cli.printing import print_paths
from herd_engine.datasets.sample import make_sample
from herd_engine.errors import OutputError
from herd_engine.runs.exports.atomic_write import write_atomically


def sample(
    output: Annotated[Path, typer.Argument(metavar="OUT", help="File to write, such as herd.csv.")],
    *,
    animals: Annotated[int, typer.Option(help="Animals on the farm, 10 to 1000000.")] = 1000,
    seed: Annotated[int, typer.Option(help="Same seed, same farm.")] = 1,
    problems: Annotated[
        bool, typer.Option("--problems", help="Put some of every known fault into it.")
    ] = False,
) -> None:
    """Write a synthetic but realistic export in the farm's format; the truth goes to OUT.truth.json."""
    truth_path = output.with_name(output.name + ".truth.json")
    check_outputs(output, truth_path)
    if output.exists() and not truth_path.exists():
        raise OutputError(str(output), "the file exists and is no sample; choose another name")
    made = make_sample(animals=animals, seed=seed, problems=problems)
    write_atomically(output, made.csv)
    write_text(truth_path, made.truth)
    print_paths("Written:", output, truth_path)
