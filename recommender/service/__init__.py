"""The lookup over HTTP: `ymal serve`, or `python -m recommender.service`.

It needs the extra `serve`, and none of the packages that training needs. From the top: `__main__`
(command line), `server` (processes, signals, logs), `app` (routes), and below them `operations`
(what each route takes and answers) and `parameters` (how requests are read).
"""
