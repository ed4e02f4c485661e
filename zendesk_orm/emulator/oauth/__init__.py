"""OAuth: clients, their tokens, and which requests a token allows.

`clients` and `tokens` hold the rows, `authorizations` and `grants` are the two endpoints of the
sign-in, `scopes` and `access` check every other request.

Sources:
    https://developer.zendesk.com/api-reference/ticketing/oauth/grant_type_tokens/
    https://support.zendesk.com/hc/en-us/articles/4408845965210
"""
