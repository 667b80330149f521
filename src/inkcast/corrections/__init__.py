"""What a person says of a result: kept in a file of its own, and applied after every alignment."""
