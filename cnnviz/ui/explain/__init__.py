"""The look Explain: why a network says what it says, by every method at once."""
