"""What is wrong with a subtitle file."""
