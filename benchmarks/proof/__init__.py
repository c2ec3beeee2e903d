"""Peers, really run: recommenders of others in the replay, beside ours, and docs/peers.md."""
