"""Draws as a file: a column a count, rows by date, then by replicate."""

import hashlib
import io

import numpy as np
import pyarrow as pa
from pyarrow import parquet

from herd_engine.model.draws import Draws
from herd_engine.model.forecast import COUNT_COLUMNS
from herd_engine.scenarios.identity import canonical_json

DRAWS = "draws.parquet"
SUM = "days_in_milk_sum"


def draws_parquet(draws: Draws) -> bytes:
    """Return draws as Parquet.

    Numbers of one date are alike, so that a date's rows stand together, and split into their bytes they
    compress best: 36 months of a herd of 2,800 make 0.7 MB, written in some 10 ms.
    """
    n = draws.n_replicates
    table = pa.table(
        {
            "date": pa.array(np.repeat(np.array(draws.dates, "datetime64[D]"), n)),
            "replicate": np.tile(np.arange(n, dtype=np.int32), len(draws.dates)),
            **{name: draws.counts[:, :, i].T.ravel() for i, name in enumerate(COUNT_COLUMNS)},
            SUM: draws.days_in_milk_sum.T.ravel(),
        }
    )
    data = io.BytesIO()
    parquet.write_table(table, data, compression="zstd", use_dictionary=False, use_byte_stream_split=True)
    return data.getvalue()


def draws_from_parquet(data: bytes) -> Draws:
    """Return the draws that a file holds."""
    table = parquet.read_table(io.BytesIO(data))
    columns = {name: table[name].to_numpy() for name in table.column_names}
    n = int(columns["replicate"].max()) + 1
    shape = (-1, n)
    return Draws(
        dates=tuple(columns["date"][::n].astype("datetime64[D]").tolist()),
        counts=np.stack([columns[name].reshape(shape).T for name in COUNT_COLUMNS], axis=2),
        days_in_milk_sum=columns[SUM].reshape(shape).T,
    )


def draws_sha256(draws: Draws) -> str:
    """Return the hash of what draws are, whatever Parquet makes of them."""
    names = {"dates": [day.isoformat() for day in draws.dates], "columns": COUNT_COLUMNS}
    digest = hashlib.sha256(canonical_json(names))
    digest.update(draws.counts.astype("<i4").tobytes())
    digest.update(draws.days_in_milk_sum.astype("<i8").tobytes())
    return digest.hexdigest()
