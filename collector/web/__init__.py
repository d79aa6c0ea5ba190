"""The portal's pages about collecting: runs, and the quality of what they brought."""
