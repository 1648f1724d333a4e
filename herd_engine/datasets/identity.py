"""Which dataset a herd file is: its bytes and how they were read."""

import hashlib

from herd_engine.datasets.contract.vocabulary import vocabulary
from herd_engine.model.answers import Answers
from herd_engine.scenarios.identity import sha256_of

FIRST_CONTRACT = "herd_export@1.0.0"


def file_sha256(data: bytes) -> str:
    """Return the hash of a file's bytes, as ``sha256sum`` prints it."""
    return hashlib.sha256(data).hexdigest()


def dataset_sha256(file_hash: str, answers: Answers) -> str:
    """Return the identity of a dataset; what is made of it is told apart by it.

    Parameters
    ----------
    file_hash : str
        SHA-256 of the bytes.
    answers : Answers
        What people said of them.

    Returns
    -------
    str
        64 hexadecimal digits. A file that nobody had to explain, read by the first contract, is identified
        by its bytes alone, as datasets were before answers were kept.
    """
    contract = answers.contract or vocabulary().contract.id
    if contract == FIRST_CONTRACT and not explained(answers):
        return file_hash
    return full_identity(file_hash, answers)


def full_identity(file_hash: str, answers: Answers) -> str:
    """Return the identity that names answers and contract also where there is nothing to tell."""
    contract = answers.contract or vocabulary().contract.id
    return sha256_of({"file_sha256": file_hash, "answers": explained(answers), "contract": contract})


def explained(answers: Answers) -> dict[str, object]:
    """Return what was answered, but for the contract."""
    return {name: value for name, value in answers.document().items() if name != "contract"}
