"""Who does the steps of many episodes: this process, or others."""
