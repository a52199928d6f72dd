"""What tests of delivery begin with."""

import pytest
from sqlalchemy import Engine

from tests.services.delivering import Post
from tests.storage.builders import add_cast, add_contract


@pytest.fixture
def post(engine: Engine) -> Post:
    """Three contracts of Ann's that are due, on a Tuesday at ten."""
    with engine.begin() as connection:
        ann, _ = add_cast(connection)
        for n in range(3):
            add_contract(connection, f"C-{n}", owner_id=ann, customer=f"Customer {n}")
    post = Post(engine)
    post.sweep()
    return post
