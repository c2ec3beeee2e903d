from recommender import Recommender
from tests.services import Service
def test_it_answers(service: Service) -> None:
    assert service.get("/v1/related/storm").json()["items"][0]["id"] == "rain"
