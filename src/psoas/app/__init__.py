"""The practice: local pages, the sound of a session, and what they need."""
