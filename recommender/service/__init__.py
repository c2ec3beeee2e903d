"""The lookup over HTTP: `ymal serve`, or `python -m recommender.service`.

Needs what the extra `serve` names, and nothing of what trains. From the top: `__main__` (a command
line), `server` (processes, signals, logs), `app` (the routes), and what each of those uses.
"""
