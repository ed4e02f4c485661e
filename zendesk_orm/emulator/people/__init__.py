"""Users, organizations, groups and their memberships."""
