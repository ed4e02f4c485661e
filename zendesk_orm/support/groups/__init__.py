"""Groups of agents and their memberships."""
