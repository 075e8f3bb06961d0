//! Cells equal an independent query in DuckDB.
