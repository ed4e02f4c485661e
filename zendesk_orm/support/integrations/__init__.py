"""Assets, channels, targets, NPS and connections to other services."""
