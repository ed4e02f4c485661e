"""How it will be asked: `Query` and `Api` give a `Plan`, or a refusal that explains itself."""
