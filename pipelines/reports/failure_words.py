"""Why a report could not be made, in its own language; what was said in English goes to the details."""

from herd_engine import errors
from herd_engine.errors import HerdDataError, HerdError
from herd_engine.i18n.catalogue import ENGLISH
from herd_engine.i18n.error_words import error_text
from herd_engine.i18n.wording import Wording
from pipelines.reports.manifest import ReportFailure

CODES = {
    name: kind.code
    for name, kind in vars(errors).items()
    if isinstance(kind, type) and issubclass(kind, HerdError)
}
"""A notebook tells the class of what stopped it."""


def failure_of(problem: HerdError, words: Wording, section: str) -> ReportFailure:
    """Return why a section of a report could not be made; of a herd file all that is wrong with it."""
    issues = problem.issues if isinstance(problem, HerdDataError) else ()
    message = " ".join(words.issue(issue) for issue in issues if issue.blocking)
    details = [words.issue(issue) for issue in issues]
    if not message and words.language == ENGLISH:
        message = str(problem)
    elif not message:
        message, details = error_text(problem, words), [str(problem), *details]
    return ReportFailure(code=problem.code, message=message, section=section, details="\n".join(details))


def in_words(failure: ReportFailure, words: Wording) -> ReportFailure:
    """Return a failure that a notebook, or its process, told in English in the words of its report."""
    if words.language == ENGLISH:
        return failure
    known = f"error.{CODES.get(failure.code)}", f"failure.{failure.code}"
    texts = [text for key in known if "{" not in (text := words.texts.get(key, "{"))]
    message = texts[0] if texts else words.text("failure.other", code=failure.code)
    details = "\n\n".join(filter(None, (failure.message, failure.details)))
    return failure.model_copy(update={"message": message, "details": details})
