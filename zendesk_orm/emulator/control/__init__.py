"""Control of an emulator: clock, snapshots, files of rows, factories, and requests for them."""
