"""What `yikou` can do beyond serving: one file per command, wired in services/cli.py."""
