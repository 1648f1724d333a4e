"""What a run was asked for is rebuilt from its identity in one way, complete."""

from herd_engine.scenarios.identity import canonical_json, payload_of, run_identity
from herd_engine.scenarios.schema import complete


def test_what_a_run_was_asked_for_comes_back_with_every_default() -> None:
    asked = {"seed": 7, "horizon_months": 12, "model": {"culling_intensity": 1.5}}
    config = canonical_json(run_identity(asked, "0" * 64, "1.0", "philox")).decode()

    found = payload_of(config)

    assert found == complete(asked)
    assert (found["seed"], found["horizon_months"], found["mc_runs"]) == (7, 12, complete({})["mc_runs"])
    assert found["model"]["culling_intensity"] == 1.5


def test_a_run_that_is_asked_for_again_is_the_same_run() -> None:
    asked = {"mode": "empirical", "until_stable": True, "mc_runs": 500, "dataset_id": "a"}
    identity = run_identity(asked, "0" * 64, "1.0", "philox")

    assert run_identity(payload_of(canonical_json(identity).decode()), "0" * 64, "1.0", "philox") == identity
