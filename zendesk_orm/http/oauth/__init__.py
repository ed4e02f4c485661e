"""OAuth: sign in at Zendesk, and renew access tokens before they expire.

Start with `grants` (how a program signs in); `renewal` decides when a token is renewed,
`endpoint` talks to Zendesk, `stores` keep tokens between requests and between processes.

Source: https://developer.zendesk.com/api-reference/ticketing/oauth/grant_type_tokens/
"""
