"""A forced aligner for any language that learns the narrator's sounds from the recording itself."""
