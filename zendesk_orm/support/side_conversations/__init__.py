"""Side conversations of tickets, with their events and files."""
