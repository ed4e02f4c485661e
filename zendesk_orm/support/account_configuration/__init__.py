"""Settings of the account, brands, locales and roles."""
