"""Sessions: rows are read, and each row is one object of a unit of work."""
