"""A `Request` goes out, a `Response` comes back; nothing here knows what a ticket is."""
