"""Audio files to samples, log-mel spectrograms and pauses."""
