"""What pandas, polars and DuckDB for Python see of the Parquet, CSV and DuckDB files below a folder.

    clients.py FOLDER pandas|polars|duckdb

Prints JSON: the client's version, and of each file its rows and columns; of each column of a Parquet file or table how many
values are missing, how many different ones there are, and the least and greatest number.
"""
import json
import pathlib
import sys


def number(value):
    return None if value is None or value != value else float(value)


def with_pandas(parquet, csv):
    import pandas

    def table(path):
        frame = pandas.read_parquet(path)
        columns = []
        for name in frame.columns:
            column = frame[name]
            values = column.dropna()
            numeric = len(values) > 0 and (pandas.api.types.is_numeric_dtype(values) or type(values.iloc[0]).__name__ == "Decimal")
            numeric = numeric and not pandas.api.types.is_bool_dtype(values)
            columns.append({
                "name": name, "missing": int(column.isna().sum()), "different": int(values.nunique()),
                "least": number(values.min()) if numeric else None, "greatest": number(values.max()) if numeric else None,
            })
        return {"rows": len(frame), "columns": columns}

    def text(path):
        frame = pandas.read_csv(path, encoding="utf-8-sig", dtype=str, keep_default_na=False)
        return {"rows": len(frame), "columns": [{"name": name} for name in frame.columns]}

    return pandas.__version__, [(path, table) for path in parquet] + [(path, text) for path in csv]


def with_polars(parquet, csv):
    import polars

    def table(path):
        frame = polars.read_parquet(path)
        columns = []
        for name in frame.columns:
            column = frame[name]
            values = column.drop_nulls()
            numeric = column.dtype.is_numeric() and len(values) > 0
            columns.append({
                "name": name, "missing": column.null_count(), "different": values.n_unique(),
                "least": number(values.min()) if numeric else None, "greatest": number(values.max()) if numeric else None,
            })
        return {"rows": frame.height, "columns": columns}

    def text(path):
        frame = polars.read_csv(path, infer_schema=False)
        return {"rows": frame.height, "columns": [{"name": name} for name in frame.columns]}

    return polars.__version__, [(path, table) for path in parquet] + [(path, text) for path in csv]


def with_duckdb(files):
    import duckdb

    def tables(path):
        connection = duckdb.connect(str(path), read_only=True)
        found = []
        for schema, name in connection.execute(
            "select schema_name, table_name from duckdb_tables() where not internal order by all"
        ).fetchall():
            relation = f'"{schema}"."{name}"'
            described = connection.execute(f"describe {relation}").fetchall()
            columns = []
            rows = connection.execute(f"select count(*) from {relation}").fetchone()[0]
            for column, kind, *_ in described:
                quoted = '"' + column.replace('"', '""') + '"'
                numeric = kind.split("(")[0] in {"BIGINT", "INTEGER", "SMALLINT", "HUGEINT", "DOUBLE", "DECIMAL"}
                bounds = f"min({quoted})::double, max({quoted})::double" if numeric else "null, null"
                missing, different, least, greatest = connection.execute(
                    f"select count(*) - count({quoted}), count(distinct {quoted}), {bounds} from {relation}"
                ).fetchone()
                columns.append({"name": column, "missing": missing, "different": different, "least": least, "greatest": greatest})
            found.append({"table": f"{schema}.{name}", "rows": rows, "columns": columns})
        connection.close()
        return {"tables": found}

    return duckdb.__version__, [(path, tables) for path in files]


def main():
    folder, client = pathlib.Path(sys.argv[1]), sys.argv[2]
    files = {kind: sorted(folder.rglob("*." + kind)) for kind in ("parquet", "csv", "duckdb")}
    if client == "pandas":
        version, work = with_pandas(files["parquet"], files["csv"])
    elif client == "polars":
        version, work = with_polars(files["parquet"], files["csv"])
    else:
        version, work = with_duckdb(files["duckdb"])
    seen = [{"file": str(path.relative_to(folder)), **read(path)} for path, read in work]
    json.dump({"version": version, "files": seen}, sys.stdout)


main()
