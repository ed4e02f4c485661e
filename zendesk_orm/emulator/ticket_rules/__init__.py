"""The predefined rules of tickets, and changes of tickets that follow from others."""
