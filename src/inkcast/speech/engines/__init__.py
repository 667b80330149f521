"""What runs Whisper: CTranslate2 and openai-whisper behind one protocol."""
