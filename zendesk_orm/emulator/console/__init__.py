"""The console: pages for a browser that show an emulator and control it."""
