"""What is sent to the pages of merging two children's records, where there is nothing to merge or to undo."""

from __future__ import annotations

from referrals.models import Child
from tests.factories.cast import Cast
from tests.factories.owner import as_owner
from tests.factories.referrals import another_child, open_case


def test_nothing_is_merged_without_another_child_nor_undone_without_a_merge(cast: Cast) -> None:
    case = open_case(cast)
    open_case(cast, child=another_child(1))
    with as_owner():
        page = f"/children/{Child.objects.get(pk=case.child_id).reference}/merge/"
    client = cast.client("coordinator")
    assert client.get(page).status_code == 200
    assert client.post(page, {"reason": "They are one"}).status_code == 404
    assert client.post(f"{page}undo/", {"reason": "They are two"}).status_code == 404
