"""Commands on this machine: models, doctor."""
