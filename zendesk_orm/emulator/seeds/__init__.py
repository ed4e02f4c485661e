"""The first rows of an emulator."""
