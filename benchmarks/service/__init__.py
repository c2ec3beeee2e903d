"""Load and faults of the HTTP service; small forms run as tests (`tests/faults/test_service.py`).

Load comes from wrk, which the system must have; its scripts lie here.
"""
