"""Why a run failed, in the visitor's language."""

from widgets.texts import Texts


def run_reason(code: str | None, texts: Texts) -> str:
    """Return why a run failed, by the code that is kept with it; empty for a code that is not known."""
    return texts.get(f"run.reason.{code}", texts.get(f"error.{code}", ""))
