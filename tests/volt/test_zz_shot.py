import re, pathlib
from tests.dashboards.samples import import_sample
from tests.dashboards.test_pages import SAMPLE_PERIOD, PAGE, PUBLISHED, LATER
from tests.volt.test_pages import *
from dashboards.services import publish_figures
from django.core.management import call_command
import io
def test_shot(cast):
    import_sample(cast)
    call_command("load_population", "--partnership", "anytown", stdout=io.StringIO())
    with acting_as(cast["system"]): publish_figures(by=cast["system"], at=LATER)
    first, second, location = two_cases_at_one_place(cast)
    out = pathlib.Path("/tmp/shots"); out.mkdir(exist_ok=True)
    c = cast.client("coordinator")
    pages = {"dash": c.get(PAGE, SAMPLE_PERIOD), "board": cast.client("board").get(PUBLISHED), "list": c.get(LIST+"?kind=location"), "record": c.get(page_of(location.reference)),
      "new": c.get(new("person")+"?case="+first.reference), "newerr": c.post(new("person")+"?case="+first.reference, {"case": first.reference}), "link": c.get(LINK+"?a="+first.reference), "shared": c.get(SHARED), "mentions": c.get(reverse("volt:mentions", args=[first.referrals.get().reference]) if False else LIST)}
    with acting_as(cast["coordinator"]):
        ref = first.referrals.get().reference
    pages["mentions"] = c.get(reverse("volt:mentions", args=[ref]))
    for n, r in pages.items():
        (out/f"{n}.html").write_bytes(r.content)
        print(n, r.status_code, len(r.content))
