"""`herd down`: end what `herd up` has started."""

from herd_engine.cli.options import Home
from herd_engine.cli.printing import out
from herd_engine.operations.supervision_file import end_supervisor
from herd_engine.workbench.home import StoreSettings


def down(*, home: Home = None) -> None:
    """End everything that `herd up` has started; runs that were being executed are queued again."""
    settings = StoreSettings.from_environment(home)
    report = end_supervisor(settings.home)
    if report is None:
        out.print(f"Nothing is running for {settings.home}.", soft_wrap=True)
    else:
        out.print(f"Ended process {report.pid}: {', '.join(part.name for part in report.parts)}.")
