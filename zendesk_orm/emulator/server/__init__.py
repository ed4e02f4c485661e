"""The WSGI application: requests are parsed, authenticated, routed and handled."""
