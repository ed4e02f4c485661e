"""What an account has of its own, as code: written down, and compared with what was written."""
