"""The parquet tables of a LeRobotDataset v3: frames, episodes and tasks. Knows arrow schemas, not folders.

pandas is not needed to write the tasks, only its schema metadata: without it LeRobot reads integers as task names.
"""

import json
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from robot_wm.data.features import AUTOMATIC, Feature


def frame_schema(features: Sequence[Feature]) -> pa.Schema:
    """One column for each feature that is not video: a plain number for shape (1,), else a fixed-size list."""
    fields = [pa.field(each.name, _arrow_type(each)) for each in features if not each.is_video]
    return pa.schema(fields + [pa.field(name, pa.type_for_alias(dtype)) for name, dtype in AUTOMATIC.items()])


def frame_table(schema: pa.Schema, columns: Mapping[str, np.ndarray]) -> pa.Table:
    """Arrays (T, ...) to a table."""
    return pa.Table.from_arrays([_to_arrow(columns[each.name], each.type) for each in schema], schema=schema)


def column(table: pa.Table, name: str, shape: tuple[int, ...]) -> np.ndarray:
    """Return one column as an array (N, *shape); the format leaves out the axis of shape (1,), it is restored."""
    values = table[name].combine_chunks()
    while pa.types.is_fixed_size_list(values.type) or pa.types.is_list(values.type):
        values = _elements(values)
    return values.to_numpy(zero_copy_only=False).reshape(table.num_rows, *shape)


def _elements(lists: pa.Array) -> pa.Array:
    """Return the concatenated elements of lists. `flatten` would first load all of arrow's compute functions."""
    if pa.types.is_fixed_size_list(lists.type) and len(lists.values) == len(lists) * lists.type.list_size:
        return lists.values
    return lists.flatten()


def read(path: Path) -> pa.Table:
    """Read a parquet file.

    `pq.read_table` would first load arrow's query engine, which takes longer than reading.
    """
    with pq.ParquetFile(path) as file:
        return file.read(use_threads=False)


def read_columns(paths: Sequence[Path], shapes: Mapping[str, tuple[int, ...]]) -> Iterator[tuple[str, np.ndarray]]:
    """Yield name and array (N, *shape) of columns over several files, one column at a time, to save memory."""
    with ExitStack() as opened:
        files = [opened.enter_context(pq.ParquetFile(path)) for path in paths]
        for name, shape in shapes.items():
            parts = [column(file.read([name], use_threads=False), name, shape) for file in files]
            yield name, np.concatenate(parts)


def write_tasks(path: Path, tasks: Sequence[str]) -> None:
    """meta/tasks.parquet: row i is task i; the text is the pandas index."""
    table = pa.table({"task_index": pa.array(range(len(tasks)), pa.int64()), "task": pa.array(tasks, pa.string())})
    path.parent.mkdir(parents=True, exist_ok=True)
    pq.write_table(table.replace_schema_metadata({"pandas": json.dumps(_PANDAS)}), path)


def read_tasks(path: Path) -> tuple[str, ...]:
    """Return the task texts by task index, for any row order and either of the two known column names."""
    table = read(path)
    name = "task" if "task" in table.column_names else "__index_level_0__"
    by_index = dict(zip(table["task_index"].to_pylist(), table[name].to_pylist(), strict=True))
    return tuple(by_index[k] for k in range(len(by_index)))


def write_episodes(path: Path, episodes: Sequence[Mapping[str, object]]) -> None:
    """meta/episodes: one row per episode."""
    path.parent.mkdir(parents=True, exist_ok=True)
    fields = [pa.field(name, _episode_type(name)) for name in episodes[0]]
    pq.write_table(pa.Table.from_pylist(list(map(dict, episodes)), schema=pa.schema(fields)), path)


def read_episodes(folder: Path) -> list[dict]:
    """Return all rows below meta/episodes, by episode index."""
    rows = [row for path in sorted(folder.glob("*/*.parquet")) for row in read(path).to_pylist()]
    return sorted(rows, key=lambda row: row["episode_index"])


def _episode_type(name: str) -> pa.DataType:
    if name == "tasks":
        return pa.list_(pa.string())
    return pa.float64() if name.endswith("_timestamp") else pa.int64()


def _arrow_type(feature: Feature) -> pa.DataType:
    scalar = pa.type_for_alias(feature.dtype)
    return scalar if feature.shape == (1,) else pa.list_(scalar, int(np.prod(feature.shape)))


def _to_arrow(values: np.ndarray, kind: pa.DataType) -> pa.Array:
    if pa.types.is_fixed_size_list(kind):
        return pa.FixedSizeListArray.from_arrays(pa.array(values.reshape(-1), kind.value_type), kind.list_size)
    return pa.array(values.reshape(-1), kind)


_PANDAS = {
    "index_columns": ["task"],
    "column_indexes": [
        {
            "name": None,
            "field_name": None,
            "pandas_type": "unicode",
            "numpy_type": "object",
            "metadata": {"encoding": "UTF-8"},
        }
    ],
    "columns": [
        {
            "name": "task_index",
            "field_name": "task_index",
            "pandas_type": "int64",
            "numpy_type": "int64",
            "metadata": None,
        },
        {"name": "task", "field_name": "task", "pandas_type": "unicode", "numpy_type": "object", "metadata": None},
    ],
    "creator": {"library": "pyarrow", "version": "26.0.1"},
    "pandas_version": "2.2.0",
}
