"""The essay as a draft that the model verifies."""
