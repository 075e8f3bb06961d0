"""What the queries share: views over a folder of raw Parquet files, and answers as JSON.

The queries answer the same questions as the studies under examples/, in another language and from
what the study files mean. Nothing here knows how Cloister counts.
"""

import json
import sys

import duckdb


def connect(folder, tables):
    """A database with one view per table; the folder's files are read in place."""
    database = duckdb.connect()
    for table in tables:
        database.read_parquet(f"{folder}/{table}.parquet").create_view(table)
    return database


def bands(edges):
    """A SQL list of (label, low, high): each band holds its lower edge and not its upper one."""
    rows = (f"('[{low}, {high})', {low}, {high})" for low, high in zip(edges, edges[1:]))
    return ", ".join(rows)


def cells(database, output, query, dimensions):
    """The cells of one output: `query` gives the dimensions first, then numbers by name.

    A dimension that a total sums over is null there, and absent from the answer.
    """
    rows = database.execute(query)
    names = [column[0] for column in rows.description]
    for row in rows.fetchall():
        found = dict(zip(names, row))
        labels = {name: found.pop(name) for name in dimensions}
        yield {
            "output": output,
            "cell": {name: label for name, label in labels.items() if label is not None},
            **found,
        }


def answer(outputs):
    """Prints all cells as one JSON document."""
    json.dump({"cells": [cell for output in outputs for cell in output]}, sys.stdout, indent=1)
