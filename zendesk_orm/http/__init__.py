"""HTTP: requests, responses, credentials, retries and limits; independent of the models."""
