"""What is asked: lookups become a frozen predicate, and a predicate becomes what is needed."""
