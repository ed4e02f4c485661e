"""Rows as files and tables: Parquet, CSV, JSON lines, Arrow, pandas and polars."""
