"""Who speaks when: voices told apart by what they sound like."""
