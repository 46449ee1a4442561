"""Table: one row a job, as Parquet and CSV."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any

from prometheus.batch.shelf import Shelf

if TYPE_CHECKING:
    import pyarrow as pa

PARQUET, CSV = "results.parquet", "results.csv"
COLUMNS = {
    "job": "string", "status": "string", "attempts": "int32", "world": "string", "brain": "string", "body": "string",
    "seed": "int64", "score": "float64", "survived": "bool", "predictions_hit_rate": "float64", "decisions": "int32",
    "sim_seconds": "float64", "wall_seconds": "float64", "cost_usd": "float64", "error": "string",
}  # fmt: skip
"""Names and Arrow types of the columns. `status` is "ok", "failed" or "limit"."""

Row = Mapping[str, Any]


def write_tables(shelf: Shelf, rows: Iterable[Row]) -> None:
    """Write `results.parquet` and `results.csv`, each whole or not at all; rows are sorted by what they ran.

    Raises:
        BatchError: they cannot be written.
    """
    ordered = sorted(rows, key=order)
    text = io.StringIO()
    writer = csv.DictWriter(text, list(COLUMNS), extrasaction="ignore", lineterminator="\n")
    writer.writeheader()
    writer.writerows(ordered)
    shelf.write(CSV, text.getvalue())
    shelf.write_bytes(PARQUET, _parquet(ordered))


def order(row: Row) -> tuple[Any, ...]:
    """Return what rows are sorted by: world, brain, body, seed, job."""
    return (row["world"], row["brain"], row["body"] or "", row["seed"], row["job"])


def _parquet(rows: list[Row]) -> bytes:
    import pyarrow as pa
    import pyarrow.parquet as pq

    types = {
        "string": pa.string(),
        "int32": pa.int32(),
        "int64": pa.int64(),
        "float64": pa.float64(),
        "bool": pa.bool_(),
    }
    schema: pa.Schema = pa.schema([(name, types[kind]) for name, kind in COLUMNS.items()])
    columns = {name: [row[name] for row in rows] for name in COLUMNS}
    data = io.BytesIO()
    pq.write_table(pa.table(columns, schema=schema), data)
    return data.getvalue()
