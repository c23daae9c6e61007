"""Who asks: passwords, tokens, the secret key, users and what they may do."""
