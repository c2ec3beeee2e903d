"""Speed of our side compared with alternatives, in turn, with each result checked."""
