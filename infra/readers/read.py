"""Reads a lake with DuckDB, pyarrow and Spark and prints what each saw as JSON.

Of every column of every table: its type by one set of names, how many rows and values it
has, and a sum that moves if a value does: numbers themselves, timestamps modulo 1000 s in
microseconds, strings and binaries by their bytes, lists by their lengths.

    python read.py LAKE  →  {"duckdb": {"glucose": {"mgdl": {"type": "double", "rows": 3, "values": 3, "sum": 412.0}}}}
"""

import json
import os
import sys

import duckdb
import pyarrow.compute as pc
import pyarrow.dataset as ds
import pyarrow.types as pt
from pyspark.sql import SparkSession
from pyspark.sql import functions as F

MICROS = 1_000_000_000


def tables(lake):
    return sorted(t for t in os.listdir(lake) if not t.startswith("_"))


def number(value):
    return 0 if value is None else float(value)


def read_duckdb(lake, table):
    db = duckdb.connect()
    db.execute("set timezone = 'UTC'")
    source = f"read_parquet('{lake}/{table}/*/*.parquet', hive_partitioning = false, union_by_name = true)"
    names = {
        "VARCHAR": ("string", "strlen({})"),
        "BLOB": ("binary", "octet_length({})"),
        "DOUBLE": ("double", "{}"),
        "BIGINT": ("long", "{}"),
        "INTEGER": ("int", "{}"),
        "BOOLEAN": ("bool", "{}::int"),
        "TIMESTAMP WITH TIME ZONE": ("timestamp[us, UTC]", f"epoch_us({{}}) % {MICROS}"),
    }
    seen = {}
    for column, kind, *_ in db.execute(f"describe from {source}").fetchall():
        name, measure = ("list", "len({})") if kind.endswith("[]") else names[kind]
        quoted = f'"{column}"'
        rows, values, total = db.execute(
            f"select count(*), count({quoted}), sum({measure.format(quoted)}) from {source}"
        ).fetchone()
        seen[column] = {"type": name, "rows": rows, "values": values, "sum": number(total)}
    return seen


def arrow_measure(kind, column):
    if pt.is_string(kind) or pt.is_large_string(kind):
        return "string", pc.binary_length(column)
    if pt.is_binary(kind) or pt.is_large_binary(kind):
        return "binary", pc.binary_length(column)
    if pt.is_boolean(kind):
        return "bool", column.cast("int64")
    if pt.is_timestamp(kind):
        micros = column.cast("int64")
        rest = pc.subtract(micros, pc.multiply(pc.divide(micros, MICROS), MICROS))
        return f"timestamp[{kind.unit}, {kind.tz}]", rest
    if pt.is_list(kind):
        return "list", pc.list_value_length(column)
    return {"double": "double", "int64": "long", "int32": "int"}[str(kind)], column


def read_pyarrow(lake, table):
    data = ds.dataset(f"{lake}/{table}", format="parquet").to_table()
    seen = {}
    for field in data.schema:
        column = data[field.name]
        kind = field.type
        if pt.is_dictionary(kind):
            kind, column = kind.value_type, column.cast(kind.value_type)
        name, measure = arrow_measure(kind, column)
        seen[field.name] = {
            "type": name,
            "rows": len(column),
            "values": len(column) - column.null_count,
            "sum": number(pc.sum(measure).as_py()),
        }
    return seen


def read_spark(spark, lake, table):
    data = spark.read.option("mergeSchema", True).parquet(f"{lake}/{table}").drop("date")
    names = {
        "string": ("string", lambda c: F.octet_length(c)),
        "binary": ("binary", lambda c: F.octet_length(c)),
        "double": ("double", lambda c: F.col(c)),
        "bigint": ("long", lambda c: F.col(c)),
        "int": ("int", lambda c: F.col(c)),
        "boolean": ("bool", lambda c: F.col(c).cast("int")),
        "timestamp": ("timestamp[us, UTC]", lambda c: F.unix_micros(c) % MICROS),
    }
    columns, wanted = [], [F.count(F.lit(1))]
    for column, kind in data.dtypes:
        name, measure = ("list", F.size) if kind.startswith("array") else names[kind]
        columns.append((column, name))
        wanted += [F.count(column), F.sum(F.when(F.col(column).isNotNull(), measure(column)))]
    row = data.agg(*wanted).collect()[0]
    return {
        column: {"type": name, "rows": row[0], "values": row[1 + 2 * i], "sum": number(row[2 + 2 * i])}
        for i, (column, name) in enumerate(columns)
    }


def main(lake):
    os.environ["SPARK_LOCAL_IP"] = "127.0.0.1"
    spark = (
        SparkSession.builder.master("local[2]")
        .config("spark.ui.enabled", False)
        .config("spark.sql.session.timeZone", "UTC")
        .config("spark.sql.shuffle.partitions", 2)
        .config("spark.driver.bindAddress", "127.0.0.1")
        .config("spark.driver.host", "127.0.0.1")
        .config("spark.ui.showConsoleProgress", False)
        .getOrCreate()
    )
    spark.sparkContext.setLogLevel("ERROR")
    every = tables(lake)
    json.dump(
        {
            "duckdb": {t: read_duckdb(lake, t) for t in every},
            "pyarrow": {t: read_pyarrow(lake, t) for t in every},
            "spark": {t: read_spark(spark, lake, t) for t in every},
        },
        sys.stdout,
    )
    spark.stop()


main(sys.argv[1])
