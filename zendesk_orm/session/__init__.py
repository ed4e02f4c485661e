"""One unit of work: pages come in, each row becomes one live object."""
