"""Plans: the endpoint that answers a query, or the reasons why none can."""
