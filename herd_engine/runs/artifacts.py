"""What a run leaves behind, and how it proves itself.

=================  ============================================  ================
file               content                                       deterministic
=================  ============================================  ================
config.json        the scenario with defaults, seed, versions    yes
quality.json       what was remarkable about the herd file       yes
outputs.parquet    every number of the forecast, a row each      yes, its rows
draws.parquet      the counts of each of the first replicates    yes, its numbers
result.json        the forecast (``herd-forecast/2``)            yes, but for a name
runtime.json       seconds, workers, attempts                    no
run.log            what happened when                            no
manifest.json      all of these with size and SHA-256, last      no
=================  ============================================  ================
"""

import hashlib
import io
import json
from dataclasses import asdict, dataclass, replace
from typing import Any

import pyarrow as pa
from pyarrow import parquet

from herd_engine.exports.document import forecast_json
from herd_engine.model.draws import Draws
from herd_engine.model.forecast import STATISTICS, Forecast, Metric
from herd_engine.runs.draws_file import DRAWS, draws_parquet, draws_sha256
from herd_engine.scenarios.identity import canonical_json

MANIFEST_SCHEMA = "herd-manifest/1"
MANIFEST = "manifest.json"
UNITS = {Metric.AVG_DAYS_IN_MILK: "days"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Artifact:
    """One file of a run.

    Attributes
    ----------
    name, role : str
    data : bytes
    content_sha256 : str, optional
        What enters the run's content hash; None for files that differ between equal runs.
    """

    name: str
    role: str
    data: bytes
    content_sha256: str | None

    @property
    def sha256(self) -> str:
        """Hash of the bytes."""
        return sha256(self.data)


def sha256(data: bytes) -> str:
    """Return the SHA-256 of bytes as hexadecimal text."""
    return hashlib.sha256(data).hexdigest()


def forecast_artifacts(
    forecast: Forecast, draws: Draws, config: dict[str, Any], runtime: dict[str, Any], log: str
) -> list[Artifact]:
    """Return the files of a finished run but for the manifest.

    Parameters
    ----------
    forecast : Forecast
        Its ``timing`` is left out of ``result.json``, so that equal runs have equal bytes.
    draws : Draws
    config : dict
        What the run's hash is made of.
    runtime : dict
        Seconds, workers, attempts.
    log : str
    """
    rows = output_rows(forecast)
    quality = [asdict(issue) for issue in forecast.meta.quality]
    config_data, quality_data = canonical_json(config), canonical_json(quality)
    result = forecast_json(forecast).encode()
    nameless = replace(forecast, meta=replace(forecast.meta, dataset_name=""))
    outputs = io.BytesIO()
    parquet.write_table(pa.Table.from_pylist(rows), outputs, compression="zstd")
    return [
        Artifact(name="config.json", role="config", data=config_data, content_sha256=sha256(config_data)),
        Artifact(name="quality.json", role="quality", data=quality_data, content_sha256=sha256(quality_data)),
        Artifact(
            name="outputs.parquet",
            role="outputs",
            data=outputs.getvalue(),
            # Parquet writers change their bytes from version to version; the rows do not.
            content_sha256=sha256(canonical_json(rows)),
        ),
        Artifact(name=DRAWS, role="draws", data=draws_parquet(draws), content_sha256=draws_sha256(draws)),
        Artifact(
            name="result.json",
            role="result",
            data=result,
            # The herd file may have another name on another farm, or later; its hash is in the result.
            content_sha256=sha256(forecast_json(nameless).encode()),
        ),
        Artifact(name="runtime.json", role="runtime", data=_json(runtime), content_sha256=None),
        Artifact(name="run.log", role="log", data=log.encode(), content_sha256=None),
    ]


def output_rows(forecast: Forecast) -> list[dict[str, Any]]:
    """Return every number of a forecast as a row: metric, month, statistics, standard errors."""
    report_date = forecast.dates[0].isoformat()
    return [
        {
            "asof_date": report_date,
            "target_month": day.isoformat(),
            "horizon_months": point,
            "metric": metric.value,
            "unit": UNITS.get(metric, "head"),
            **{name: forecast.value(metric, name, point) for name in STATISTICS},
            **{f"mcse_{name}": forecast.value(metric, f"mcse_{name}", point) for name in STATISTICS},
        }
        for metric in Metric
        for point, day in enumerate(forecast.dates)
    ]


def content_hash(artifacts: list[Artifact]) -> str:
    """Return the hash of all deterministic contents: equal for equal runs, wherever they ran."""
    return sha256(canonical_json({a.name: a.content_sha256 for a in artifacts if a.content_sha256}))


def make_manifest(artifacts: list[Artifact], *, run_id: str, run_hash: str) -> Artifact:
    """Return the manifest of a run's files; the farm's ledger chains it to the one before."""
    document = {
        "schema": MANIFEST_SCHEMA,
        "run_id": run_id,
        "run_hash": run_hash,
        "content_hash": content_hash(artifacts),
        "artifacts": [
            {
                "name": artifact.name,
                "role": artifact.role,
                "size": len(artifact.data),
                "sha256": artifact.sha256,
                "deterministic": artifact.content_sha256 is not None,
            }
            for artifact in artifacts
        ],
    }
    return Artifact(name=MANIFEST, role="manifest", data=_json(document), content_sha256=None)


def _json(value: Any) -> bytes:
    return (json.dumps(value, ensure_ascii=False, allow_nan=False, indent=2) + "\n").encode()
