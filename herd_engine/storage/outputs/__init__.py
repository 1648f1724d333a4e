"""The outputs table: every number of every succeeded run, a row each, in Iceberg, read with DuckDB.

The table is an index. The truth of a run is its file ``outputs.parquet``; the table can be built again
from those files at any time. A row is in it once:

1. Publishing a run, in the database, leaves it *pending*.
2. Whoever holds ``writing_outputs`` appends pending runs in one commit, then marks them *indexed*. After a
   crash between the two, the next one sees the rows in the table and only marks.
3. A reader asks the database first: rows of indexed runs come from the table, rows of pending runs from
   their files. So a run is seen at once when it is published, and no longer when it is deleted.
4. Maintenance removes what belongs to no run any more, and merges small files.
"""
