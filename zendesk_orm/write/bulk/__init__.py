"""Bulk operations: any number of objects, a hundred to a request, one outcome for each."""
