"""Support for tests of any framework: isolated emulators, and assertions about requests."""
